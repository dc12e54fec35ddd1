//! What the kernel programs count, per kind and outcome.

/// How one sighting of an event ended in the kernel. For every kind, `Seen` equals the sum of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(usize)]
pub enum Outcome {
    /// A hook ran.
    Seen = 0,
    /// A record was put into a ring.
    Emitted,
    /// The ring was full.
    Lost,
    /// The sensor's own doing.
    Own,
    /// Not an event of this kind after all (a thread, the kernel's own open for an exec).
    Filtered,
    /// Every scratch buffer of this CPU was in use.
    Busy,
    /// A pointer the event cannot do without was null or unreadable.
    Unreadable,
    /// This kernel has no field that the event cannot do without.
    NoField,
    /// The record did not fit.
    TooLong,
}

impl Outcome {
    /// Every outcome, in index order.
    pub const ALL: [Self; COUNT] = [
        Self::Seen,
        Self::Emitted,
        Self::Lost,
        Self::Own,
        Self::Filtered,
        Self::Busy,
        Self::Unreadable,
        Self::NoField,
        Self::TooLong,
    ];

    /// Its name in summaries and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Emitted => "emitted",
            Self::Lost => "lost",
            Self::Own => "own",
            Self::Filtered => "filtered",
            Self::Busy => "busy",
            Self::Unreadable => "unreadable",
            Self::NoField => "no_field",
            Self::TooLong => "too_long",
        }
    }
}

/// Number of outcomes.
pub const COUNT: usize = 9;

/// One kind's counters on one CPU, indexed by [`Outcome`].
pub type Row = [u64; COUNT];
