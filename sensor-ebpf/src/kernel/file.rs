//! Files: `struct file`, inodes, and what overlayfs and memfd make of them.

use sensor_common::event::{
    Payload,
    file::{Object, file_flags},
};

use super::{Miss, Ptr, Read, globals::offset, path::Place, record::Record};

/// Magic numbers of `include/uapi/linux/magic.h`.
const OVERLAYFS_SUPER_MAGIC: u64 = 0x794c_7630;
const TMPFS_MAGIC: u64 = 0x0102_1994;
const HUGETLBFS_MAGIC: u64 = 0x9584_58f6;
/// The first bytes of every memfd's name.
const MEMFD: [u8; 6] = *b"memfd:";
const ANON_INODE_FS_MAGIC: u64 = 0x0904_1934;
const PID_FS_MAGIC: u64 = 0x5049_4446;
/// The name of every descriptor of a process, before these had a file system of their own (Linux 6.9).
const PIDFD: [u8; 8] = *b"[pidfd]\0";

/// `FMODE_WRITE`: open for writing.
const FMODE_WRITE: u32 = 2;
/// Types of an inode, in its mode (`include/uapi/linux/stat.h`).
const S_IFMT: u16 = 0o170_000;
const S_IFSOCK: u16 = 0o140_000;
const S_IFREG: u16 = 0o100_000;

/// An open file.
#[derive(Clone, Copy)]
pub(crate) struct File(Ptr);

/// What an inode says.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) dev: u32,
    pub(crate) ino: u64,
    pub(super) size: u64,
    pub(super) nlink: u32,
    pub(super) mode: u32,
    pub(super) flags: u32,
}

impl From<Ptr> for File {
    #[inline(always)]
    fn from(file: Ptr) -> Self {
        Self(file)
    }
}

impl File {
    /// Its `struct path`.
    #[inline(always)]
    pub(crate) fn path(self) -> Read<Ptr> {
        self.0.at(offset!(file_path))
    }

    /// Its `O_*` flags; those that only matter while opening are gone from them.
    #[inline(always)]
    pub(super) fn flags(self) -> Read<u32> {
        self.0.read(offset!(file_flags))
    }

    /// Its `FMODE_*`.
    #[inline(always)]
    pub(crate) fn mode(self) -> Read<u32> {
        self.0.read(offset!(file_mode))
    }

    /// Its inode.
    #[inline(always)]
    pub(super) fn inode(self) -> Read<Ptr> {
        self.0.follow(offset!(file_inode))
    }

    /// Whether it is a socket.
    #[inline(always)]
    pub(super) fn is_socket(self) -> bool {
        self.inode().read::<u16>(offset!(inode_mode)).value & S_IFMT == S_IFSOCK
    }

    /// What its kind of file hangs on to it.
    #[inline(always)]
    pub(super) fn private_data(self) -> Read<Ptr> {
        self.0.follow(offset!(file_private_data))
    }

    /// Whether it is a regular file that can be written through this opening.
    #[inline(always)]
    pub(crate) fn is_written(self) -> bool {
        let kind = self.inode().read::<u16>(offset!(inode_mode)).value & S_IFMT;
        self.mode().value & FMODE_WRITE != 0 && kind == S_IFREG
    }

    /// What its inode says.
    #[inline(always)]
    pub(crate) fn facts(self) -> Result<Facts, Miss> {
        facts(self.inode(), Place::of(self.path()).value)
    }

    /// It, with a path to it.
    #[inline(always)]
    pub(crate) fn object<E: Payload>(self, record: &mut Record<E>) -> Result<Object, Miss> {
        object(record, self.inode(), Place::of(self.path()))
    }

    /// Thread-group id of the process that a descriptor of a process leads to; 0 where it is none.
    #[inline(always)]
    pub(crate) fn pidfd(self) -> u32 {
        let inode = self.0.follow(offset!(file_inode));
        let magic = inode.follow(offset!(inode_sb)).read::<u64>(offset!(sb_magic)).value;
        let pid = if magic == PID_FS_MAGIC {
            inode.follow(offset!(inode_private))
        } else if magic == ANON_INODE_FS_MAGIC && self.name::<{ PIDFD.len() }>() == PIDFD {
            self.0.follow(offset!(file_private_data))
        } else {
            return 0;
        };
        pid.at(offset!(pid_numbers)).read::<u32>(offset!(upid_nr)).value
    }

    /// The first bytes of its name.
    #[inline(always)]
    fn name<const N: usize>(self) -> [u8; N] {
        let dentry = self.path().follow(offset!(path_dentry));
        dentry.follow(offset!(dentry_name)).read::<[u8; N]>(0).value
    }
}

impl Place {
    /// The file that is there, with the path; only the path where there is none.
    #[inline(always)]
    pub(crate) fn object<E: Payload>(self, record: &mut Record<E>) -> Result<Object, Miss> {
        let inode = self.dentry.follow(offset!(dentry_inode));
        let place = Read { value: self, fault: 0 };
        if inode.required()?.is_null() {
            return Ok(Object { path: record.place(place)?, ..Object::default() });
        }
        object(record, inode, place)
    }
}

/// A file with a path to it.
#[inline(always)]
fn object<E: Payload>(record: &mut Record<E>, inode: Read<Ptr>, place: Read<Place>) -> Result<Object, Miss> {
    let Facts { dev, ino, size, nlink, mode, flags } = facts(inode, place.value)?;
    let uid = record.take(inode.read(offset!(inode_uid)));
    let gid = record.take(inode.read(offset!(inode_gid)));
    Ok(Object { ino, size, dev, nlink, mode, flags, uid, gid, path: record.place(place)? })
}

/// What an inode says, which is found in this place.
#[inline(always)]
fn facts(inode: Read<Ptr>, place: Place) -> Result<Facts, Miss> {
    let sb = inode.follow(offset!(inode_sb));
    let magic = sb.read::<u64>(offset!(sb_magic)).required()?;
    let nlink = inode.read::<u32>(offset!(inode_nlink));
    let mut flags = if nlink.value == 0 { file_flags::DELETED } else { 0 };
    if magic == OVERLAYFS_SUPER_MAGIC {
        flags |= overlay(inode);
    } else if magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC {
        flags |= memfd(place);
    }
    Ok(Facts {
        dev: sb.read(offset!(sb_dev)).required()?,
        ino: inode.read(offset!(inode_ino)).required()?,
        size: inode.read(offset!(inode_i_size)).value,
        nlink: nlink.required()?,
        mode: inode.read::<u16>(offset!(inode_mode)).value.into(),
        flags,
    })
}

/// A memfd's dentry is its own parent, is no mount's root, and its name says what it is.
#[inline(always)]
fn memfd(Place { mnt, dentry }: Place) -> u32 {
    let root = mnt.follow(offset!(vfsmount_root));
    let parent = dentry.follow(offset!(dentry_parent));
    let name = dentry.follow(offset!(dentry_name)).read::<[u8; MEMFD.len()]>(0);
    let detached = dentry != root.value && parent.value == dentry;
    if detached && name.value == MEMFD { file_flags::MEMFD } else { 0 }
}

/// overlayfs embeds its inode in one of its own, which keeps the upper dentry right behind it.
#[inline(always)]
fn overlay(inode: Read<Ptr>) -> u32 {
    let upper = inode.read::<u64>(offset!(inode_size)).value;
    file_flags::OVERLAY | if upper == 0 { 0 } else { file_flags::UPPER_LAYER }
}
