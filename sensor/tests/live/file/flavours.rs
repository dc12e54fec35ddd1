//! Each system call that opens yields exactly one record, and so does each way in which it fails.

use std::{fs, os::unix::process::CommandExt, path::Path, process::Command};

use crate::support::{
    Assembly, Event, Kept, Operand, Place, Sensor, Tier, at_least, call, device_and_inode, ended, run, want,
};

use super::{flag, is_of, only_open, open_of, opener, opens_of};

/// The type of an event, where the kernel tells which call is being served (since Linux 5.15).
fn named(name: &'static str) -> &'static str {
    if at_least(5, 15) { name } else { "openat" }
}

/// Runs one call on a file and asserts what all flavours have in common.
#[track_caller]
fn flavour(name: &'static str, path: &Path, flags: &str, build: impl FnOnce(&mut Assembly, u64)) -> Event {
    let place = Place::new();
    let mut program = Assembly::default();
    let address = program.string(path.to_str().unwrap().as_bytes());
    build(&mut program, address);
    program.exit(0);
    let program = place.program("program", &program);
    let mut sensor = Sensor::events(&[]);
    // A handle is one of the working directory's file system.
    let ended = run(Command::new(&program).current_dir(path.parent().unwrap()));
    let event = open_of(&mut sensor, &ended);
    is_of(&event, path, device_and_inode(path));
    event.is(&want! { "evt.type" => named(name), "fd.type" => "file", "proc.exepath" => program.to_str().unwrap() });
    match sensor.tier {
        // The call ended with a descriptor, the lowest that was free.
        Tier::Tracepoint => {
            event.is(&want! { "fd.num" => 3, "evt.rawres" => 3, "vigie.fd.unverified" => true });
        }
        Tier::Lsm => event.is(&want! { "evt.rawres" => (), "vigie.fd.unverified" => false }),
    }
    // Close-on-exec is the descriptor's, which the lsm tier does not see.
    let seen = match sensor.tier {
        Tier::Lsm => flags.strip_suffix("|O_CLOEXEC").unwrap_or(flags),
        Tier::Tracepoint => flags,
    };
    event.is(&want! { "evt.arg.flags" => seen });
    let finished = sensor.stop();
    finished.summary.adds_up();
    event
}

#[test]
fn open_is_one_record() {
    let place = Place::new();
    let event = flavour("open", &place.join("file"), "O_RDWR|O_CREAT|O_EXCL", |program, path| {
        let flags = flag::RDWR | flag::CREAT | flag::EXCL;
        program.must(call::OPEN, &[path.into(), flags.into(), 0o640.into()]);
    });
    event.is(&want! {
        "evt.is_open_read" => true, "evt.is_open_write" => true, "evt.is_open_create" => true,
        "fd.nameraw" => place.join("file"), "vigie.fd.nlink" => 1, "evt.arg.mode" => 0o640,
    });
}

#[test]
fn openat_is_one_record() {
    let place = Place::new();
    let event = flavour("openat", &place.file("file", b""), "O_RDONLY|O_CLOEXEC", |program, path| {
        // The mode counts for nothing where nothing is created.
        program.must(call::OPENAT, &[Operand::CWD, path.into(), flag::CLOEXEC.into(), 0o777.into()]);
    });
    event.is(&want! {
        "evt.is_open_read" => true, "evt.is_open_write" => false, "evt.is_open_create" => false,
        "fd.nameraw" => place.join("file"), "evt.arg.mode" => 0,
    });
}

#[test]
fn openat2_is_one_record() {
    let place = Place::new();
    let event = flavour("openat2", &place.join("file"), "O_WRONLY|O_CREAT|O_APPEND", |program, path| {
        const NO_SYMLINKS: u64 = 4;
        let how = program.words(&[u64::from(flag::WRONLY | flag::CREAT | flag::APPEND), 0o620, NO_SYMLINKS]);
        program.must(call::OPENAT2, &[Operand::CWD, path.into(), how.into(), 24.into()]);
    });
    event.is(&want! {
        "evt.is_open_read" => false, "evt.is_open_write" => true, "evt.is_open_create" => true,
        "fd.nameraw" => place.join("file"), "evt.arg.mode" => 0o620,
    });
}

#[test]
fn creat_is_one_record() {
    let place = Place::new();
    let event = flavour("creat", &place.join("file"), "O_WRONLY|O_CREAT|O_TRUNC", |program, path| {
        program.must(call::CREAT, &[path.into(), 0o604.into()]);
    });
    event.is(&want! {
        "evt.is_open_write" => true, "evt.is_open_create" => true, "fd.nameraw" => place.join("file"),
        "evt.arg.mode" => 0o604,
    });
}

#[test]
fn open_by_handle_at_is_one_record() {
    let place = Place::new();
    let event =
        flavour("open_by_handle_at", &place.file("file", b""), "O_RDONLY|O_NONBLOCK", |program, path| {
            // `struct file_handle` with room for 128 bytes.
            let handle = program.bytes(&[&128_u32.to_le_bytes()[..], &[0; 132]].concat());
            let mount = program.words(&[0]);
            let operands: [Operand; 5] = [Operand::CWD, path.into(), handle.into(), mount.into(), 0.into()];
            program.must(call::NAME_TO_HANDLE_AT, &operands);
            program.must(call::OPEN_BY_HANDLE_AT, &[Operand::CWD, handle.into(), flag::NONBLOCK.into()]);
        });
    event.is(&want! { "fd.nameraw" => () });
}

#[test]
fn openat_with_a_mode_is_one_record() {
    let place = Place::new();
    let event = flavour("openat", &place.join("file"), "O_RDWR|O_CREAT|O_TRUNC", |program, path| {
        let flags = flag::RDWR | flag::CREAT | flag::TRUNC;
        program.must(call::OPENAT, &[Operand::CWD, path.into(), flags.into(), 0o4750.into()]);
    });
    event.is(&want! { "evt.is_open_create" => true, "evt.arg.mode" => 0o4750 });
}

#[test]
fn a_descriptor_reopened_is_one_more_record() {
    let place = Place::new();
    let file = place.file("file", b"");
    let mut program = Assembly::default();
    let path = program.string(file.to_str().unwrap().as_bytes());
    program.must(call::OPENAT, &[Operand::CWD, path.into(), flag::RDONLY.into()]);
    program.keep();
    program.call(call::CLOSE, &[Kept.into()]);
    program.must(call::OPENAT, &[Operand::CWD, path.into(), flag::RDWR.into()]);
    program.exit(0);
    let program = place.program("program", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(program));
    sensor.fence();
    let opens = opens_of(&sensor, ended.pid);
    let flags: Vec<_> = opens.iter().map(|open| open.text("evt.arg.flags")).collect();
    assert_eq!(flags, ["O_RDONLY", "O_RDWR"]);
}

#[test]
fn opens_that_read_nothing_are_told_apart() {
    let place = Place::new();
    let (file, directory) = (place.file("file", b""), place.directory("directory"));
    let mut sensor = Sensor::events(&[]);
    let name = file.to_str().unwrap().as_bytes();
    let event = only_open(&mut sensor, &opener(&place, name, flag::PATH, |_| {}));
    is_of(&event, &file, device_and_inode(&file));
    event.is(&want! { "evt.is_open_read" => false, "evt.is_open_write" => false, "evt.arg.flags" => "O_RDONLY|O_PATH" });
    let name = directory.to_str().unwrap().as_bytes();
    let event = only_open(&mut sensor, &opener(&place, name, flag::DIRECTORY, |_| {}));
    is_of(&event, &directory, device_and_inode(&directory));
    event.is(&want! { "fd.type" => "directory", "evt.arg.flags" => "O_RDONLY|O_DIRECTORY" });
    let unnamed = flag::TMPFILE | flag::DIRECTORY | flag::RDWR;
    let event = only_open(&mut sensor, &opener(&place, name, unnamed, |_| {}));
    event.is(&want! { "vigie.fd.deleted" => true, "vigie.fd.nlink" => 0, "evt.is_open_write" => true, "evt.is_open_create" => true });
}

/// Runs a program that opens as another user and expects this error, which is also its exit code.
#[track_caller]
fn refused(sensor: &mut Sensor, program: &Path, uid: u32, name: &[u8], (error, code): (&str, i32)) {
    let ended = ended(Command::new(program).uid(uid));
    assert_eq!(ended.status.code(), Some(code), "{}", name.escape_ascii());
    let event = open_of(sensor, &ended);
    event.is(&want! {
        "evt.res" => error, "evt.rawres" => -code, "evt.failed" => true, "user.uid" => uid, "fd.ino" => (),
        "vigie.fd.unverified" => sensor.tier == Tier::Tracepoint,
    });
    assert_eq!(event.bytes("fd.name"), name);
}

#[test]
fn failures_say_what_was_asked_for_and_why_not() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    let secret = place.file("secret", b"");
    fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink("loop", place.join("loop")).unwrap();
    std::os::unix::fs::symlink("secret", place.join("link")).unwrap();
    let none = flag::RDONLY;
    let cases = [
        ("missing", none, 0, ("ENOENT", 2)),
        ("secret", none, 65_533, ("EACCES", 13)),
        ("secret", flag::CREAT | flag::EXCL, 0, ("EEXIST", 17)),
        ("secret/file", none, 0, ("ENOTDIR", 20)),
        ("loop", none, 0, ("ELOOP", 40)),
        ("link", flag::NOFOLLOW, 0, ("ELOOP", 40)),
        (".", flag::WRONLY, 0, ("EISDIR", 21)),
    ];
    for (name, flags, uid, error) in cases {
        let path = [place.path().to_str().unwrap().as_bytes(), b"/", name.as_bytes()].concat();
        let program = opener(&place, &path, flags, |_| {});
        refused(&mut sensor, &program, uid, &path, error);
    }
}
