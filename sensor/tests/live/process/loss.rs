//! Nothing is lost, or the loss is counted to the last event.

use std::{
    collections::BTreeSet,
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::Signal;

use crate::support::{Assembly, Event, Finished, Place, Sensor, scaled, want};

/// Runs a program that often, with a number as its only argument; gives the processes.
fn run_numbered(program: &Path, count: u32) -> Vec<u32> {
    let one = |number: u32| {
        let mut command = Command::new(program);
        let mut child = command.arg(number.to_string()).stdin(Stdio::null()).spawn().unwrap();
        assert!(child.wait().unwrap().success());
        child.id()
    };
    (0..count).map(one).collect()
}

fn execs_of<'a>(events: &'a [Event], program: &Path) -> Vec<&'a Event> {
    let want = want! { "evt.type" => "execve", "proc.exepath" => program.to_str().unwrap() };
    events.iter().filter(|event| event.matches(&want)).collect()
}

#[test]
fn ten_thousand_execs_are_ten_thousand_events() {
    let place = Place::new();
    let program = place.program("numbered", &Assembly::nothing());
    let mut sensor = Sensor::events(&[]);
    let count = scaled(10_000, 500);
    let pids = run_numbered(&program, count);
    sensor.fence();
    let finished = sensor.stop();
    let own = crate::support::Proc(std::process::id()).cgroup();
    let execs = execs_of(&finished.events, &program);
    assert_eq!(execs.len(), pids.len());
    for ((exec, pid), number) in execs.iter().zip(&pids).zip(0..) {
        exec.is(&want! {
            "proc.args" => i32::to_string(&number), "proc.pid" => pid, "proc.ppid" => std::process::id(),
            "proc.exepath" => program.to_str().unwrap(), "user.uid" => 0, "vigie.cgroup.path" => own,
        });
    }
    finished.summary.adds_up();
    finished.summary.lost_nothing();
}

/// Every exec that a sensor recorded, whoever's.
fn recorded(finished: &Finished) -> u64 {
    let is_exec = |event: &&Event| ["execve", "execveat"].contains(&event.text("evt.type"));
    finished.events.iter().filter(is_exec).count() as u64
}

#[test]
fn what_a_full_ring_lost_is_counted_exactly() {
    let place = Place::new();
    let program = place.program("numbered", &Assembly::nothing());
    // The witness misses nothing, so it knows how many execs there were that are none of ours.
    let mut witness = Sensor::events(&[]);
    let sensor = Sensor::events(&["--ring-size", "64K"]);
    let count = scaled(3000, 500);
    run_numbered(&program, count / 10);
    sensor.signal(Signal::STOP);
    let (before, rest) = (count / 10, count - count / 10);
    run_numbered(&program, rest);
    sensor.signal(Signal::CONT);
    let finished = sensor.stop();
    witness.fence();
    let witness = witness.stop();
    witness.summary.lost_nothing();
    let generated = execs_of(&witness.events, &program).len() as u64;
    assert_eq!(generated, u64::from(before + rest));
    finished.summary.adds_up();
    let counter = |name| finished.summary.get("kernel.ProcessExec", name);
    assert_eq!(counter("emitted"), recorded(&finished));
    assert_eq!(counter("seen"), counter("emitted") + counter("lost"));
    let ours = execs_of(&finished.events, &program);
    let distinct: BTreeSet<_> =
        ours.iter().map(|exec| (exec.number("proc.pid"), exec.text("proc.args"))).collect();
    assert_eq!(distinct.len(), ours.len(), "no exec is recorded twice");
    let missing = generated - ours.len() as u64;
    assert!(missing > 0, "a ring of 64 KiB cannot have held {rest} execs");
    // On a quiet host nothing is foreign, and this is an equality.
    let foreign = recorded(&witness) - generated;
    assert!(
        (missing..=missing + foreign).contains(&counter("lost")),
        "{generated} generated, {} recorded, {} lost; {foreign} foreign",
        ours.len(),
        counter("lost")
    );
}
