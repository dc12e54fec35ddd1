//! What is learnt about one event, for all rules that ask.

use super::Index;
use crate::rules::comparison::Truth;
use crate::rules::leaf::LeafId;

/// Memory for the judgement of one event, to be used again for the next: nothing is allocated per event.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    /// The index that it fits.
    fits: u64,
    /// Number of the event, so that what was learnt about an earlier one counts for nothing.
    event: u32,
    pub(super) leaves: Notes,
    pub(super) groups: Notes,
    pub(super) macros: Notes,
    /// Leaves that the groups found to hold, each once.
    pub(super) hits: Vec<LeafId>,
    /// A bit for every rule that may match.
    pub(super) candidates: Vec<u64>,
}

/// Truths by number, each with the event for which it was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes(Vec<(u32, Truth)>);

impl Notes {
    fn fit(&mut self, length: usize) {
        self.0.clear();
        self.0.resize(length, (0, Truth::False));
    }

    pub(super) fn get(&self, place: usize, event: u32) -> Option<Truth> {
        self.0.get(place).filter(|(noted, _)| *noted == event).map(|(_, truth)| *truth)
    }

    pub(super) fn set(&mut self, place: usize, event: u32, truth: Truth) {
        if let Some(note) = self.0.get_mut(place) {
            *note = (event, truth);
        }
    }
}

impl Scratch {
    /// Makes ready for one more event, and gives its number.
    pub(super) fn begin(&mut self, index: &Index) -> u32 {
        let next = self.event.checked_add(1);
        if self.fits != index.identity || next.is_none() {
            self.fits = index.identity;
            self.leaves.fit(index.leaves);
            self.groups.fit(index.groups.len());
            self.macros.fit(index.macros.len());
            self.event = 0;
        }
        self.hits.clear();
        self.event += 1;
        self.event
    }
}
