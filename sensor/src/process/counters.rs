//! What the process table counts.

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Numbers since the start of the sensor.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Counters {
            $($(#[doc = $doc])+ pub $name: u64,)+
        }

        impl Counters {
            /// Every counter with its name, in a fixed order.
            pub fn rows(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name),)+].into_iter()
            }
        }
    };
}

counters! {
    /// Fork events applied.
    forks,
    /// Exec events applied.
    execs,
    /// Exit events applied, repeated ones not counted.
    exits,
    /// Exit events of a process whose exit was known: its last two threads ended at the same instant.
    exits_repeated,
    /// Processes taken for ended because another one has their id: their exit event was lost.
    exits_inferred,
    /// Processes first heard of in an event other than their fork or exec; entered with what the event says.
    orphans,
    /// Processes whose parent is known from their exec only: their fork event was lost.
    forks_missed,
    /// Moves to another cgroup of processes that are not in the table.
    moves_unknown,
    /// Processes that turned out to be root without a way to that; each is an event of its own.
    escalations,
    /// Processes found in /proc at start.
    seeded,
    /// Processes found in /proc for which there was no room.
    seeds_refused,
    /// Processes found in /proc whose exact start an event told.
    adopted,
    /// Living processes forgotten for want of room.
    evicted_live,
    /// Ended processes forgotten for want of room.
    evicted_exited,
    /// Images forgotten because a process ran too many programs.
    images_dropped,
    /// Images of which only the essential parts were kept, for want of memory.
    images_trimmed,
}
