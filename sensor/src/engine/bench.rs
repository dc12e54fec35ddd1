//! What the last stage works with.

use crate::{
    decode::Event,
    identity::{Identities, Resolver},
    observation::{Known, Observation, waits_for},
    sink::Sink,
};

/// All that the last stage works with.
pub(super) struct Bench<'a> {
    pub(super) known: Known<'a>,
    pub(super) identities: &'a Identities<Resolver>,
    pub(super) sink: &'a Sink,
}

impl Bench<'_> {
    /// Whether nothing that was asked about an event is still to come.
    pub(super) fn is_settled(&self, event: &Event) -> bool {
        let (accounts, executable) = waits_for(event, self.known.table);
        let looked_up = !self.known.enrichment.is_waiting(accounts, executable);
        looked_up && !self.identities.is_pending(event.header.cgroup)
    }

    /// The event as rules and output see it.
    pub(super) fn observe<'a>(&'a self, event: &'a Event, number: u64) -> Observation<'a> {
        let location = self.identities.location(event.header.cgroup);
        let observation = Observation::new(event, number, location, &self.known);
        observation.with_target(|cgroup| self.identities.view(cgroup))
    }
}
