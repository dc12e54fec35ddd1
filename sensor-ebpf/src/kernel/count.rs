//! The counters: every sighting is counted, and how it ended.

use sensor_common::{
    counters::{COUNT, Outcome},
    event::Kind,
};

use super::{atomic, maps::COUNTERS};

/// One kind's counters on this CPU.
#[derive(Clone, Copy)]
pub(super) struct Row(*mut [u64; COUNT]);

impl Row {
    /// The counters of `kind`; there always are some, but the verifier wants the question asked.
    #[inline(always)]
    pub(super) fn of(kind: Kind) -> Option<Self> {
        COUNTERS.get_ptr_mut(kind.index()).map(Self)
    }

    /// Adds one. Atomic, because a program may be preempted by another one on the same CPU.
    #[inline(always)]
    pub(super) fn add(self, outcome: Outcome) {
        let counter = self.0.cast::<u64>().wrapping_add(outcome as usize);
        // SAFETY: `outcome` is below `COUNT`, so the counter lies within the map value, which lives as long as
        // the program runs, is aligned to 8 bytes, and is only ever changed atomically.
        unsafe { atomic::add(counter, 1) };
    }
}
