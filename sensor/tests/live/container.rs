//! Cgroups as they come and go, and the containers they make processes part of.

use std::{
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::support::{Assembly, Cgroup, Event, Living, Place, Sensor, busybox, call, scaled, unique, want};

/// A container's id, different each time, in its first digits as well.
fn container_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let (process, number) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    format!("{process:08x}{number:04x}{:052x}", 0x00c0_ffee)
}

/// A program that waits for a byte, then runs another that does nothing.
fn waiting(place: &Place) -> std::path::PathBuf {
    let target = place.program("target", &Assembly::nothing());
    let mut program = Assembly::default();
    program.wait_for_input();
    let path = program.string(target.to_str().unwrap().as_bytes());
    let argv = program.words(&[path, 0]);
    program.must(call::EXECVE, &[path.into(), argv.into(), 0.into()]);
    place.program("waiting", &program)
}

/// Runs a program in a cgroup: its exec, from where it is, as reported.
fn exec_in(sensor: &mut Sensor, place: &Place, cgroup: &Cgroup) -> Event {
    let mut child = Living::start(&mut Command::new(waiting(place)));
    cgroup.attach(child.pid());
    child.write(b"\n");
    let pid = child.pid();
    assert!(child.release().success());
    sensor.until(&want! { "evt.type" => "execve", "proc.pid" => pid, "proc.name" => "target" })
}

#[track_caller]
fn is_of(event: &Event, cgroup: &Cgroup) {
    event.is(&want! { "evt.arg.id" => cgroup.id, "evt.arg.hierarchy" => 0, "evt.category" => "container" });
    assert_eq!(event.bytes("evt.arg.path"), cgroup.path, "{event}");
}

/// Makes a cgroup, moves a process in and out, removes it; asserts that each step is one event.
fn lives(sensor: &mut Sensor, name: &[u8]) {
    let cgroup = Cgroup::create(name).unwrap();
    let id = cgroup.id;
    let child = Living::start(Command::new(busybox()).arg("cat"));
    cgroup.attach(child.pid());
    Cgroup::detach(child.pid());
    let pid = child.pid();
    assert!(child.release().success());
    let path = cgroup.path.clone();
    cgroup.remove();
    sensor.fence();
    let of = |kind| want! { "evt.type" => kind, "evt.arg.id" => id };
    let events = ["cgroup_mkdir", "cgroup_attach_task", "cgroup_rmdir"].map(|kind| sensor.one(&of(kind)));
    for event in &events {
        event.is(&want! { "evt.arg.hierarchy" => 0, "proc.pid" => std::process::id() });
        assert_eq!(event.bytes("evt.arg.path"), path, "{event}");
    }
    events[1].is(&want! { "evt.arg.target_pid" => pid });
    let order = events.map(|event| event.number("evt.num"));
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn a_cgroups_life_is_reported() {
    let mut sensor = Sensor::events(&[]);
    lives(&mut sensor, unique("cgroup").as_bytes());
    sensor.stop().summary.adds_up();
}

#[test]
fn cgroups_may_have_any_name() {
    let mut sensor = Sensor::events(&[]);
    let longest = unique(&"n".repeat(255));
    let hostile = [
        longest.as_bytes()[longest.len() - 255..].to_vec(),
        [unique("").as_bytes(), b"\xff\xfe\x1b[2J\t\\\""].concat(),
    ];
    for name in hostile {
        lives(&mut sensor, &name);
    }
    // The kernel's own rule: a newline would forge lines of /proc/<pid>/cgroup.
    let refused = Cgroup::create(b"new\nline").unwrap_err();
    assert_eq!(refused.raw_os_error(), Some(rustix::io::Errno::INVAL.raw_os_error()));
}

#[test]
fn a_nested_cgroup_has_its_whole_path() {
    let mut sensor = Sensor::events(&[]);
    let outer = Cgroup::create(unique("outer").as_bytes()).unwrap();
    let inner = Cgroup::create(&[&outer.path[1..], b"/inner"].concat()).unwrap();
    let event = sensor.until(&want! { "evt.type" => "cgroup_mkdir", "evt.arg.id" => inner.id });
    is_of(&event, &inner);
    let place = Place::new();
    let exec = exec_in(&mut sensor, &place, &inner);
    exec.is(&want! { "vigie.cgroup.id" => inner.id, "container.id" => "host" });
    assert_eq!(exec.bytes("vigie.cgroup.path"), inner.path);
}

#[track_caller]
fn is_in_unverified(event: &Event, id: &str, cgroup: &Cgroup) {
    event.is(&want! {
        "container.id" => id[..12], "container.full_id" => id, "container.type" => "docker",
        "vigie.container.verified" => false, "vigie.cgroup.id" => cgroup.id,
        "container.image.repository" => (), "container.name" => (),
    });
    assert!(!event.text("vigie.container.unverified").is_empty(), "{event}");
}

#[test]
fn what_looks_like_a_container_is_unverified_and_never_the_host() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    let id = container_id();
    let cgroup = Cgroup::create(format!("docker-{id}.scope").as_bytes()).unwrap();
    let exec = exec_in(&mut sensor, &place, &cgroup);
    is_in_unverified(&exec, &id, &cgroup);
    // A cgroup made inside of it belongs to it.
    let inner = Cgroup::create(&[&cgroup.path[1..], b"/inner"].concat()).unwrap();
    let exec = exec_in(&mut sensor, &place, &inner);
    is_in_unverified(&exec, &id, &inner);
}

#[test]
fn a_container_that_was_there_before_the_sensor_is_known() {
    let place = Place::new();
    let id = container_id();
    let cgroup = Cgroup::create(format!("docker-{id}.scope").as_bytes()).unwrap();
    let mut child = Living::start(&mut Command::new(waiting(&place)));
    cgroup.attach(child.pid());
    let mut sensor = Sensor::events(&[]);
    child.write(b"\n");
    let pid = child.pid();
    assert!(child.release().success());
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => pid });
    is_in_unverified(&exec, &id, &cgroup);
}

#[test]
fn a_process_that_leaves_a_container_is_the_hosts() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    let cgroup = Cgroup::create(format!("docker-{}.scope", container_id()).as_bytes()).unwrap();
    let mut child = Living::start(&mut Command::new(waiting(&place)));
    cgroup.attach(child.pid());
    Cgroup::detach(child.pid());
    child.write(b"\n");
    let pid = child.pid();
    assert!(child.release().success());
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => pid, "proc.name" => "target" });
    exec.is(&want! { "container.id" => "host", "vigie.container.verified" => () });
}

#[test]
fn a_thousand_containers_that_come_and_go_are_each_told_apart() {
    let place = Place::new();
    let mut sensor = Sensor::events(&["--ring-size", "16M"]);
    let count = scaled(1000, 50);
    for _ in 0..count {
        let id = container_id();
        let cgroup = Cgroup::create(format!("docker-{id}.scope").as_bytes()).unwrap();
        let exec = exec_in(&mut sensor, &place, &cgroup);
        exec.is(&want! { "container.full_id" => id, "vigie.container.verified" => false });
        cgroup.remove();
    }
    let finished = sensor.stop();
    finished.summary.adds_up();
    finished.summary.lost_nothing();
}
