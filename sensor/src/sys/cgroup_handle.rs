//! Finding a cgroup by its id, without looking at the others.

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

/// `FILEID_KERNFS` of `include/linux/exportfs.h`: the handle is the id.
const FILEID_KERNFS: libc::c_int = 0xfe;

/// A `struct file_handle` with room for an id.
#[repr(C)]
struct Handle {
    bytes: libc::c_uint,
    kind: libc::c_int,
    id: [u8; 8],
}

/// Path, from the root of the hierarchy that is mounted at `mount`, of the cgroup with this id; an error if it is gone.
pub fn path_of(mount: &Path, id: u64) -> io::Result<Vec<u8>> {
    let root = open(mount, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut handle = Handle { bytes: 8, kind: FILEID_KERNFS, id: id.to_ne_bytes() };
    let found = by_handle(&root, &mut handle)?;
    let link =
        std::fs::read_link(format!("/proc/self/fd/{}", found.as_raw_fd()))?.into_os_string().into_vec();
    let place = mount.as_os_str().as_encoded_bytes();
    let below = link.strip_prefix(place).ok_or(io::ErrorKind::NotFound)?;
    Ok(if below.is_empty() { b"/".to_vec() } else { below.to_vec() })
}

fn by_handle(root: &impl AsFd, handle: &mut Handle) -> io::Result<OwnedFd> {
    let root = root.as_fd().as_raw_fd();
    let flags = libc::O_PATH | libc::O_CLOEXEC;
    // SAFETY: the directory is open while it is borrowed; the handle is laid out as the kernel's, says how many bytes it
    // has, and outlives the call, which only reads it.
    let found = unsafe { libc::open_by_handle_at(root, (&raw mut *handle).cast(), flags) };
    if found < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel made this descriptor for this call, so nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(found) })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::sys::cgroupfs::{find_mount, of_process};

    #[test]
    fn the_own_cgroup_is_found_by_its_id() {
        let mount = find_mount().unwrap();
        let own = of_process(std::process::id()).unwrap();
        let relative = std::str::from_utf8(&own).unwrap().trim_start_matches('/');
        let id = std::fs::metadata(mount.join(relative)).unwrap().ino();
        assert_eq!(path_of(&mount, id).unwrap(), own);
        assert!(path_of(&mount, u64::MAX - 1).is_err(), "no cgroup has it");
    }
}
