//! Payloads of the container domain: the life of cgroups.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::tail::Slice;

/// A new cgroup.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct CgroupMkdir {
    /// Id of the cgroup (`kernfs` node id).
    pub id: u64,
    /// Hierarchy it belongs to; 0 is v2.
    pub hierarchy: u32,
    /// Path from the root of its hierarchy.
    pub path: Slice,
}

/// A task moved to another cgroup.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct CgroupAttachTask {
    /// Id of the destination cgroup.
    pub id: u64,
    /// `start_boottime` of the moved process's leader, nanoseconds.
    pub target_start: u64,
    /// Thread-group id of the moved process.
    pub target_pid: u32,
    /// Hierarchy of the destination; 0 is v2.
    pub hierarchy: u32,
    /// Path of the destination from the root of its hierarchy.
    pub path: Slice,
    /// Explicit padding.
    pub reserved: u32,
}

/// A cgroup is gone.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct CgroupRmdir {
    /// Id of the cgroup.
    pub id: u64,
    /// Hierarchy it belonged to; 0 is v2.
    pub hierarchy: u32,
    /// Path from the root of its hierarchy.
    pub path: Slice,
}
