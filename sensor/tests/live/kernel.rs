//! Calls that change what the kernel is, or what a process can reach in it.

use std::{path::Path, process::Command};

use crate::support::{Assembly, Event, Kept, Place, Sensor, call, run, want};

/// Runs a program and waits for all that it caused; gives its pid.
fn watched(sensor: &mut Sensor, mut program: Assembly) -> u32 {
    let place = Place::new();
    program.exit(0);
    let ended = run(&mut Command::new(place.program("caller", &program)));
    sensor.fence();
    ended.pid
}

/// The one event of a kind; `None` if this kernel has no such call.
fn of(sensor: &Sensor, kind: &str, pid: u32) -> Option<Event> {
    let found = sensor.all(&want! { "evt.type" => kind, "proc.pid" => pid });
    if found.is_empty() {
        let events = Path::new("/sys/kernel/tracing/events/syscalls");
        assert!(events.is_dir() && !events.join(format!("sys_exit_{kind}")).exists(), "no {kind}");
        println!("skipped: this kernel has no {kind}");
        return None;
    }
    Some(sensor.one(&want! { "evt.type" => kind, "proc.pid" => pid }))
}

#[test]
fn namespaces_left_and_entered_are_named() {
    let mut sensor = Sensor::events(&[]);
    let mut program = Assembly::default();
    program.must(call::UNSHARE, &[0x0c00_0000.into()]);
    program.call(call::SETNS, &[(-1).into(), 0x2002_0000.into()]);
    let pid = watched(&mut sensor, program);
    of(&sensor, "unshare", pid).unwrap().is(&want! {
        "evt.arg.flags" => "CLONE_NEWIPC|CLONE_NEWUTS", "evt.res" => "SUCCESS", "evt.category" => "system",
    });
    of(&sensor, "setns", pid).unwrap().is(&want! {
        "evt.arg.nstype" => "CLONE_NEWNS|CLONE_NEWPID", "evt.res" => "EBADF", "evt.arg.fd" => -1,
    });
}

#[test]
fn modules_are_seen_from_memory_and_from_files() {
    let mut sensor = Sensor::events(&[]);
    let mut program = Assembly::default();
    let parameters = program.string(b"debug=1");
    let image = program.string(b"no module");
    program.call(call::INIT_MODULE, &[image.into(), 9.into(), parameters.into()]);
    let shipped = Path::new("/lib/modules/overlay.ko");
    let place = Place::new();
    let file = if shipped.exists() { shipped.to_owned() } else { place.file("fake.ko", b"no module") };
    let path = program.string(file.to_str().unwrap().as_bytes());
    program.must(call::OPEN, &[path.into(), 0.into()]);
    program.keep();
    let none = program.string(b"");
    program.call(call::FINIT_MODULE, &[Kept.into(), none.into(), 1.into()]);
    let name = program.string(b"no_such_module");
    program.call(call::DELETE_MODULE, &[name.into(), 0o4000.into()]);
    let pid = watched(&mut sensor, program);
    if let Some(event) = of(&sensor, "init_module", pid) {
        event.is(&want! { "evt.failed" => true, "evt.arg.length" => 9, "evt.arg.uargs" => "debug=1", "fd.name" => () });
    }
    if let Some(event) = of(&sensor, "finit_module", pid) {
        event.is(&want! {
            "evt.arg.path" => file, "fd.name" => file, "evt.arg.flags" => "MODULE_INIT_IGNORE_MODVERSIONS",
        });
        assert!(event.number("evt.arg.fd") > 2, "{event}");
    }
    if let Some(event) = of(&sensor, "delete_module", pid) {
        event.is(&want! { "evt.res" => "ENOENT", "evt.arg.name" => "no_such_module", "evt.arg.flags" => "O_NONBLOCK" });
    }
}

#[test]
fn bpf_says_what_is_made_and_stays_silent_of_elements() {
    let mut sensor = Sensor::events(&[]);
    let mut program = Assembly::default();
    let mut map = [2_u32, 4, 8, 1, 0, 0, 0].map(u32::to_le_bytes).concat();
    map.extend(*b"vigie_live\0\0\0\0\0\0");
    map.resize(128, 0);
    let map = program.bytes(&map);
    // A program for a raw tracepoint with no instructions.
    let mut load = vec![0; 128];
    load[0] = 17;
    load[48..59].copy_from_slice(b"vigie_probe");
    let load = program.bytes(&load);
    program.must(call::BPF, &[0.into(), map.into(), 72.into()]);
    program.call(call::BPF, &[5.into(), load.into(), 128.into()]);
    // A look-up of an element.
    program.call(call::BPF, &[1.into(), load.into(), 128.into()]);
    let pid = watched(&mut sensor, program);
    let events = sensor.all(&want! { "evt.type" => "bpf", "proc.pid" => pid });
    let [made, refused] = &events[..] else { panic!("{events:?}") };
    made.is(&want! {
        "evt.arg.cmd" => "BPF_MAP_CREATE", "evt.arg.map_type" => "BPF_MAP_TYPE_ARRAY", "evt.arg.name" => "vigie_live",
        "evt.failed" => false, "evt.arg.prog_type" => (),
    });
    refused.is(&want! {
        "evt.arg.cmd" => "BPF_PROG_LOAD", "evt.arg.prog_type" => "BPF_PROG_TYPE_RAW_TRACEPOINT",
        "evt.arg.name" => "vigie_probe", "evt.failed" => true,
    });
}

#[test]
fn descriptors_of_the_kernels_own_making_are_seen() {
    let mut sensor = Sensor::events(&[]);
    let mut program = Assembly::default();
    program.call(call::USERFAULTFD, &[0o2_000_001.into()]);
    // A software clock of the caller: type 1, size 112, config 0.
    let mut clock = vec![0; 112];
    (clock[0], clock[4]) = (1, 112);
    let clock = program.bytes(&clock);
    program.call(call::PERF_EVENT_OPEN, &[clock.into(), 0.into(), (-1).into(), (-1).into(), 8.into()]);
    program.call(call::KEXEC_LOAD, &[0.into(), 99.into(), 0.into(), 1.into()]);
    let pid = watched(&mut sensor, program);
    if let Some(event) = of(&sensor, "userfaultfd", pid) {
        event.is(&want! { "evt.arg.flags" => "O_CLOEXEC|UFFD_USER_MODE_ONLY" });
    }
    of(&sensor, "perf_event_open", pid).unwrap().is(&want! {
        "evt.arg.type" => "PERF_TYPE_SOFTWARE", "evt.arg.config" => 0, "evt.arg.pid" => 0, "evt.arg.cpu" => -1,
        "evt.arg.group_fd" => -1, "evt.arg.flags" => 8,
    });
    if let Some(event) = of(&sensor, "kexec_load", pid) {
        event.is(
            &want! { "evt.failed" => true, "evt.arg.nr_segments" => 99, "evt.arg.flags" => "KEXEC_ON_CRASH" },
        );
    }
}
