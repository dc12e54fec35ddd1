//! Events of the container domain: the life of cgroups. Hierarchy 0 is v2, whose ids event headers carry.

use sensor_common::event::container as payload;
use sensor_common::header::Header;

use super::{DecodeError, wire};

/// A new cgroup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CgroupMkdir {
    /// Id of the cgroup.
    pub id: u64,
    /// Hierarchy it belongs to.
    pub hierarchy: u32,
    /// Path from the root of its hierarchy.
    pub path: Box<[u8]>,
}

/// A process moved to another cgroup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CgroupAttachTask {
    /// Id of the destination.
    pub id: u64,
    /// Hierarchy of the destination.
    pub hierarchy: u32,
    /// Path of the destination from the root of its hierarchy.
    pub path: Box<[u8]>,
    /// Thread-group id of the moved process.
    pub target_pid: u32,
    /// `start_boottime` of the moved process, nanoseconds.
    pub target_start: u64,
}

/// A cgroup is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CgroupRmdir {
    /// Id of the cgroup.
    pub id: u64,
    /// Hierarchy it belonged to.
    pub hierarchy: u32,
    /// Path from the root of its hierarchy.
    pub path: Box<[u8]>,
}

impl CgroupMkdir {
    pub(super) fn decode(header: &Header, rest: &[u8]) -> Result<Self, DecodeError> {
        let (sent, tail) = wire::split::<payload::CgroupMkdir>(header, rest)?;
        Ok(Self { id: sent.id, hierarchy: sent.hierarchy, path: tail.string(sent.path, "path")? })
    }
}

impl CgroupAttachTask {
    pub(super) fn decode(header: &Header, rest: &[u8]) -> Result<Self, DecodeError> {
        let (sent, tail) = wire::split::<payload::CgroupAttachTask>(header, rest)?;
        Ok(Self {
            id: sent.id,
            hierarchy: sent.hierarchy,
            path: tail.string(sent.path, "path")?,
            target_pid: sent.target_pid,
            target_start: sent.target_start,
        })
    }
}

impl CgroupRmdir {
    pub(super) fn decode(header: &Header, rest: &[u8]) -> Result<Self, DecodeError> {
        let (sent, tail) = wire::split::<payload::CgroupRmdir>(header, rest)?;
        Ok(Self { id: sent.id, hierarchy: sent.hierarchy, path: tail.string(sent.path, "path")? })
    }
}
