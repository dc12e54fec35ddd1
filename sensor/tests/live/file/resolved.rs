//! Where names start from, and which file the kernel took.

use std::{os::unix::fs::symlink, process::Command};

use crate::support::{Assembly, Kept, Operand, Place, Sensor, Tier, call, run, want};

use super::{calls::text, flag};

#[test]
fn a_name_starts_from_the_root_or_the_directory_of_the_call() {
    let place = Place::new();
    let directory = place.directory("jail/inner");
    let mut program = Assembly::default();
    let [jail, absolute, above, relative] =
        [place.join("jail").to_str().unwrap(), "/absolute", "/../above", "relative"]
            .map(|name| text(&mut program, name));
    let path = text(&mut program, directory.to_str().unwrap());
    program.must(call::OPENAT, &[Operand::CWD, path, flag::PATH.into()]);
    program.keep();
    program.must(call::CHROOT, &[jail]);
    program.must(call::MKDIR, &[absolute, 0o700.into()]);
    program.must(call::MKDIR, &[above, 0o700.into()]);
    program.must(call::MKDIRAT, &[Kept.into(), relative, 0o700.into()]);
    program.exit(0);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(place.program("jailed", &program)));
    sensor.fence();
    for (raw, path) in
        [("/absolute", "jail/absolute"), ("/../above", "jail/above"), ("relative", "jail/inner/relative")]
    {
        let made = sensor.one(&want! { "proc.pid" => ended.pid, "fs.path.nameraw" => raw });
        made.is(&want! { "fs.path.name" => place.join(path), "vigie.path.unverified" => sensor.tier == Tier::Tracepoint });
    }
    sensor.one(&want! { "proc.pid" => ended.pid, "evt.type" => "chroot", "evt.res" => "SUCCESS" });
}

#[test]
fn links_on_the_way_are_followed_where_the_kernel_tells() {
    let place = Place::new();
    let target = place.file("target", b"");
    symlink(&target, place.join("link")).unwrap();
    let mut program = Assembly::default();
    let link = text(&mut program, place.join("link").to_str().unwrap());
    program.must(call::CHMOD, &[link, 0o600.into()]);
    program.must(call::UNLINK, &[link]);
    program.exit(0);
    let mut sensor = Sensor::events(&[]);
    let ended = run(&mut Command::new(place.program("follower", &program)));
    sensor.fence();
    let chmod = sensor.one(&want! { "proc.pid" => ended.pid, "evt.type" => "chmod" });
    let seen = if sensor.tier == Tier::Lsm { target } else { place.join("link") };
    chmod.is(&want! { "fs.path.name" => seen, "fs.path.nameraw" => place.join("link") });
    // Of the link itself.
    sensor.one(
        &want! { "proc.pid" => ended.pid, "evt.type" => "unlink", "fs.path.name" => place.join("link") },
    );
}
