//! From fork to exit: order, identity, ancestry.

use std::{io::Write, process::Command};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::support::{Assembly, Event, Place, Sensor, call, ended, run, unique, want};

/// What tells a process from an earlier one of the same pid.
fn identity(event: &Event) -> (u64, u64) {
    (event.number("proc.pid"), event.number("proc.pid.ts"))
}

#[test]
fn fork_exec_and_exit_come_in_order_with_one_identity() {
    let place = Place::new();
    let mut program = Assembly::default();
    program.exit(7);
    let program = place.program("seven", &program);
    let mut sensor = Sensor::events(&[]);
    let child = ended(&mut Command::new(&program));
    sensor.fence();
    let fork = sensor.one(&want! { "evt.arg.child_pid" => child.pid });
    let exec = sensor.one(&want! { "evt.type" => "execve", "proc.pid" => child.pid });
    let exit = sensor.one(&want! { "evt.type" => "procexit", "proc.pid" => child.pid });
    assert!(["fork", "vfork", "clone", "clone3"].contains(&fork.text("evt.type")), "{fork}");
    fork.is(&want! { "proc.pid" => std::process::id(), "evt.arg.child_vpid" => child.pid });
    exit.is(&want! { "evt.arg.status" => 7 << 8, "proc.exepath" => program.to_str().unwrap() });
    let order = [&fork, &exec, &exit].map(|event| event.number("evt.num"));
    assert!(order.is_sorted(), "{order:?}");
    let times = [&fork, &exec, &exit].map(|event| event.number("evt.rawtime"));
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(identity(&exec), identity(&exit));
    assert!(exec.number("proc.pid.ts") <= fork.number("evt.rawtime"), "{exec}");
}

#[test]
fn a_signal_shows_in_the_exit_status() {
    let place = Place::new();
    let mut program = Assembly::default();
    // A read of address 0: `mov eax, [0]`.
    program.raw(&[0x8b, 0x04, 0x25, 0, 0, 0, 0]);
    let program = place.program("faulty", &program);
    let mut sensor = Sensor::events(&[]);
    let child = ended(&mut Command::new(&program));
    let exit = sensor.until(&want! { "evt.type" => "procexit", "proc.pid" => child.pid });
    assert_eq!(exit.number("evt.arg.status") & 0x7f, 11, "{exit}");
}

#[test]
fn ancestry_survives_the_ancestors() {
    let place = Place::new();
    let (gate, opened) = (place.join("gate"), place.file("opened", b""));
    mknodat(CWD, &gate, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    // Opened both ways, which never waits.
    let mut key = std::fs::File::options().read(true).write(true).open(&gate).unwrap();
    let path = |name: &str| place.join(name).to_str().unwrap().to_owned();
    let [eldest, middle, youngest] = ["eldest", "middle", "youngest"].map(unique);
    let wait = format!("read line <{}\nread other <{}\n", gate.display(), opened.display());
    place.script(&youngest, &wait);
    // Its output goes nowhere, so that nobody waits for the end of it.
    place.script(&middle, &format!("{} >/dev/null &\n", path(&youngest)));
    let first = place.script(&eldest, &format!("{}\n", path(&middle)));
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(first));
    sensor.until(&want! { "evt.type" => "execve", "proc.name" => youngest });
    for name in [&middle, &eldest] {
        let exec = sensor.until(&want! { "evt.type" => "execve", "proc.name" => name });
        sensor.until(&want! { "evt.type" => "procexit", "proc.pid" => exec.number("proc.pid") });
    }
    key.write_all(b"go\n").unwrap();
    let event = sensor.until(&want! { "evt.category" => "file", "fd.name" => opened });
    event.is(&want! { "proc.name" => youngest, "proc.pname" => middle });
    let ancestors = event.byte_list("proc.aname");
    assert_eq!(ancestors[..2], [middle.into_bytes(), eldest.clone().into_bytes()]);
    let exec = sensor.one(&want! { "evt.type" => "execve", "proc.name" => eldest });
    exec.is(&want! { "proc.pid" => ended.pid, "proc.ppid" => std::process::id() });
    let pid = event.number("proc.pid");
    sensor.until(&want! { "evt.type" => "procexit", "proc.pid" => pid });
}

#[test]
fn an_exec_by_another_thread_keeps_the_process() {
    let place = Place::new();
    let target = place.program("target", &Assembly::nothing());
    let mut program = Assembly::default();
    let path = program.string(target.to_str().unwrap().as_bytes());
    let argv = program.words(&[path, 0]);
    program.thread(|thread| {
        thread.call(call::EXECVE, &[path.into(), argv.into(), 0.into()]);
        thread.exit(1);
    });
    program.call(call::PAUSE, &[]);
    let program = place.program("threaded", &program);
    let mut sensor = Sensor::events(&[]);
    let child = run(&mut Command::new(&program));
    sensor.fence();
    let execs = sensor.all(&want! { "evt.type" => "execve", "proc.pid" => child.pid });
    let [first, second] = &execs[..] else { panic!("{} execs", execs.len()) };
    first.is(&want! { "proc.exepath" => program.to_str().unwrap() });
    second.is(&want! {
        "proc.exepath" => target.to_str().unwrap(), "thread.tid" => child.pid, "proc.ppid" => std::process::id(),
    });
    let exit = sensor.one(&want! { "evt.type" => "procexit", "proc.pid" => child.pid });
    exit.is(&want! { "proc.exepath" => target.to_str().unwrap(), "evt.arg.status" => 0 });
    assert_eq!(identity(first), identity(second));
    assert_eq!(identity(first), identity(&exit));
    // The thread is no process.
    assert_eq!(sensor.all(&want! { "proc.pid" => child.pid, "evt.category" => "process" }).len(), 3);
}
