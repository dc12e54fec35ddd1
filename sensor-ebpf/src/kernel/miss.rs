//! Why a sighting did not become a record.

use sensor_common::counters::Outcome;

/// Why a hook has nothing to report; counted, never logged.
#[derive(Clone, Copy)]
pub(crate) enum Miss {
    /// Not an event of this kind.
    Filtered,
    /// The sensor's own doing.
    Own,
    /// Every scratch buffer of this CPU is in use.
    Busy,
    /// A pointer was null or unreadable.
    Unreadable,
    /// This kernel lacks a member.
    NoField,
    /// The tail is full.
    TooLong,
    /// The ring is full.
    Lost,
}

impl Miss {
    /// That the event is none of its kind, unless it is.
    #[inline(always)]
    pub(crate) fn filtered_unless(wanted: bool) -> Result<(), Self> {
        if wanted { Ok(()) } else { Err(Self::Filtered) }
    }

    /// The counter it goes to.
    #[inline(always)]
    pub(crate) const fn outcome(self) -> Outcome {
        match self {
            Self::Filtered => Outcome::Filtered,
            Self::Own => Outcome::Own,
            Self::Busy => Outcome::Busy,
            Self::Unreadable => Outcome::Unreadable,
            Self::NoField => Outcome::NoField,
            Self::TooLong => Outcome::TooLong,
            Self::Lost => Outcome::Lost,
        }
    }
}
