//! Variable-length parts of a record: slices of its tail, and the form in which the kernel sends a path.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A run of bytes in the tail. Empty means absent.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Slice {
    /// Offset from the start of the tail, in bytes.
    pub start: u16,
    /// Length, in bytes.
    pub len: u16,
}

impl Slice {
    /// The bytes it names, or `None` where it points outside of `tail`.
    pub fn of(self, tail: &[u8]) -> Option<&[u8]> {
        let start = usize::from(self.start);
        tail.get(start..start.checked_add(usize::from(self.len))?)
    }
}

/// A path as the kernel programs walk it: the components from the leaf up to the root of the mount
/// namespace, each ended by NUL. The decoder turns it round.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Path {
    /// The components, leaf first; of the root one empty one; none at all where the path is not known.
    pub components: Slice,
    /// [`path_flags`].
    pub flags: u32,
}

/// Bits of [`Path::flags`].
pub mod path_flags {
    /// The walk ended before the root: the leading components are missing.
    pub const TRUNCATED: u32 = 1 << 0;
    /// The walk ended at a dentry that hangs from no mount point: a memfd, a pipe, a detached tree.
    pub const DETACHED: u32 = 1 << 1;
}

/// Most components a path walk follows; mount crossings count too.
pub const MAX_COMPONENTS: usize = 200;
/// Longest component plus its NUL, in bytes (`NAME_MAX` + 1).
pub const COMPONENT_SIZE: usize = 256;
/// Longest single piece put into a tail, in bytes.
pub const MAX_PIECE: usize = 4096;
/// A piece may begin anywhere before this offset of the tail.
pub const MAX_START: usize = 24576;
/// Largest tail.
pub const MAX_TAIL: usize = MAX_START + MAX_PIECE;
