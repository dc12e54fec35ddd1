//! Sockets: every call on them, both ends as the kernel has them, and the names that addresses were asked for by.

mod connect;
mod datagrams;
mod dns;
mod listen;
mod new;
mod redirect;
mod unix;
mod uring;

use std::{fs, os::fd::AsRawFd};

use crate::support::{Event, Sensor, at_least, want};

/// The inode number of a socket, as `socket:[N]` has it.
fn inode(socket: &impl AsRawFd) -> u64 {
    let link = fs::read_link(format!("/proc/self/fd/{}", socket.as_raw_fd())).unwrap();
    let number =
        link.to_str().and_then(|link| link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
    number.unwrap_or_else(|| panic!("{} is no socket", link.display()))
}

/// The type of an event, where the kernel tells which call is being served (since Linux 5.15).
fn named(name: &'static str, usual: &'static str) -> &'static str {
    if at_least(5, 15) { name } else { usual }
}

/// The one event on a socket of this process.
#[track_caller]
fn only(sensor: &mut Sensor, kind: &str, inode: u64) -> Event {
    sensor.fence();
    sensor.one(&want! { "evt.type" => kind, "fd.ino" => inode, "proc.pid" => std::process::id() })
}

/// The network namespace of this process.
fn own_namespace() -> u64 {
    std::os::unix::fs::MetadataExt::ino(&fs::metadata("/proc/self/ns/net").unwrap())
}
