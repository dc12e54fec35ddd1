//! What a new process was asked to share.

use std::process::Command;

use crate::support::{Assembly, Place, Sensor, call, run, want};

/// `CLONE_PARENT | SIGCHLD`, and flags of `clone3`.
const PARENT: u64 = 0x8011;
const NEW_UTS: u64 = 0x0400_0000;
const SIGCHLD: u64 = 17;

#[test]
fn forks_carry_their_flags_and_the_real_parent() {
    let place = Place::new();
    let mut program = Assembly::default();
    program.call(call::CLONE, &[PARENT.into(), 0.into(), 0.into(), 0.into(), 0.into()]);
    program.exit(0);
    let sibling = place.program("sibling", &program);
    let mut program = Assembly::default();
    let arguments = program.words(&[NEW_UTS, 0, 0, 0, SIGCHLD, 0, 0, 0]);
    program.call(call::CLONE3, &[arguments.into(), 64.into()]);
    program.exit(0);
    let renamed = place.program("renamed", &program);
    let mut sensor = Sensor::events(&[]);
    let (first, second) = (run(&mut Command::new(sibling)), run(&mut Command::new(renamed)));
    sensor.fence();
    let fork = sensor.one(&want! { "evt.type" => "clone", "proc.pid" => first.pid });
    fork.is(&want! { "evt.arg.flags" => "CLONE_PARENT", "evt.arg.child_ppid" => std::process::id() });
    let child = fork.number("evt.arg.child_pid");
    // By creation it is the program's child all the same.
    sensor.one(&want! { "evt.type" => "procexit", "proc.pid" => child, "proc.ppid" => first.pid });
    let fork = sensor.one(&want! { "evt.type" => "clone3", "proc.pid" => second.pid });
    fork.is(&want! { "evt.arg.flags" => "CLONE_NEWUTS", "evt.arg.child_ppid" => second.pid });
}
