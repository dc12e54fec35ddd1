//! What the stage counts.

/// What the stage counts beside what its parts count.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    /// Operations told.
    pub(super) operations: u64,
    /// Files that were not read, because too many were to be.
    pub(super) unread: u64,
    /// Events whose path could not be placed on the host.
    pub(super) unplaced: u64,
}
