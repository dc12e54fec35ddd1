//! What look-ups count.

use crate::sys::root::Refusal;

/// Numbers of one kind of look-up since the start of the sensor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// Questions taken.
    asked: u64,
    /// Questions for which there was no room.
    not_asked: u64,
    /// Answers.
    found: u64,
    /// Refusals, in the order of [`Refusal::ALL`].
    refused: [u64; Refusal::ALL.len()],
    /// Things forgotten for want of room.
    pub(super) evicted: u64,
    /// Threads given up.
    pub(super) lost_threads: u64,
}

impl Counters {
    pub(super) fn asked(&mut self, taken: bool) {
        let counter = if taken { &mut self.asked } else { &mut self.not_asked };
        *counter = counter.saturating_add(1);
    }

    pub(super) fn count(&mut self, refusal: Option<Refusal>) {
        let counters = Refusal::ALL.iter().zip(&mut self.refused);
        let counter = counters.filter(|(kind, _)| Some(**kind) == refusal).map(|(_, counter)| counter).next();
        let counter = counter.unwrap_or(&mut self.found);
        *counter = counter.saturating_add(1);
    }

    /// Every counter with its name.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        let Self { asked, not_asked, found, refused, evicted, lost_threads } = *self;
        let refused = Refusal::ALL.into_iter().map(Refusal::counter).zip(refused);
        let others = [
            ("asked", asked),
            ("not_asked", not_asked),
            ("found", found),
            ("evicted", evicted),
            ("lost_threads", lost_threads),
        ];
        others.into_iter().chain(refused)
    }
}
