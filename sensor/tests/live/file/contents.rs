//! What changes a file without its name: truncate, mappings, and the close that ends all writing.

use std::process::Command;

use crate::support::{Assembly, Kept, Operand, Place, Sensor, Tier, call, device_and_inode, run, want};

use super::{
    calls::{done, each_is_one_event, failed, row, text},
    flag,
};

#[test]
fn a_file_cut_or_extended_is_told() {
    let place = Place::new();
    let file = place.file("file", b"12345");
    let (_, inode) = device_and_inode(&file);
    each_is_one_event(&place, |program, tier| {
        let [name, none] = ["file", "none"].map(|name| text(program, name));
        program.must(call::OPENAT, &[Operand::CWD, name, flag::RDWR.into()]);
        program.keep();
        let mut truncate =
            done("truncate", want! { "evt.arg.path" => file, "evt.arg.length" => 2, "fs.path.name" => file });
        if tier == Tier::Lsm {
            truncate.extend(want! { "vigie.file.ino" => inode, "vigie.file.size" => 5 });
        }
        let ftruncate =
            want! { "fd.name" => file, "fd.ino" => inode, "evt.arg.fd" => 3, "evt.arg.length" => 9 };
        vec![
            row(call::TRUNCATE, &[name, 2.into()], truncate),
            row(call::FTRUNCATE, &[Kept.into(), 9.into()], done("ftruncate", ftruncate)),
            row(
                call::TRUNCATE,
                &[none, 2.into()],
                failed("truncate", ("ENOENT", 2), want! { "evt.arg.path" => place.join("none") }),
            ),
            row(
                call::FTRUNCATE,
                &[Kept.into(), (-1).into()],
                failed("ftruncate", ("EINVAL", 22), want! { "evt.arg.length" => -1 }),
            ),
        ]
    });
}

#[test]
fn only_a_shared_writable_mapping_of_a_file_is_told() {
    const READ: u32 = 1;
    const READ_WRITE: u32 = 3;
    const SHARED: u32 = 1;
    const PRIVATE: u32 = 2;
    const ANONYMOUS: u32 = 0x20;
    let place = Place::new();
    let file = place.file("file", &[0; 4096]);
    let (_, inode) = device_and_inode(&file);
    each_is_one_event(&place, |program, _| {
        let name = text(program, "file");
        program.must(call::OPENAT, &[Operand::CWD, name, flag::RDWR.into()]);
        program.keep();
        let map = |protection: u32, flags: u32| -> [Operand; 6] {
            [0.into(), 4096.into(), protection.into(), flags.into(), Kept.into(), 0.into()]
        };
        for (protection, flags) in [
            (READ, SHARED),
            (READ_WRITE, PRIVATE),
            (READ_WRITE, SHARED | ANONYMOUS),
            (READ_WRITE, PRIVATE | ANONYMOUS),
        ] {
            program.must(call::MMAP, &map(protection, flags));
        }
        let mapped = want! {
            "fd.name" => file, "fd.ino" => inode, "fd.num" => 3, "evt.arg.length" => 4096, "evt.arg.offset" => 0,
            "evt.arg.prot" => "PROT_READ|PROT_WRITE", "evt.arg.flags" => "MAP_SHARED", "evt.arg.addr" => 0,
            "vigie.file.size" => 4096,
        };
        vec![row(call::MMAP, &map(READ_WRITE, SHARED), done("mmap", mapped))]
    });
}

/// A program that writes three bytes to a new file and, if told to, closes it; then it reads and closes another one.
fn writer(place: &Place, closes: bool) -> std::path::PathBuf {
    let other = place.file("read only", b"");
    let mut program = Assembly::default();
    let [name, other] =
        [place.join("written"), other].map(|path| text(&mut program, path.to_str().unwrap().as_bytes()));
    let bytes = text(&mut program, "abc");
    program.must(call::OPENAT, &[Operand::CWD, other, flag::RDONLY.into()]);
    program.keep();
    program.must(call::CLOSE, &[Kept.into()]);
    program.must(call::OPENAT, &[Operand::CWD, name, (flag::WRONLY | flag::CREAT).into(), 0o640.into()]);
    program.keep();
    program.must(call::WRITE, &[Kept.into(), bytes, 3.into()]);
    if closes {
        program.must(call::CLOSE, &[Kept.into()]);
    }
    program.exit(0);
    place.program("writer", &program)
}

#[test]
fn a_close_after_writing_tells_the_file_as_it_is_left() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(writer(&place, true)));
    sensor.fence();
    let close = sensor.one(&want! { "proc.pid" => ended.pid, "evt.type" => "close" });
    let (device, inode) = device_and_inode(&place.join("written"));
    close.is(&want! {
        "fd.name" => place.join("written"), "fd.ino" => inode, "fd.dev" => device, "vigie.file.size" => 3,
        "vigie.file.nlink" => 1, "vigie.file.mode" => 0o640, "vigie.file.uid" => 0, "evt.res" => (), "evt.rawres" => (),
        "fd.type" => "file", "vigie.fd.unverified" => sensor.tier == Tier::Tracepoint,
    });
    match sensor.tier {
        Tier::Tracepoint => close.is(&want! { "fd.num" => 3, "evt.arg.fd" => 3 }),
        Tier::Lsm => close.is(&want! { "fd.num" => i32::MAX, "evt.arg.fd" => () }),
    }
}

#[test]
fn a_file_left_open_at_the_end_of_the_process_is_told_in_the_lsm_tier() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(writer(&place, false)));
    sensor.fence();
    let closes = sensor.all(&want! { "proc.pid" => ended.pid, "evt.type" => "close" });
    match sensor.tier {
        Tier::Lsm => {
            let [close] = &closes[..] else { panic!("{closes:#?}") };
            close.is(&want! { "fd.name" => place.join("written"), "vigie.file.size" => 3 });
        }
        Tier::Tracepoint => assert!(closes.is_empty(), "{closes:#?}"),
    }
}

#[test]
fn an_open_tells_the_size() {
    let place = Place::new();
    let file = place.file("file", b"12345");
    let mut sensor = Sensor::events(&[]);
    for (flags, size) in [(flag::RDONLY, 5), (flag::WRONLY | flag::TRUNC, 0)] {
        let program = super::opener(&place, file.to_str().unwrap().as_bytes(), flags, |_| {});
        super::only_open(&mut sensor, &program)
            .is(&want! { "vigie.file.size" => size, "fs.path.name" => file });
    }
}
