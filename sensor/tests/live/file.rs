//! Opens: every flavour, every way to a file, and the file that was really opened. Calls that change files and names.

mod attributes;
mod calls;
mod contents;
mod entries;
mod flavours;
mod layers;
mod mounts;
mod names;
mod paths;
mod race;
mod resolved;
mod uring;

use std::{
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{Assembly, Ended, Event, Operand, Place, Sensor, call, run, want};

/// Flags of opens.
mod flag {
    pub(super) const RDONLY: u32 = 0;
    pub(super) const WRONLY: u32 = 1;
    pub(super) const RDWR: u32 = 2;
    pub(super) const CREAT: u32 = 0o100;
    pub(super) const EXCL: u32 = 0o200;
    pub(super) const TRUNC: u32 = 0o1000;
    pub(super) const APPEND: u32 = 0o2000;
    pub(super) const NONBLOCK: u32 = 0o4000;
    pub(super) const DIRECTORY: u32 = 0o200_000;
    pub(super) const NOFOLLOW: u32 = 0o400_000;
    pub(super) const CLOEXEC: u32 = 0o2_000_000;
    pub(super) const PATH: u32 = 0o10_000_000;
    pub(super) const TMPFILE: u32 = 0o20_000_000;
}

/// Calls that give a process a mount namespace of its own, from which nothing gets out.
fn private_mounts(program: &mut Assembly) {
    const NEW_MOUNT_NAMESPACE: u32 = 0x2_0000;
    const RECURSIVELY_PRIVATE: u32 = 0x4_4000;
    program.must(call::UNSHARE, &[NEW_MOUNT_NAMESPACE.into()]);
    let root = program.string(b"/");
    program.must(call::MOUNT, &[0.into(), root.into(), 0.into(), RECURSIVELY_PRIVATE.into(), 0.into()]);
}

/// A program that opens one file by `openat`, after what `before` adds; its exit code is the open's error.
fn opener(place: &Place, name: &[u8], flags: u32, before: impl FnOnce(&mut Assembly)) -> PathBuf {
    let mut program = Assembly::default();
    before(&mut program);
    let name = program.string(name);
    program.must(call::OPENAT, &[Operand::CWD, name.into(), flags.into(), 0o600.into()]);
    program.exit(0);
    place.program(&crate::support::unique("opener"), &program)
}

/// Runs a program and gives the one open of its process, once there can be no other.
#[track_caller]
fn only_open(sensor: &mut Sensor, program: &Path) -> Event {
    let ended = run(&mut Command::new(program));
    open_of(sensor, &ended)
}

/// The one open of a process that has ended.
#[track_caller]
fn open_of(sensor: &mut Sensor, ended: &Ended) -> Event {
    sensor.fence();
    let mut opens = opens_of(sensor, ended.pid);
    assert!(opens.len() == 1, "{} opens instead of one: {opens:#?}", opens.len());
    opens.remove(0)
}

/// The opens so far of a process.
fn opens_of(sensor: &Sensor, pid: u32) -> Vec<Event> {
    const OPENS: [&str; 5] = ["open", "openat", "openat2", "creat", "open_by_handle_at"];
    let events = sensor.all(&want! { "evt.category" => "file", "proc.pid" => pid });
    events.into_iter().filter(|event| OPENS.contains(&event.text("evt.type"))).collect()
}

/// Asserts that an open was of this file.
#[track_caller]
fn is_of(event: &Event, path: &Path, (device, inode): (u64, u64)) {
    assert_eq!(event.bytes("fd.name"), path.as_os_str().as_bytes(), "{event}");
    event.is(&want! { "fd.ino" => inode, "fd.dev" => device, "evt.res" => "SUCCESS", "evt.failed" => false });
}
