//! How sure we are of a container, and if not, why.

/// How far a claim has been checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The runtime was asked, or is about to be, and has not answered.
    Pending,
    /// The runtime knows this container, and this is the cgroup it runs in.
    Verified,
    /// The claim stands alone.
    Unverified(Reason),
}

/// Why a claim is not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// There is no client for the runtime that would know.
    NoClient,
    /// The runtime cannot be reached.
    Unreachable,
    /// The runtime did not answer in time.
    TimedOut,
    /// The answer made no sense, or was too large to read.
    Garbage,
    /// The runtime refused to answer.
    Refused,
    /// The runtime knows no such container.
    UnknownId,
    /// The runtime knows the container, which runs in another cgroup.
    OtherCgroup,
    /// The container had ended before this cgroup was made.
    NotRunning,
    /// More claims at once than can be checked.
    Busy,
}

impl Reason {
    /// Its name in alerts (`vigie.container.unverified`), summaries and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoClient => "no_client",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Garbage => "garbage",
            Self::Refused => "refused",
            Self::UnknownId => "unknown_id",
            Self::OtherCgroup => "other_cgroup",
            Self::NotRunning => "not_running",
            Self::Busy => "busy",
        }
    }

    /// Whether asking again later may well give another answer.
    pub const fn is_transient(self) -> bool {
        match self {
            Self::Unreachable | Self::TimedOut | Self::Garbage | Self::Refused | Self::Busy => true,
            Self::NoClient | Self::UnknownId | Self::OtherCgroup | Self::NotRunning => false,
        }
    }
}
