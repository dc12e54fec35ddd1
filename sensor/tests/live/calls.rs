//! System calls of each domain, seen at their end: what was asked for and what came of it.

use std::{fs, os::unix::ffi::OsStrExt, path::Path, process::Command};

use crate::support::{Assembly, Event, Operand, Place, Sensor, call, run, want};

/// A user and group without any rights.
const NOBODY: u32 = 65_533;
/// No process has this id.
const NO_PROCESS: u32 = 0x7fff_fff0;

/// Runs a program and gives everything it caused.
fn caused(directory: &Path, program: &Assembly) -> (Sensor, u32) {
    let place = Place::new();
    let program = place.program("program", program);
    let mut sensor = Sensor::events(&[]);
    let pid = run(Command::new(program).current_dir(directory)).pid;
    sensor.fence();
    (sensor, pid)
}

/// The one event of this type and result.
#[track_caller]
fn one(sensor: &Sensor, pid: u32, kind: &str, result: i64) -> Event {
    sensor.one(&want! { "evt.type" => kind, "proc.pid" => pid, "evt.rawres" => result })
}

fn name(program: &mut Assembly, path: &Path) -> Operand {
    program.string(path.as_os_str().as_bytes()).into()
}

#[test]
fn what_is_removed_is_told_with_its_path() {
    let place = Place::new();
    let (file, other, directory) =
        (place.file("file", b""), place.file("other", b""), place.join("directory"));
    fs::create_dir(&directory).unwrap();
    let mut program = Assembly::default();
    let (absolute, relative) =
        (name(&mut program, &file), name(&mut program, Path::new("./directory/../other")));
    let empty = name(&mut program, &directory);
    for number in [call::UNLINK, call::UNLINK] {
        program.call(number, &[absolute]);
    }
    program.call(call::UNLINKAT, &[Operand::CWD, relative, 0.into()]);
    program.call(call::RMDIR, &[empty]);
    program.exit(0);
    let (sensor, pid) = caused(file.parent().unwrap(), &program);
    one(&sensor, pid, "unlink", 0).is(&want! {
        "fs.path.name" => file, "fs.path.nameraw" => file, "evt.arg.path" => file, "evt.arg.res" => "SUCCESS",
        "evt.res" => "SUCCESS", "evt.failed" => false, "evt.category" => "file",
    });
    one(&sensor, pid, "unlink", -2).is(&want! {
        "fs.path.name" => file, "evt.res" => "ENOENT", "evt.failed" => true,
    });
    one(&sensor, pid, "unlinkat", 0).is(&want! {
        "fs.path.name" => other, "fs.path.nameraw" => "./directory/../other", "evt.arg.dirfd" => -100,
        "evt.arg.name" => other, "evt.arg.flags" => 0,
    });
    one(&sensor, pid, "rmdir", 0).is(&want! { "fs.path.name" => directory });
}

#[test]
fn signals_are_told_with_whom_they_are_for() {
    let mut program = Assembly::default();
    program.call(call::KILL, &[NO_PROCESS.into(), 15.into()]);
    program.call(call::TKILL, &[NO_PROCESS.into(), 10.into()]);
    program.call(call::TGKILL, &[NO_PROCESS.into(), 7.into(), 12.into()]);
    program.exit(0);
    let (sensor, pid) = caused(Path::new("/"), &program);
    let none = want! { "evt.res" => "ESRCH", "evt.arg.res" => "ESRCH", "evt.category" => "process" };
    for (kind, told) in [
        ("kill", want! { "evt.arg.pid" => NO_PROCESS, "evt.arg.sig" => 15 }),
        ("tkill", want! { "evt.arg.tid" => NO_PROCESS, "evt.arg.sig" => 10 }),
        ("tgkill", want! { "evt.arg.pid" => NO_PROCESS, "evt.arg.tid" => 7, "evt.arg.sig" => 12 }),
    ] {
        let event = one(&sensor, pid, kind, -3);
        event.is(&none);
        event.is(&told);
    }
}

#[test]
fn sockets_users_and_namespaces_are_told_as_asked_for() {
    let mut program = Assembly::default();
    program.call(call::SOCKET, &[2.into(), 0x8_0002.into(), 17.into()]);
    program.call(call::SOCKET, &[9999.into(), 1.into(), 0.into()]);
    program.call(call::SETNS, &[(-1).into(), 0x2000_0000.into()]);
    program.call(call::SETGID, &[NOBODY.into()]);
    program.call(call::SETUID, &[NOBODY.into()]);
    program.call(call::SETUID, &[0.into()]);
    program.exit(0);
    let (sensor, pid) = caused(Path::new("/"), &program);
    one(&sensor, pid, "socket", 3).is(&want! {
        "evt.arg.domain" => 2, "evt.arg.type" => 0x8_0002, "evt.arg.proto" => 17, "evt.arg.fd" => 3,
        "evt.category" => "net",
    });
    one(&sensor, pid, "socket", -97).is(&want! { "evt.res" => "EAFNOSUPPORT", "evt.arg.domain" => 9999 });
    one(&sensor, pid, "setns", -9).is(&want! {
        "evt.res" => "EBADF", "evt.arg.fd" => -1, "evt.arg.nstype" => 0x2000_0000,
    });
    one(&sensor, pid, "setgid", 0).is(&want! { "evt.arg.gid" => NOBODY, "group.gid" => NOBODY });
    one(&sensor, pid, "setuid", 0).is(&want! { "evt.arg.uid" => NOBODY, "user.uid" => NOBODY });
    one(&sensor, pid, "setuid", -1)
        .is(&want! { "evt.res" => "EPERM", "evt.arg.uid" => 0, "user.uid" => NOBODY });
}
