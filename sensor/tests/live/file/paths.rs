//! However a program gets to a file, the record names the file.

use std::{
    fs::{self, File},
    io::Write,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::{ffi::OsStrExt, fs::symlink},
    },
    path::Path,
    process::Command,
};

use rustix::{
    fs::{MemfdFlags, memfd_create},
    io::dup,
};

use crate::support::{
    Assembly, Kept, Operand, Place, Proc, Sensor, call, device_and_inode, run, unique, want,
};

use super::{flag, is_of, only_open, open_of, opener, private_mounts};

#[test]
fn every_way_to_a_file_leads_to_its_path() {
    let place = Place::new();
    let file = place.file("file", b"");
    let deep = place.directory("deep/er");
    let beside = place.file("deep/beside", b"");
    symlink(&file, place.join("link")).unwrap();
    symlink("link", place.join("link to link")).unwrap();
    symlink(&deep, place.join("l")).unwrap();
    let opened = dup(File::open(&file).unwrap()).unwrap();
    let here = place.path().to_str().unwrap();
    let fd = opened.as_raw_fd();
    let ways = [
        (format!("{here}/file"), &file),
        (format!("{here}//./deep/../file"), &file),
        (format!("{here}/link"), &file),
        (format!("{here}/link to link"), &file),
        (format!("{here}/l/../beside"), &beside),
        (format!("/proc/self/root{here}/file"), &file),
        (format!("/proc/{}/root{here}/file", std::process::id()), &file),
        (format!("/proc/self/fd/{fd}"), &file),
        (format!("/dev/fd/{fd}"), &file),
    ];
    let mut sensor = Sensor::events(&[]);
    for (way, file) in ways {
        let program = opener(&place, way.as_bytes(), flag::RDONLY, |_| {});
        let event = only_open(&mut sensor, &program);
        is_of(&event, file, device_and_inode(file));
        event.is(&want! { "fd.nameraw" => way });
    }
}

#[test]
fn a_name_relative_to_a_directory_is_made_whole() {
    let place = Place::new();
    let directory = place.directory("directory");
    let file = place.file("directory/file", b"");
    let mut sensor = Sensor::events(&[]);
    // Relative to the working directory.
    let program = opener(&place, b"directory/file", flag::RDONLY, |_| {});
    let ended = run(Command::new(program).current_dir(place.path()));
    let event = open_of(&mut sensor, &ended);
    is_of(&event, &file, device_and_inode(&file));
    event.is(&want! { "fd.nameraw" => "directory/file" });
    // Relative to a descriptor.
    let mut program = Assembly::default();
    let (path, name) = (program.string(directory.as_os_str().as_bytes()), program.string(b"file"));
    program.must(call::OPENAT, &[Operand::CWD, path.into(), flag::PATH.into()]);
    program.keep();
    program.must(call::OPENAT, &[Kept.into(), name.into(), flag::RDONLY.into()]);
    program.exit(0);
    let ended = run(&mut Command::new(place.program("relative", &program)));
    sensor.fence();
    let event = sensor.one(&want! { "proc.pid" => ended.pid, "fd.nameraw" => "file" });
    is_of(&event, &file, device_and_inode(&file));
}

#[test]
fn a_hard_link_is_the_same_file() {
    let place = Place::new();
    let file = place.file("file", b"");
    let link = place.join("link");
    fs::hard_link(&file, &link).unwrap();
    let mut sensor = Sensor::events(&[]);
    let program = opener(&place, link.as_os_str().as_bytes(), flag::RDONLY, |_| {});
    let event = only_open(&mut sensor, &program);
    is_of(&event, &link, device_and_inode(&file));
    event.is(&want! { "vigie.fd.nlink" => 2 });
}

#[test]
fn a_bind_mount_is_named_as_its_mount_namespace_does() {
    let place = Place::new();
    let file = place.file("file", b"");
    let mounted = place.directory("mounted");
    let mut sensor = Sensor::events(&[]);
    let name = mounted.join("file");
    let program = opener(&place, name.as_os_str().as_bytes(), flag::RDONLY, |program| {
        const BIND: u32 = 0x1000;
        private_mounts(program);
        let from = program.string(place.path().as_os_str().as_bytes());
        let to = program.string(mounted.as_os_str().as_bytes());
        program.must(call::MOUNT, &[from.into(), to.into(), 0.into(), BIND.into(), 0.into()]);
    });
    let event = only_open(&mut sensor, &program);
    is_of(&event, &name, device_and_inode(&file));
    assert_ne!(event.number("vigie.ns.mnt"), Proc(std::process::id()).namespace("mnt"));
    assert!(!name.exists(), "the mount is nobody else's");
}

#[test]
fn a_changed_root_does_not_shorten_the_path() {
    let place = Place::new();
    let file = place.file("file", b"");
    let mut sensor = Sensor::events(&[]);
    let program = opener(&place, b"/file", flag::RDONLY, |program| {
        let root = program.string(place.path().as_os_str().as_bytes());
        program.must(call::CHROOT, &[root.into()]);
    });
    let event = only_open(&mut sensor, &program);
    is_of(&event, &file, device_and_inode(&file));
    event.is(&want! { "fd.nameraw" => "/file" });
}

#[test]
fn a_memfd_reopened_is_named() {
    let place = Place::new();
    let name = unique("memfd");
    let mut file = File::from(memfd_create(&name, MemfdFlags::empty()).unwrap());
    file.write_all(b"x").unwrap();
    let fd = OwnedFd::from(file);
    let mut sensor = Sensor::events(&[]);
    let way = format!("/proc/self/fd/{}", fd.as_raw_fd());
    let event = only_open(&mut sensor, &opener(&place, way.as_bytes(), flag::RDWR, |_| {}));
    event.is(&want! {
        "fd.name" => format!("memfd:{name}"), "vigie.fd.memfd" => true, "fd.type" => "memfd",
        "vigie.fd.deleted" => false, "fd.nameraw" => way,
    });
}

#[test]
fn a_deleted_file_reopened_keeps_its_last_name() {
    let place = Place::new();
    let file = place.file("file", b"");
    let identity = device_and_inode(&file);
    let fd = dup(File::open(&file).unwrap()).unwrap();
    fs::remove_file(&file).unwrap();
    let mut sensor = Sensor::events(&[]);
    let way = format!("/proc/self/fd/{}", fd.as_raw_fd());
    let event = only_open(&mut sensor, &opener(&place, way.as_bytes(), flag::RDONLY, |_| {}));
    is_of(&event, &file, identity);
    event.is(&want! { "vigie.fd.deleted" => true, "vigie.fd.nlink" => 0, "vigie.fd.memfd" => false });
}

#[test]
fn files_of_other_file_systems_have_their_mount_in_the_path() {
    let place = Place::new();
    let mut sensor = Sensor::events(&[]);
    let path = Path::new("/proc/sys/kernel/hostname");
    let event = only_open(&mut sensor, &opener(&place, path.as_os_str().as_bytes(), flag::RDONLY, |_| {}));
    is_of(&event, path, device_and_inode(path));
}
