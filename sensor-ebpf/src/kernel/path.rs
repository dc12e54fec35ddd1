//! From a `struct path` to the components of its name, leaf first, through every mount up to the root of the
//! mount namespace: the same name whatever `chroot`, link or descriptor the program came by.

use aya_ebpf::helpers::generated::bpf_probe_read_kernel_str;
use sensor_common::tail::{COMPONENT_SIZE, MAX_COMPONENTS, MAX_PIECE, path_flags};

use super::{Miss, Ptr, Read, globals::offset, scratch::Scratch};

/// A place in the tree of files: a mount and a dentry in it.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(super) mnt: Ptr,
    pub(super) dentry: Ptr,
}

impl Place {
    /// What a `struct path` holds.
    #[inline(always)]
    pub(crate) fn of(path: Read<Ptr>) -> Read<Self> {
        let (mnt, dentry) = (path.follow(offset!(path_mnt)), path.follow(offset!(path_dentry)));
        Read { value: Self { mnt: mnt.value, dentry: dentry.value }, fault: mnt.fault | dentry.fault }
    }

    /// A dentry in the same mount.
    #[inline(always)]
    pub(crate) fn beside(self, dentry: Ptr) -> Self {
        Self { mnt: self.mnt, dentry }
    }
}

/// Writes the components of the path to `place` into the tail that begins at `tail`; gives [`path_flags`]. What cannot be read, or
/// finds no room, leaves the path truncated: the end of a name is worth more than none.
#[inline(always)]
pub(super) fn walk(scratch: Scratch, tail: usize, place: Place) -> u32 {
    let end = scratch.used().wrapping_add(MAX_PIECE as u64);
    let mut mount = place.mnt.container(offset!(mount_mnt)).value;
    let mut root = place.mnt.follow(offset!(vfsmount_root)).value;
    let mut dentry = place.dentry;
    for _ in 0..MAX_COMPONENTS {
        if dentry.is_null() || scratch.used() > end {
            break;
        }
        if dentry == root {
            let parent = mount.follow(offset!(mount_parent)).value;
            if parent == mount {
                return 0;
            }
            dentry = mount.follow(offset!(mount_mountpoint)).value;
            root = parent.at(offset!(mount_mnt)).follow(offset!(vfsmount_root)).value;
            mount = parent;
        } else {
            let parent = dentry.follow(offset!(dentry_parent)).value;
            if copy_name(scratch, tail, dentry).is_err() {
                break;
            }
            if parent == dentry {
                return path_flags::DETACHED;
            }
            dentry = parent;
        }
    }
    path_flags::TRUNCATED
}

#[inline(always)]
fn copy_name(scratch: Scratch, tail: usize, dentry: Ptr) -> Result<(), Miss> {
    let to = scratch.room(tail)?;
    let name = dentry.follow(offset!(dentry_name)).value;
    // SAFETY: `room` leaves `MAX_PIECE` bytes behind `to`, more than a component has; the helper checks the source.
    let len = unsafe { bpf_probe_read_kernel_str(to, COMPONENT_SIZE as u32, name.as_ptr()) };
    if len <= 0 {
        return Err(Miss::Unreadable);
    }
    scratch.set_used(scratch.used().wrapping_add(len as u64));
    Ok(())
}
