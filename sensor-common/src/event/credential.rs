//! Payloads of the credential domain.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::tail::Slice;

/// An id that a call does not name or leaves as it is, or that is not known.
pub const NO_ID: u32 = u32::MAX;

/// `struct cred`: who a task is and what it may do. Ids are those of the initial user namespace.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Credentials {
    /// Real user id.
    pub uid: u32,
    /// Real group id.
    pub gid: u32,
    /// Saved user id.
    pub suid: u32,
    /// Saved group id.
    pub sgid: u32,
    /// Effective user id.
    pub euid: u32,
    /// Effective group id.
    pub egid: u32,
    /// User id for access to files.
    pub fsuid: u32,
    /// Group id for access to files.
    pub fsgid: u32,
    /// Inheritable capabilities, one bit each.
    pub cap_inheritable: u64,
    /// Permitted capabilities.
    pub cap_permitted: u64,
    /// Effective capabilities.
    pub cap_effective: u64,
}

/// A change of user or group ids.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct CredentialSetid {
    /// What the call returned.
    pub result: i64,
    /// The ids as passed, in the order of the call's arguments; [`NO_ID`] where the call has fewer, and where an id is
    /// to stay as it is.
    pub ids: [u32; 3],
    /// 1 if `before` is known.
    pub has_before: u32,
    /// When the call began.
    pub before: Credentials,
    /// When it ended.
    pub after: Credentials,
}

/// A change of the supplementary groups.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct CredentialSetgroups {
    /// What the call returned.
    pub result: i64,
    /// Number of groups as passed.
    pub count: u32,
    /// The first of them, `u32` each, from the program's own memory.
    pub groups: Slice,
}

/// A change of capabilities.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct CredentialCapset {
    /// What the call returned.
    pub result: i64,
    /// 1 if `before` is known.
    pub has_before: u32,
    /// Explicit padding.
    pub reserved: u32,
    /// When the call began.
    pub before: Credentials,
    /// When it ended.
    pub after: Credentials,
}

/// Credentials put in force that give more than those before.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct CredentialCommit {
    /// In force until now.
    pub before: Credentials,
    /// In force from now on.
    pub after: Credentials,
    /// Inode number of the user namespace until now.
    pub user_ns_before: u32,
    /// Inode number of the user namespace from now on.
    pub user_ns_after: u32,
}
