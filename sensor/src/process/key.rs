//! What tells one process from every other since boot.

use sensor_common::header::Header;

/// The unit of start times in /proc, in nanoseconds: `USER_HZ` is 100 on every architecture we support.
pub const TICK: u64 = 10_000_000;

/// A process: its id may be used again, but not with the same start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessKey {
    /// Thread-group id in the initial pid namespace.
    pub pid: u32,
    /// `start_boottime` of the thread-group leader, nanoseconds.
    pub start: u64,
}

impl ProcessKey {
    /// The process that caused an event.
    pub fn of(header: &Header) -> Self {
        Self { pid: header.pid, start: header.start }
    }

    /// Its start in the unit that /proc shows.
    pub fn tick(self) -> u64 {
        self.start / TICK
    }
}
