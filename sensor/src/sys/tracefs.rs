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
