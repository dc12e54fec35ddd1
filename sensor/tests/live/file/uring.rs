//! Opens through an `io_uring`, which pass no system call of the open family.

use std::{os::unix::ffi::OsStrExt, path::Path, process::Command};

use crate::support::{
    Assembly, Place, Sensor, Tier, at_least, device_and_inode, run, uring_submission, vigie, want,
};

use super::{flag, is_of};

/// `IORING_OP_OPENAT`.
const OP_OPENAT: u8 = 18;
/// `IOSQE_ASYNC`: a worker thread of the kernel does it.
const BY_WORKER: u8 = 1 << 4;
/// A submission that opens the file named at `name`.
fn submission(name: u64, flags: u8) -> Vec<u8> {
    let mut entry = vec![OP_OPENAT, flags, 0, 0];
    entry.extend((-100_i32).to_le_bytes());
    entry.extend(0_u64.to_le_bytes());
    entry.extend(name.to_le_bytes());
    entry.extend(0_u32.to_le_bytes());
    entry.extend(flag::RDONLY.to_le_bytes());
    entry.resize(64, 0);
    entry
}

/// A program that opens a file through a ring of one entry.
fn uring_opener(file: &Path, flags: u8) -> Assembly {
    let mut program = Assembly::default();
    let name = program.string(file.as_os_str().as_bytes());
    uring_submission(&mut program, &submission(name, flags));
    program.exit(0);
    program
}

#[test]
fn an_open_through_a_ring_is_seen_or_said_not_to_be() {
    let place = Place::new();
    let file = place.file("file", b"");
    for (name, flags) in [("inline", 0), ("worker", BY_WORKER)] {
        let program = place.program(name, &uring_opener(&file, flags));
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
                let doctor = vigie(&["doctor"]);
                assert!(doctor.output.contains("opens through io_uring"), "{doctor:?}");
            }
        }
    }
}
