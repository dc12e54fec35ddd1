//! The least that must work on every supported kernel: every program loads, one exec and one open are seen.

use std::process::Command;

use crate::support::{Assembly, Operand, Place, Sensor, call, doctor, in_guest, run, want};

#[test]
fn smoke_every_program_loads() {
    let doctor = doctor();
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
    let hooks: Vec<_> = doctor.output.lines().filter_map(|line| line.strip_prefix("hook ")).collect();
    let on = hooks.iter().filter(|hook| hook.trim_end().ends_with(" on")).count();
    assert!(on >= 8, "{}", doctor.output);
    let off: Vec<_> = hooks.iter().filter(|hook| hook.contains(" off: ")).collect();
    // A host may refuse trampolines; the guests are there to prove that nothing else is the matter.
    let expected = if in_guest() { 0 } else { off.iter().filter(|hook| !hook.starts_with("sys_")).count() };
    assert_eq!(off.len(), expected, "{}", doctor.output);
}

#[test]
fn smoke_one_exec_and_one_open_are_seen() {
    let place = Place::new();
    let file = place.file("opened", b"");
    let path = file.to_str().unwrap();
    let mut program = Assembly::default();
    let name = program.string(path.as_bytes());
    program.must(call::OPENAT, &[Operand::CWD, name.into(), 0.into(), 0.into()]);
    program.exit(0);
    let program = place.program("opener", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(&program));
    let exec = sensor.until(&want! { "evt.type" => "execve", "proc.pid" => ended.pid });
    exec.is(&want! { "proc.exepath" => program.to_str().unwrap(), "proc.ppid" => std::process::id() });
    sensor.until(&want! { "evt.category" => "file", "proc.pid" => ended.pid, "fd.name" => path });
    let finished = sensor.stop();
    assert!(finished.status.success(), "{:#?}", finished.notes);
    finished.summary.adds_up();
}
