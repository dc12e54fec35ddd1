//! What processes do to each other and to themselves.

use std::process::Command;

use crate::support::{Assembly, Ended, Kept, Living, Place, Sensor, busybox, call, run, want};

/// A pid that nothing has: above every limit.
const NOBODY: u32 = 0x3fff_ffff;

/// Runs a program and waits for all that it caused.
fn watched(sensor: &mut Sensor, place: &Place, name: &str, mut program: Assembly) -> Ended {
    program.exit(0);
    let ended = run(&mut Command::new(place.program(name, &program)));
    sensor.fence();
    ended
}

fn cat() -> Living {
    let mut command = Command::new(busybox());
    Living::start(command.arg("cat"))
}

#[test]
fn signals_say_whom_they_are_for() {
    let (place, mut sensor, target) = (Place::new(), Sensor::events(&[]), cat());
    let pid = target.pid();
    sensor.until(&want! { "evt.type" => "execve", "proc.pid" => pid });
    let mut program = Assembly::default();
    program.call(call::KILL, &[pid.into(), 0.into()]);
    program.call(call::KILL, &[NOBODY.into(), 9.into()]);
    program.call(call::TKILL, &[pid.into(), 18.into()]);
    program.call(call::TGKILL, &[pid.into(), pid.into(), 0.into()]);
    program.call(call::RT_SIGQUEUEINFO, &[pid.into(), 10.into(), 0.into()]);
    program.must(call::PIDFD_OPEN, &[pid.into(), 0.into()]);
    program.keep();
    program.call(call::PIDFD_SEND_SIGNAL, &[Kept.into(), 0.into(), 0.into(), 0.into()]);
    let ended = watched(&mut sensor, &place, "sender", program);
    let of = |kind: &str| want! { "evt.type" => kind, "proc.pid" => ended.pid };
    let name = busybox().file_name().unwrap().to_str().unwrap().to_owned();
    for (kind, signal, result) in [
        ("tkill", "SIGCONT", "SUCCESS"),
        ("tgkill", "0", "SUCCESS"),
        ("rt_sigqueueinfo", "SIGUSR1", "EFAULT"),
        ("pidfd_send_signal", "0", "SUCCESS"),
    ] {
        let event = sensor.one(&of(kind));
        event.is(&want! {
            "evt.res" => result, "evt.arg.sig" => signal, "vigie.target.pid" => pid, "vigie.target.name" => name,
            "vigie.target.exepath" => target.proc().link("exe"), "vigie.target.container.id" => "host",
        });
    }
    let kills = sensor.all(&of("kill"));
    let [found, missed] = &kills[..] else { panic!("{kills:?}") };
    found.is(&want! {
        "evt.res" => "SUCCESS", "evt.arg.pid" => pid, "evt.arg.sig" => "0", "vigie.target.pid" => pid,
        "vigie.target.cmdline" => format!("{name} cat"),
    });
    missed.is(&want! {
        "evt.res" => "ESRCH", "evt.arg.pid" => NOBODY, "evt.arg.sig" => "SIGKILL", "vigie.target.pid" => (),
    });
    assert!(target.release().success());
}

#[test]
fn a_killed_process_is_named_after_its_end() {
    let (place, mut sensor, target) = (Place::new(), Sensor::events(&[]), cat());
    let pid = target.pid();
    sensor.until(&want! { "evt.type" => "execve", "proc.pid" => pid });
    let mut program = Assembly::default();
    program.must(call::KILL, &[pid.into(), 9.into()]);
    let ended = watched(&mut sensor, &place, "killer", program);
    let kill = sensor.one(&want! { "evt.type" => "kill", "proc.pid" => ended.pid });
    kill.is(&want! { "vigie.target.pid" => pid, "evt.arg.sig" => "SIGKILL" });
    let exit = sensor.until(&want! { "evt.type" => "procexit", "proc.pid" => pid });
    exit.is(&want! { "evt.arg.sig" => "SIGKILL", "evt.arg.ret" => 0, "evt.arg.core" => 0 });
    drop(target);
}

#[test]
fn tracing_is_named_as_the_request_is() {
    let (place, mut sensor, target) = (Place::new(), Sensor::events(&[]), cat());
    let pid = target.pid();
    sensor.until(&want! { "evt.type" => "execve", "proc.pid" => pid });
    let mut program = Assembly::default();
    // TRACEME, SEIZE, a PEEKDATA that is not reported, ATTACH.
    program.call(call::PTRACE, &[0.into(), 0.into(), 0.into(), 0.into()]);
    program.call(call::PTRACE, &[0x4206.into(), pid.into(), 0.into(), 0.into()]);
    program.call(call::PTRACE, &[2.into(), pid.into(), 0.into(), 0.into()]);
    program.call(call::PTRACE, &[16.into(), NOBODY.into(), 0x10.into(), 0x20.into()]);
    let ended = watched(&mut sensor, &place, "tracer", program);
    let events = sensor.all(&want! { "evt.type" => "ptrace", "proc.pid" => ended.pid });
    let [trace_me, seize, attach] = &events[..] else { panic!("{events:?}") };
    trace_me.is(&want! { "evt.arg.request" => "PTRACE_TRACEME", "evt.res" => "SUCCESS", "evt.arg.pid" => 0 });
    seize.is(&want! {
        "evt.arg.request" => "PTRACE_SEIZE", "evt.res" => "SUCCESS", "evt.arg.pid" => pid, "vigie.target.pid" => pid,
    });
    attach.is(&want! {
        "evt.arg.request" => "PTRACE_ATTACH", "evt.res" => "ESRCH", "evt.arg.addr" => "0x10", "evt.arg.data" => "0x20",
    });
    assert!(target.release().success());
}

#[test]
fn memory_of_others_read_and_written_is_seen() {
    let (place, mut sensor) = (Place::new(), Sensor::events(&[]));
    let mut program = Assembly::default();
    let area = program.words(&[0; 2]);
    let vector = program.words(&[area, 8]);
    for number in [call::PROCESS_VM_READV, call::PROCESS_VM_WRITEV] {
        program.call(number, &[NOBODY.into(), vector.into(), 1.into(), vector.into(), 1.into(), 0.into()]);
    }
    let ended = watched(&mut sensor, &place, "reader", program);
    for kind in ["process_vm_readv", "process_vm_writev"] {
        let event = sensor.one(&want! { "evt.type" => kind, "proc.pid" => ended.pid });
        event.is(&want! { "evt.res" => "ESRCH", "evt.arg.pid" => NOBODY });
    }
}

#[test]
fn a_process_that_renames_itself_is_seen_and_keeps_its_name() {
    let (place, mut sensor) = (Place::new(), Sensor::events(&[]));
    let mut program = Assembly::default();
    let name = program.string(b"google_accounts\xff");
    program.must(call::PRCTL, &[15.into(), name.into()]);
    program.must(call::PRCTL, &[4.into(), 0.into()]);
    // PR_GET_DUMPABLE changes nothing.
    program.call(call::PRCTL, &[3.into()]);
    let ended = watched(&mut sensor, &place, "honest", program);
    let events = sensor.all(&want! { "evt.type" => "prctl", "proc.pid" => ended.pid });
    let [renamed, dumpable] = &events[..] else { panic!("{events:?}") };
    renamed.is(&want! { "evt.arg.option" => "PR_SET_NAME", "proc.name" => "honest", "evt.res" => "SUCCESS" });
    assert_eq!(renamed.bytes("evt.arg.arg2_str"), b"google_accounts\xff");
    dumpable.is(&want! { "evt.arg.option" => "PR_SET_DUMPABLE", "evt.arg.arg2_int" => 0 });
    sensor.one(&want! { "evt.type" => "procexit", "proc.pid" => ended.pid, "proc.name" => "honest" });
}

#[test]
fn sessions_and_groups_are_kept_up_to_date() {
    let (place, mut sensor) = (Place::new(), Sensor::events(&[]));
    let mut program = Assembly::default();
    program.call(call::SETSID, &[]);
    let session = watched(&mut sensor, &place, "session", program);
    let mut program = Assembly::default();
    program.must(call::SETPGID, &[0.into(), 0.into()]);
    program.call(call::SETSID, &[]);
    let group = watched(&mut sensor, &place, "group", program);
    let exec = sensor.one(&want! { "evt.type" => "execve", "proc.pid" => session.pid });
    assert_ne!(exec.number("proc.sid"), u64::from(session.pid), "{exec}");
    let begun = sensor.one(&want! { "evt.type" => "setsid", "proc.pid" => session.pid });
    begun.is(&want! { "evt.rawres" => session.pid, "proc.sid" => session.pid });
    let exit = sensor.one(&want! { "evt.type" => "procexit", "proc.pid" => session.pid });
    exit.is(&want! {
        "proc.sid" => session.pid, "proc.pgid" => session.pid, "proc.is_sid_leader" => true, "proc.sname" => "session",
    });
    let moved = sensor.one(&want! { "evt.type" => "setpgid", "proc.pid" => group.pid });
    moved.is(
        &want! { "evt.arg.pid" => 0, "evt.arg.pgid" => 0, "evt.res" => "SUCCESS", "proc.pgid" => group.pid },
    );
    let refused = sensor.one(&want! { "evt.type" => "setsid", "proc.pid" => group.pid });
    refused.is(&want! { "evt.res" => "EPERM", "proc.is_pgid_leader" => true, "proc.is_sid_leader" => false });
}
