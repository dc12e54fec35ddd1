//! Which rules an event has to be judged by, and the judgement.
//!
//! ```text
//! event type -> groups of the keys -> leaves that hold -> candidates -> conditions, cheap terms first
//! ```
//!
//! Every operand is taken from the event at most once, and every leaf and macro is judged at most once, however
//! many rules share them.

mod group;
mod grouped;
mod judgement;
mod key;
mod kind;
mod needles;
mod program;
mod scratch;
mod suspicion;
mod trie;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use group::Group;
use grouped::{Grouped, grouped};
use judgement::Judgement;
use key::Seeker;
use kind::{Building, Kind};
use program::{Assembler, Node};
pub use scratch::Scratch;

use super::comparison::Truth;
use super::condition::Condition;
use super::event_type::{EventType, EventTypes};
use super::field::Fields;
use super::leaf::Leaves;

/// A rule, as the index sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'r> {
    pub(super) condition: &'r Condition,
    pub(super) event_types: EventTypes,
    /// Whether it is judged at all.
    pub(super) enabled: bool,
}

/// The conditions of a rule set, by what events they are about.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Tells this index from every other one, so that no scratch is used for two.
    identity: u64,
    /// Number of leaves.
    leaves: usize,
    groups: Vec<Group>,
    /// For every leaf its group, where it has one.
    group_of: Vec<Option<usize>>,
    /// For every leaf the group in which it is seen that it holds, or may hold.
    seen_in: Vec<Option<usize>>,
    /// For every leaf the rules of whose key it is part.
    keyed: Vec<Box<[usize]>>,
    macros: Vec<Node>,
    conditions: Vec<Node>,
    by_event: Vec<Kind>,
}

/// For a rule of more event types than this one key has to do for all of them.
const MAX_KEYS: u32 = 16;

/// Identities of indexes; 0 is a scratch that was never used.
static NEXT: AtomicU64 = AtomicU64::new(1);

impl Index {
    /// Puts the rules of a set in order.
    pub(super) fn new(rules: &[Entry<'_>], leaves: &Leaves) -> Self {
        let mut assembler = Assembler::new(leaves);
        let conditions = rules.iter().map(|rule| assembler.node(rule.condition).0).collect();
        let macros = assembler.macros.into_iter().map(|(node, _)| node).collect();
        let Grouped { groups, group_of, seen_in } = grouped(leaves);
        let mut index = Self {
            identity: NEXT.fetch_add(1, Ordering::Relaxed),
            leaves: leaves.len(),
            groups,
            group_of,
            seen_in,
            keyed: Vec::new(),
            macros,
            conditions,
            by_event: Vec::new(),
        };
        index.add_keys(rules, leaves);
        index
    }

    fn add_keys(&mut self, rules: &[Entry<'_>], leaves: &Leaves) {
        let mut keyed: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); leaves.len()];
        let mut kinds = vec![Building::new(rules.len()); EventType::COUNT];
        for (place, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            let mut sought = |event: Option<EventType>, answered: &BTreeSet<usize>| {
                let seeker = Seeker { leaves, seen_in: &self.seen_in, event, answered };
                let key = seeker.key(rule.condition);
                for leaf in key.iter().flat_map(|key| &key.leaves) {
                    keyed.get_mut(leaf.index()).into_iter().for_each(|rules| {
                        rules.insert(place);
                    });
                }
                key.map(|key| seeker.groups(&key))
            };
            let is_special = rule.event_types.count() <= MAX_KEYS;
            let general = if is_special { None } else { sought(None, &BTreeSet::new()) };
            for event in rule.event_types.iter() {
                let Some(kind) = kinds.get_mut(event.index()) else { continue };
                if is_special {
                    let groups = sought(Some(event), &kind.groups);
                    kind.add(place, groups.as_ref());
                } else {
                    kind.add(place, general.as_ref());
                }
            }
        }
        self.keyed = keyed.into_iter().map(|rules| rules.into_iter().collect()).collect();
        self.by_event = kinds.into_iter().map(Building::finish).collect();
    }

    /// Calls `candidate` with the place of every rule that an event may satisfy, and whether it does, in the order
    /// of the rules, until that says to stop.
    pub(super) fn judge<F: Fields + ?Sized>(
        &self,
        event: EventType,
        leaves: &Leaves,
        fields: &F,
        scratch: &mut Scratch,
        mut candidate: impl FnMut(usize, Truth, &mut Judgement<'_, F>) -> Next,
    ) {
        let number = scratch.begin(self);
        let Some(kind) = self.by_event.get(event.index()) else { return };
        let mut judgement = Judgement { index: self, leaves, fields, scratch, event, number };
        judgement.find_candidates(kind);
        for word in 0..kind.rules.len() {
            let mut bits = judgement.scratch.candidates.get(word).copied().unwrap_or_default();
            while bits != 0 {
                let place = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let truth = self.conditions.get(place).map_or(Truth::False, |node| judgement.node(node));
                if truth != Truth::False && candidate(place, truth, &mut judgement) == Next::Stop {
                    return;
                }
            }
        }
    }
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Continue,
    Stop,
}

#[cfg(test)]
mod tests;
