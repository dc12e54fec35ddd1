//! What the engine's thread asks the resolver, and what it hears back.

use super::claim::Claim;
use super::metadata::Shared;
use super::state::Reason;

/// A claim to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Number of the record that the answer is for.
    pub record: u64,
    /// The claim.
    pub claim: Claim,
    /// The cgroup that the container would run in.
    pub cgroup: Box<[u8]>,
    /// When that cgroup was first seen, on the events' clock (`CLOCK_BOOTTIME`, nanoseconds).
    pub seen: u64,
}

/// What a runtime made of a claim. More than one may come for a request: a later one amends the earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Number of the record it is for.
    pub record: u64,
    /// What the container is, or why that is not known.
    pub verdict: Result<Shared, Reason>,
}

/// Somebody who checks claims.
pub trait Ask {
    /// Takes the request, or gives it back when there are too many; never waits.
    fn ask(&mut self, request: Request) -> Result<(), Request>;
    /// The next answer, if there is one; never waits.
    fn try_recv(&mut self) -> Option<Answer>;
}
