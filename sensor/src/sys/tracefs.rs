//! tracefs, through which tracepoints are found by name.

use std::{io, path::Path};

use rustix::mount::{MountFlags, mount};

/// Where distributions mount it, and where it also appears.
const PLACES: [&str; 2] = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/// Mounts tracefs where it belongs unless it is mounted already.
pub fn ensure() -> io::Result<()> {
    let [place, _] = PLACES;
    if PLACES.iter().any(|place| Path::new(place).join("events").is_dir()) {
        return Ok(());
    }
    mount("tracefs", place, "tracefs", MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC, None)?;
    Ok(())
}

/// Whether this is the tracepoint (`category/name`) of a system call that the kernel does not have, rather than of one
/// that it does not trace: it traces others.
pub fn lacks_call(target: &str) -> bool {
    let events = PLACES.map(|place| Path::new(place).join("events"));
    let mut tracing = events.iter().filter(|events| events.join("syscalls").is_dir());
    target.starts_with("syscalls/") && tracing.next().is_some_and(|events| !events.join(target).exists())
}
