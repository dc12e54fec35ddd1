//! What the last stage works with.

use crate::{
    decode::Event,
    identity::{Identities, Resolver},
    observation::{Known, Observation},
    sink::Sink,
};

/// All that the last stage works with.
pub(super) struct Bench<'a> {
    pub(super) known: Known<'a>,
    pub(super) identities: &'a Identities<Resolver>,
    pub(super) sink: &'a Sink,
}

impl Bench<'_> {
    /// The event as rules and output see it.
    pub(super) fn observe<'a>(&'a self, event: &'a Event, number: u64) -> Observation<'a> {
        let cgroup = event.header.cgroup;
        let (identity, path) = (self.identities.view(cgroup), self.identities.path(cgroup));
        let observation = Observation::new(event, number, identity, path, &self.known);
        observation.with_target(|cgroup| self.identities.view(cgroup))
    }
}
