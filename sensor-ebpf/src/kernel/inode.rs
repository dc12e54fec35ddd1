//! `struct inode`: who owns it, how long it is, when it changed.

use sensor_common::event::process::ProcessExec;

use super::{Ptr, Read, globals::offset, record::Record};

/// Nanoseconds of a second.
const SECOND: u64 = 1_000_000_000;

/// An inode.
#[derive(Clone, Copy)]
pub(super) struct Inode(Ptr);

impl From<Ptr> for Inode {
    #[inline(always)]
    fn from(inode: Ptr) -> Self {
        Self(inode)
    }
}

impl Inode {
    /// Owner, size and times of an executable.
    #[inline(always)]
    pub(super) fn describe(self, record: &mut Record<ProcessExec>) {
        record.body().exe_uid = record.take(self.0.read(offset!(inode_uid)));
        record.body().exe_gid = record.take(self.0.read(offset!(inode_gid)));
        record.body().exe_size = record.take(self.0.read(offset!(inode_i_size)));
        record.body().exe_mtime = record.take(self.time(offset!(inode_mtime_sec), offset!(inode_mtime_nsec)));
        record.body().exe_ctime = record.take(self.time(offset!(inode_ctime_sec), offset!(inode_ctime_nsec)));
    }

    /// Nanoseconds since 1970. The upper bits of the nanoseconds are never set, or the kernel's own marks.
    #[inline(always)]
    fn time(self, seconds: u32, nanoseconds: u32) -> Read<u64> {
        let fraction = self.0.read::<u32>(nanoseconds).map(|nanoseconds| u64::from(nanoseconds) & FRACTION);
        let whole = self.0.read::<u64>(seconds);
        whole.then(|whole| fraction.map(|fraction| whole.wrapping_mul(SECOND).wrapping_add(fraction)))
    }
}

/// Bits in which nanoseconds of a second fit; above them `I_CTIME_QUERIED` may be set.
const FRACTION: u64 = (1 << 30) - 1;
