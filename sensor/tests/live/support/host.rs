//! Facts of the machine the tests run on.

use std::sync::atomic::{AtomicU32, Ordering};

/// Whether this is an emulated guest, where everything takes ten times as long.
pub(crate) fn in_guest() -> bool {
    std::env::var_os("VIGIE_GUEST").is_some()
}

/// How often to try something: `host` times, fewer in a guest.
pub(crate) fn scaled(host: u32, guest: u32) -> u32 {
    if in_guest() { guest } else { host }
}

/// The running kernel's version.
fn kernel_version() -> (u32, u32) {
    let release = rustix::system::uname().release().to_str().unwrap().to_owned();
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// Whether the running kernel is at least this one.
pub(crate) fn at_least(major: u32, minor: u32) -> bool {
    kernel_version() >= (major, minor)
}

/// Whether /proc/filesystems lists a file system.
pub(crate) fn kernel_has(file_system: &str) -> bool {
    let list = std::fs::read_to_string("/proc/filesystems").unwrap();
    list.lines().any(|line| line.split_whitespace().next_back() == Some(file_system))
}

/// A name that nothing else on this host has.
pub(crate) fn unique(name: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("vigie-{name}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
