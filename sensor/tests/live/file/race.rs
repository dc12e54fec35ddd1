//! A thread that changes the name while another one opens.

use std::{os::unix::ffi::OsStrExt, process::Command};

use crate::support::{
    Assembly, Kept, Operand, Place, Sensor, Tier, call, device_and_inode, run, scaled, vigie, want,
};

use super::{flag, opens_of};

/// Where `struct stat` has the inode number.
const STAT_INODE: u64 = 8;

/// A program that opens a file that often while a second thread turns the last byte of the name from `a` to `b` and
/// back, and that writes each opened file's inode number.
fn swapper(name: &[u8], tries: u32) -> Assembly {
    let mut program = Assembly::default();
    let address = program.string(name);
    let stat = program.bytes(&[0; 256]);
    let last = address + name.len() as u64 - 1;
    program.thread(|thread| thread.flip(last, b'a' ^ b'b'));
    program.repeat(tries, |program| {
        program.must(call::OPENAT, &[Operand::CWD, address.into(), flag::RDONLY.into()]);
        program.keep();
        program.must(call::FSTAT, &[Kept.into(), stat.into()]);
        program.must(call::WRITE, &[1.into(), (stat + STAT_INODE).into(), 8.into()]);
        program.must(call::CLOSE, &[Kept.into()]);
    });
    program.exit(0);
    program
}

#[test]
fn a_name_swapped_during_the_open_is_reported_as_what_was_opened() {
    let place = Place::new();
    let files = ["a", "b"].map(|name| place.file(name, b""));
    let tries = scaled(10_000, 2000);
    let program = place.program("swapper", &swapper(files[0].as_os_str().as_bytes(), tries));
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(program));
    sensor.fence();
    let opened: Vec<u64> =
        ended.output.as_chunks::<8>().0.iter().map(|inode| u64::from_le_bytes(*inode)).collect();
    assert_eq!(opened.len(), tries as usize);
    let records = opens_of(&sensor, ended.pid);
    assert_eq!(records.len(), opened.len());
    for (record, inode) in records.iter().zip(opened) {
        let file = files.iter().find(|file| device_and_inode(file).1 == inode).unwrap();
        record.is(&want! { "fd.ino" => inode, "fd.name" => file, "evt.res" => "SUCCESS" });
        match sensor.tier {
            // Even the name as it was passed is the one that the kernel went by.
            Tier::Lsm => record.is(&want! { "vigie.fd.unverified" => false, "fd.nameraw" => file }),
            Tier::Tracepoint => record.is(&want! { "vigie.fd.unverified" => true }),
        }
    }
    let finished = sensor.stop();
    finished.summary.adds_up();
    finished.summary.lost_nothing();
}

#[test]
fn the_doctor_says_what_unverified_means() {
    let doctor = vigie(&["doctor", "--tier", "tracepoint"]);
    let tier = doctor.output.lines().find(|line| line.starts_with("tier ")).unwrap();
    for word in ["tracepoint", "vigie.fd.unverified", "io_uring"] {
        assert!(tier.contains(word), "{tier}");
    }
}
