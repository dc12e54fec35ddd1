//! Programs that the kernel refuses to run.

use std::process::Command;

use crate::support::{Assembly, Operand, Place, Sensor, call, run, want};

#[test]
fn a_refused_exec_is_recorded_as_failed_and_changes_nothing() {
    let place = Place::new();
    let missing = place.join("missing");
    let plain = place.file("plain", b"no program");
    let garbage = place.executable("garbage", b"\x7fELF no program either");
    let mut program = Assembly::default();
    for path in [&missing, &plain, &garbage] {
        let path = program.string(path.to_str().unwrap().as_bytes());
        program.call(call::EXECVE, &[path.into(), 0.into(), 0.into()]);
    }
    let relative = program.string(b"missing");
    program.call(call::EXECVEAT, &[Operand::CWD, relative.into(), 0.into(), 0.into(), 0x100.into()]);
    program.exit(0);
    let program = place.program("refused", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(Command::new(&program).current_dir(place.path()));
    sensor.fence();
    for (path, error) in [(&missing, "ENOENT"), (&plain, "EACCES"), (&garbage, "ENOEXEC")] {
        let failed = sensor.one(&want! {
            "evt.type" => "execve", "proc.pid" => ended.pid, "evt.failed" => true, "evt.arg.filename" => path,
        });
        failed.is(&want! {
            "evt.res" => error, "evt.arg.path" => path, "proc.exepath" => program, "evt.category" => "process",
            "proc.name" => "refused", "evt.arg.dirfd" => -100,
        });
    }
    let at = sensor.one(&want! { "evt.type" => "execveat", "proc.pid" => ended.pid });
    at.is(&want! {
        "evt.res" => "ENOENT", "evt.rawres" => -2, "evt.arg.filename" => "missing", "evt.arg.path" => missing,
        "evt.arg.flags" => 0x100,
    });
    // There was one program, and it ended as itself.
    sensor.one(&want! { "proc.pid" => ended.pid, "evt.type" => "execve", "evt.failed" => false });
    sensor.one(&want! { "proc.pid" => ended.pid, "evt.type" => "procexit", "proc.exepath" => program });
}
