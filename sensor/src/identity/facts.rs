//! Everything that a runtime can say of one container, gathered for checking claims against it.

use std::sync::Arc;

use jiff::Timestamp;

use super::metadata::Shared;
use super::source::Source;
use super::state::Reason;

/// What a runtime knows of a container.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Who says so.
    pub source: Source,
    /// For the alerts.
    pub metadata: Shared,
    /// The cgroups it may be in. None at all if its init process is somewhere else.
    pub cgroups: Vec<Vec<u8>>,
    /// When its last run ended; `None` while it runs, or has not run yet.
    pub ended: Option<Timestamp>,
}

impl Facts {
    /// Checks a claim: the container at `cgroup`, first seen at `seen`.
    pub fn check(&self, cgroup: &[u8], seen: Timestamp) -> Result<Shared, Reason> {
        if !self.cgroups.iter().any(|candidate| candidate == cgroup) {
            return Err(Reason::OtherCgroup);
        }
        if self.ended.is_some_and(|ended| ended < seen) {
            return Err(Reason::NotRunning);
        }
        Ok(Arc::clone(&self.metadata))
    }
}

/// What a runtime reports of a container while it happens.
#[derive(Clone, Debug)]
pub struct Happening {
    /// The container's id.
    pub id: String,
    /// Who says so.
    pub source: Source,
    /// What happened.
    pub what: What,
}

/// What may happen to a container.
#[derive(Clone, Debug)]
pub enum What {
    /// It was created; with what the news itself tells of it, if that is enough to check claims.
    Created(Option<Facts>),
    /// It runs, maybe again.
    Started,
    /// What was said of it before is out of date.
    Changed,
    /// Its run ended, or it is gone.
    Ended(Timestamp),
}
