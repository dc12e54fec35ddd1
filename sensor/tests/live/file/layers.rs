//! overlayfs: which layer a file is in, which is to say whether it was written since the layers were put together.

use std::{os::unix::ffi::OsStrExt, process::Command};

use crate::support::{Assembly, Operand, Place, Sensor, call, kernel_has, run, want};

use super::{flag, opens_of, private_mounts};

#[test]
fn the_layer_of_a_file_is_known() {
    if !kernel_has("overlay") {
        println!("skipped: /proc/filesystems lists no overlay");
        return;
    }
    let place = Place::new();
    let [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map(|name| place.directory(name));
    for name in ["read", "changed"] {
        std::fs::write(lower.join(name), b"x").unwrap();
    }
    let mut program = Assembly::default();
    private_mounts(&mut program);
    let kind = program.string(b"overlay");
    let options =
        format!("lowerdir={},upperdir={},workdir={}", lower.display(), upper.display(), work.display());
    let (options, target) =
        (program.string(options.as_bytes()), program.string(merged.as_os_str().as_bytes()));
    program.must(call::MOUNT, &[kind.into(), target.into(), kind.into(), 0.into(), options.into()]);
    let opens = [
        ("read", flag::RDONLY, false),
        ("changed", flag::RDONLY, false),
        ("changed", flag::RDWR, true),
        ("changed", flag::RDONLY, true),
        ("new", flag::WRONLY | flag::CREAT, true),
    ];
    for (name, flags, _) in opens {
        let name = program.string(merged.join(name).as_os_str().as_bytes());
        program.must(call::OPENAT, &[Operand::CWD, name.into(), flags.into(), 0o600.into()]);
    }
    program.exit(0);
    let program = place.program("layers", &program);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(program));
    sensor.fence();
    // Copying up opens files too, of the layers themselves.
    let prefix = merged.to_str().unwrap();
    let records = opens_of(&sensor, ended.pid);
    let records: Vec<_> = records.iter().filter(|open| open.text("fd.name").starts_with(prefix)).collect();
    assert_eq!(records.len(), opens.len());
    for (record, (name, _, is_upper)) in records.iter().zip(opens) {
        record.is(&want! { "fd.name" => merged.join(name), "fd.is_upper_layer" => is_upper });
    }
}

#[test]
fn a_file_of_no_overlay_is_in_no_upper_layer() {
    let place = Place::new();
    let file = place.file("file", b"");
    let mut sensor = Sensor::events(&[]);
    let program = super::opener(&place, file.as_os_str().as_bytes(), flag::WRONLY, |_| {});
    super::only_open(&mut sensor, &program).is(&want! { "fd.is_upper_layer" => false });
}
