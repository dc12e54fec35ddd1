//! `struct cgroup`.

use super::{Ptr, Read, globals::offset};

/// A cgroup.
#[derive(Clone, Copy)]
pub(crate) struct Cgroup(Ptr);

impl From<Ptr> for Cgroup {
    #[inline(always)]
    fn from(cgroup: Ptr) -> Self {
        Self(cgroup)
    }
}

impl Cgroup {
    /// Its id: that of its `kernfs` node, the inode number of its directory.
    #[inline(always)]
    pub(crate) fn id(self) -> Read<u64> {
        self.0.follow(offset!(cgroup_kn)).read(offset!(kernfs_node_id))
    }

    /// Where the name of its directory is.
    #[inline(always)]
    pub(crate) fn name(self) -> Read<Ptr> {
        self.0.follow(offset!(cgroup_kn)).follow(offset!(kernfs_node_name))
    }

    /// The hierarchy it belongs to; 0 is v2.
    #[inline(always)]
    pub(crate) fn hierarchy(self) -> Read<u32> {
        self.0.follow(offset!(cgroup_root)).read(offset!(cgroup_root_hierarchy_id))
    }
}
