//! Payloads of the file domain.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::tail::{Path, Slice};

/// An open, whatever its flavour.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileOpen {
    /// Inode number of the file really opened, 0 if the call failed.
    pub ino: u64,
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

/// A name removed from a directory.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct FileRemove {
    /// What the call returned.
    pub result: i64,
    /// The directory passed (`dirfd`), `AT_FDCWD` where the call has none.
    pub dirfd: i32,
    /// Flags passed (`AT_REMOVEDIR`).
    pub flags: u32,
    /// What was to be removed.
    pub name: Name,
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
