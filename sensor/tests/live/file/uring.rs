//! Opens through an `io_uring`, which pass no system call of the open family.

use std::{os::unix::ffi::OsStrExt, path::Path, process::Command};

use crate::support::{
    Assembly, Place, Sensor, Tier, at_least, device_and_inode, doctor, run, uring_submission, want,
};

use super::{flag, is_of};

/// `IORING_OP_OPENAT`.
const OP_OPENAT: u8 = 18;
/// `IOSQE_ASYNC`: a worker thread of the kernel does it.
const BY_WORKER: u8 = 1 << 4;

/// A submission on files: operation, how it is done, first directory and name, second directory or length, second name,
/// flags.
fn submission(operation: u8, flags: u8, name: u64, (len, second): (u32, u64), asked: u32) -> Vec<u8> {
    let mut entry = vec![operation, flags, 0, 0];
    entry.extend((-100_i32).to_le_bytes());
    entry.extend(second.to_le_bytes());
    entry.extend(name.to_le_bytes());
    entry.extend(len.to_le_bytes());
    entry.extend(asked.to_le_bytes());
    entry.resize(64, 0);
    entry
}

/// A program that opens a file through a ring.
fn uring_opener(file: &Path, flags: u8, polled: bool) -> Assembly {
    let mut program = Assembly::default();
    let name = program.string(file.as_os_str().as_bytes());
    uring_submission(&mut program, &submission(OP_OPENAT, flags, name, (0, 0), flag::RDONLY), polled);
    program.exit(0);
    program
}

#[test]
fn an_open_through_a_ring_is_seen_or_said_not_to_be() {
    let place = Place::new();
    let file = place.file("file", b"");
    // Before Linux 5.11 a ring that is polled takes registered files alone.
    let polled = at_least(5, 11).then_some(("polled", 0, true));
    for (name, flags, polled) in
        [("inline", 0, false), ("worker", BY_WORKER, false)].into_iter().chain(polled)
    {
        let program = place.program(name, &uring_opener(&file, flags, polled));
        let mut sensor = Sensor::events(&[]);
        let ended = run(&mut Command::new(&program));
        sensor.fence();
        let opens = sensor.all(&want! { "fd.name" => file, "evt.res" => "SUCCESS" });
        match sensor.tier {
            Tier::Lsm => {
                let [open] = &opens[..] else { panic!("{name}: {} opens", opens.len()) };
                is_of(open, &file, device_and_inode(&file));
                if !at_least(5, 15) {
                    // Workers are processes of the kernel's own, and the call being served is not known.
                    continue;
                }
                open.is(&want! {
                    "proc.pid" => ended.pid, "vigie.io_uring" => true, "proc.exepath" => program.to_str().unwrap(),
                    "vigie.fd.unverified" => false,
                });
            }
            Tier::Tracepoint => {
                assert_eq!(opens.len(), 0, "{name}: {opens:?}");
                let doctor = doctor();
                assert!(doctor.output.contains("opens through io_uring"), "{doctor:?}");
            }
        }
    }
}

/// `IORING_OP_RENAMEAT`, `IORING_OP_UNLINKAT` (Linux 5.11), `IORING_OP_MKDIRAT` (5.15).
const OP_RENAMEAT: u8 = 35;
const OP_UNLINKAT: u8 = 36;
const OP_MKDIRAT: u8 = 37;

#[test]
fn names_changed_through_a_ring_are_seen_or_said_not_to_be() {
    if !at_least(5, 15) {
        println!("skipped: {} knows no such operations", rustix::system::uname().release().to_string_lossy());
        return;
    }
    let place = Place::new();
    let (old, replaced) = (place.file("old", b"123"), place.file("new", b""));
    let ((_, moved), (_, lost)) = (device_and_inode(&old), device_and_inode(&replaced));
    let mut program = Assembly::default();
    let [from, to, made] =
        ["old", "new", "made"].map(|name| program.string(place.join(name).to_str().unwrap().as_bytes()));
    let here = u32::MAX - 99;
    uring_submission(&mut program, &submission(OP_RENAMEAT, 0, from, (here, to), 0), false);
    uring_submission(&mut program, &submission(OP_UNLINKAT, BY_WORKER, to, (0, 0), 0), false);
    uring_submission(&mut program, &submission(OP_MKDIRAT, 0, made, (0o711, 0), 0), false);
    program.exit(0);
    let program = place.program("changer", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(program));
    sensor.fence();
    assert!(place.join("made").is_dir() && !place.join("new").exists(), "the ring did its work");
    let all =
        sensor.all(&want! { "proc.pid" => ended.pid, "vigie.io_uring" => true, "evt.category" => "file" });
    if sensor.tier == Tier::Tracepoint {
        assert!(all.is_empty(), "{all:#?}");
        assert!(doctor().output.contains("io_uring"));
        return;
    }
    let [rename, unlink, mkdir] = &all[..] else { panic!("{all:#?}") };
    for event in &all {
        event.is(&want! { "evt.res" => (), "evt.rawres" => (), "evt.failed" => (), "vigie.path.unverified" => false });
    }
    rename.is(&want! {
        "evt.type" => "renameat", "fs.path.source" => old, "fs.path.target" => replaced, "vigie.file.ino" => moved,
        "vigie.replaced.ino" => lost, "vigie.file.size" => 3,
    });
    unlink.is(&want! { "evt.type" => "unlinkat", "fs.path.name" => replaced, "vigie.file.ino" => moved });
    mkdir.is(
        &want! { "evt.type" => "mkdirat", "fs.path.name" => place.join("made"), "evt.arg.mode" => 0o711 },
    );
}
