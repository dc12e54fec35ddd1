//! Payloads of the file domain.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::tail::{Path, Slice};

/// An open, whatever its flavour.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileOpen {
    /// Inode number of the file really opened, 0 if the call failed.
    pub ino: u64,
    /// Its size in bytes once it is open: 0 behind `O_TRUNC`.
    pub size: u64,
    /// Device of its file system (`major << 20 | minor`).
    pub dev: u32,
    /// Flags asked for (`O_*`).
    pub flags: u32,
    /// Mode asked for, for a file to be created.
    pub mode: u32,
    /// `FMODE_*` of the open file.
    pub fmode: u32,
    /// 0 or the error, negative, as the kernel returned it.
    pub error: i32,
    /// The new descriptor, or -1 where this tier does not see it.
    pub fd: i32,
    /// Links to the inode.
    pub nlink: u32,
    /// Type and mode of the inode.
    pub inode_mode: u32,
    /// [`file_flags`] of the file.
    pub file_flags: u32,
    /// The name as the kernel copied it from the program, relative or not.
    pub name: Slice,
    /// Path of the file really opened.
    pub path: Path,
}

/// A name as a call was given it, and the directory that it is relative to. The two are what the program asked for:
/// where a component is a link, the file that the kernel took is another one.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Name {
    /// The name as passed.
    pub given: Slice,
    /// Path of the directory that a relative name starts from: the working directory, or that of the descriptor passed.
    pub directory: Path,
}

/// A file that the kernel had in its hands: its inode, and a path to it. All zeroes where there was none.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Object {
    /// Inode number; 0 where the path names nothing yet.
    pub ino: u64,
    /// Size, in bytes.
    pub size: u64,
    /// Device of its file system (`major << 20 | minor`).
    pub dev: u32,
    /// Links to the inode.
    pub nlink: u32,
    /// Type and mode.
    pub mode: u32,
    /// [`file_flags`].
    pub flags: u32,
    /// Owner, in the initial user namespace.
    pub uid: u32,
    /// Group, in the initial user namespace.
    pub gid: u32,
    /// Path to it.
    pub path: Path,
}

/// What the two names of a call on names are, and what came of it.
///
/// In the `lsm` tier a call on names is two records of one kind. The first ([`crate::header::flags::OBJECTS`]) is sent
/// when the kernel has found the files and has not yet changed them; it holds the [`Object`]s and no names. The second
/// is sent when the call ends; it holds the names as passed and the result, and says by its token which record it
/// completes. A call through `io_uring` or of a 32-bit task has only the first.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Ending {
    /// What the call returned.
    pub result: i64,
    /// [`crate::header::Header::time`] of the record of its objects, 0 where there was none.
    pub token: u64,
}

/// Two names, each with the directory it is relative to.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Names {
    /// The first name's directory as passed, `AT_FDCWD` where the call has none.
    pub old_dirfd: i32,
    /// The second name's directory as passed.
    pub new_dirfd: i32,
    /// Flags passed.
    pub flags: u32,
    /// The first name.
    pub old: Name,
    /// The second name.
    pub new: Name,
    /// Explicit padding.
    pub reserved: u32,
}

/// A name removed from a directory.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileRemove {
    /// How the call ended.
    pub ending: Ending,
    /// The directory passed (`dirfd`), `AT_FDCWD` where the call has none.
    pub dirfd: i32,
    /// Flags passed (`AT_REMOVEDIR`).
    pub flags: u32,
    /// What was to be removed.
    pub name: Name,
    /// Explicit padding.
    pub reserved: u32,
    /// The file whose name it was, before.
    pub file: Object,
}

/// A file under another name.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileRename {
    /// How the call ended.
    pub ending: Ending,
    /// From where to where, with `RENAME_*` flags.
    pub names: Names,
    /// The file, under its old name.
    pub file: Object,
    /// What had the new name before.
    pub replaced: Object,
}

/// One more name of a file.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileLink {
    /// How the call ended.
    pub ending: Ending,
    /// The name that is there and the new one, with `AT_*` flags.
    pub names: Names,
    /// The file, under the name that is there.
    pub file: Object,
    /// The new name, which leads to nothing yet.
    pub link: Object,
}

/// A symbolic link.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileSymlink {
    /// How the call ended.
    pub ending: Ending,
    /// The link's directory as passed.
    pub dirfd: i32,
    /// What the link says.
    pub target: Slice,
    /// The link's name.
    pub name: Name,
    /// Explicit padding.
    pub reserved: u32,
    /// The new name, which leads to nothing yet.
    pub file: Object,
}

/// A new directory.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileMkdir {
    /// How the call ended.
    pub ending: Ending,
    /// The directory it is to be made in, as passed.
    pub dirfd: i32,
    /// Mode passed.
    pub mode: u32,
    /// Its name.
    pub name: Name,
    /// Explicit padding.
    pub reserved: u32,
    /// The new name, which leads to nothing yet.
    pub file: Object,
}

/// A new device, pipe, socket or file (`mknod`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileMknod {
    /// How the call ended.
    pub ending: Ending,
    /// The directory it is to be made in, as passed.
    pub dirfd: i32,
    /// Type and mode passed.
    pub mode: u32,
    /// Device passed, as programs write it.
    pub device: u32,
    /// Its name.
    pub name: Name,
}

/// What a call that changes one file was given: a descriptor or a name.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Which {
    /// The descriptor of the file as passed, or -1 where the call was given a name.
    pub fd: i32,
    /// The directory passed, `AT_FDCWD` where the call has none.
    pub dirfd: i32,
    /// `AT_*` flags passed.
    pub flags: u32,
    /// The name; empty where the call was given a descriptor.
    pub name: Name,
}

/// Another mode.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileMode {
    /// How the call ended.
    pub ending: Ending,
    /// Which file.
    pub which: Which,
    /// Mode passed.
    pub mode: u32,
    /// Explicit padding.
    pub reserved: u32,
    /// The file: before the change in the `lsm` tier, behind the descriptor after it in the other.
    pub file: Object,
}

/// Another owner or group.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileOwner {
    /// How the call ended.
    pub ending: Ending,
    /// Which file.
    pub which: Which,
    /// User passed; `u32::MAX` leaves it as it is.
    pub uid: u32,
    /// Group passed; `u32::MAX` leaves it as it is.
    pub gid: u32,
    /// The file, as for [`FileMode`].
    pub file: Object,
}

/// Another length.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileTruncate {
    /// How the call ended.
    pub ending: Ending,
    /// Which file.
    pub which: Which,
    /// Length passed, in bytes.
    pub length: i64,
    /// The file, as for [`FileMode`].
    pub file: Object,
}

/// An extended attribute set or removed.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileXattr {
    /// How the call ended.
    pub ending: Ending,
    /// Which file; of a call that sets, the flags are `XATTR_*`.
    pub which: Which,
    /// Name of the attribute.
    pub attribute: Slice,
    /// Explicit padding.
    pub reserved: u32,
    /// Length of the value passed, in bytes; 0 for a removal.
    pub size: u64,
    /// The file behind the descriptor.
    pub file: Object,
}

/// A regular file that was open for writing is closed.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileClose {
    /// The descriptor, or -1 where the last one went in another way than by `close`.
    pub fd: i32,
    /// `FMODE_*` of the open file.
    pub fmode: u32,
    /// The file as it is left.
    pub file: Object,
}

/// A file mapped so that writes to memory change it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileMap {
    /// The address, or an error negated.
    pub result: i64,
    /// Address asked for.
    pub address: u64,
    /// Length, in bytes.
    pub length: u64,
    /// Where in the file it begins, in bytes.
    pub offset: u64,
    /// `PROT_*`.
    pub protection: u32,
    /// `MAP_*`.
    pub flags: u32,
    /// The descriptor.
    pub fd: i32,
    /// Explicit padding.
    pub reserved: u32,
    /// The file.
    pub file: Object,
}

/// A file system mounted, or a mount changed (`mount`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileMount {
    /// What the call returned.
    pub result: i64,
    /// `MS_*`.
    pub flags: u64,
    /// What is mounted: a device, a directory, or any word.
    pub source: Name,
    /// Where.
    pub directory: Name,
    /// Type of the file system.
    pub file_system: Slice,
    /// Explicit padding.
    pub reserved: u32,
}

/// A mount taken away.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileUmount {
    /// What the call returned.
    pub result: i64,
    /// `MNT_*` and `UMOUNT_*`.
    pub flags: u32,
    /// Where it was mounted.
    pub name: Name,
}

/// Another root: of the whole mount namespace (`pivot_root`) or of one process (`chroot`, without a second name).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileRoot {
    /// What the call returned.
    pub result: i64,
    /// The new root.
    pub name: Name,
    /// Where the old one goes.
    pub old: Name,
}

/// A mount moved or attached (`move_mount`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileMoveMount {
    /// What the call returned.
    pub result: i64,
    /// From where to where, with `MOVE_MOUNT_*` flags.
    pub names: Names,
}

/// A mount taken hold of by name (`open_tree`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileOpenTree {
    /// The new descriptor, or an error negated.
    pub result: i64,
    /// The directory passed.
    pub dirfd: i32,
    /// `OPEN_TREE_*` and `AT_*` flags.
    pub flags: u32,
    /// The mount's name.
    pub name: Name,
    /// Explicit padding.
    pub reserved: u32,
}

/// A file system made ready to be attached (`fsmount`).
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileFsmount {
    /// The new descriptor, or an error negated.
    pub result: i64,
    /// Descriptor of the file system's context.
    pub fs_fd: i32,
    /// `FSMOUNT_*`.
    pub flags: u32,
    /// `MOUNT_ATTR_*`.
    pub attributes: u32,
    /// Explicit padding.
    pub reserved: u32,
}

/// Facts of a file that only the kernel knows.
pub mod file_flags {
    /// On overlayfs, with data in the upper layer: written since the container was made.
    pub const UPPER_LAYER: u32 = 1 << 0;
    /// Made by `memfd_create`.
    pub const MEMFD: u32 = 1 << 1;
    /// No name leads to it any more.
    pub const DELETED: u32 = 1 << 2;
    /// This call created it.
    pub const CREATED: u32 = 1 << 3;
    /// On overlayfs, whichever layer.
    pub const OVERLAY: u32 = 1 << 4;
}
