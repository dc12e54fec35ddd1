//! What an event must have for a rule to be worth judging.

use std::collections::BTreeSet;

use super::group::{Sort, sort};
use super::suspicion::suspicions;
use crate::rules::condition::Condition;
use crate::rules::event_type::EventType;
use crate::rules::leaf::{Leaf, LeafId, Leaves};
use crate::rules::value::Type;

/// What one more operand costs that is taken from every event, in the units of [`Key::commonness`].
const OPERAND: u32 = 30;

/// Most leaves of a key. A key of more would be common, and the tables of the index grow by leaves times rules.
const MAX_LEAVES: usize = 100;

/// Leaves of which at least one holds for every event that satisfies a condition.
#[derive(Clone, Debug, Default)]
pub(super) struct Key {
    pub(super) leaves: BTreeSet<LeafId>,
    /// How common events are that have it, in arbitrary units.
    commonness: u32,
}

/// Looks for the keys of conditions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seeker<'s> {
    pub(super) leaves: &'s Leaves,
    /// The group in which it is seen that a leaf holds, or may hold; `None` for a leaf of which nothing is seen.
    pub(super) seen_in: &'s [Option<usize>],
    /// The type of the events, if the key may be for one type only.
    pub(super) event: Option<EventType>,
    /// The groups that are answered for every such event anyway.
    pub(super) answered: &'s BTreeSet<usize>,
}

impl Seeker<'_> {
    /// The cheapest key of a condition; `None` where it asks for nothing in particular.
    pub(super) fn key(&self, condition: &Condition) -> Option<Key> {
        self.sought(condition, true)
    }

    /// The groups in which the leaves of a key are.
    pub(super) fn groups(&self, key: &Key) -> BTreeSet<usize> {
        key.leaves.iter().filter_map(|leaf| self.seen_in.get(leaf.index()).copied().flatten()).collect()
    }

    /// The key of a condition, or of its opposite where `wanted` is false.
    fn sought(&self, condition: &Condition, wanted: bool) -> Option<Key> {
        match (condition, wanted) {
            (Condition::All(terms), true) | (Condition::Any(terms), false) => {
                let keys = terms.iter().filter_map(|term| self.sought(term, wanted));
                keys.min_by_key(|key| self.price(key))
            }
            (Condition::Any(terms), true) | (Condition::All(terms), false) => {
                terms.iter().try_fold(Key::default(), |sum, term| sum.or(self.sought(term, wanted)?))
            }
            (Condition::Not(term), _) => self.sought(term, !wanted),
            (Condition::Macro(named), _) => self.sought(&named.condition, wanted),
            (Condition::Leaf(id), true) => {
                let commonness = commonness(self.leaves.get(*id)?)?;
                Some(Key { leaves: [*id].into(), commonness })
            }
            // What can never be asks for an impossible event.
            (Condition::Constant(truth, _), _) if *truth != wanted => Some(Key::default()),
            (Condition::EventType(types, _), _)
                if self.event.is_some_and(|event| types.contains(event) != wanted) =>
            {
                Some(Key::default())
            }
            (Condition::Leaf(_), false) | (Condition::EventType(..) | Condition::Constant(..), _) => None,
        }
    }

    /// What it costs to use a key: the events that have it are judged, and its operands are taken from every event.
    fn price(&self, key: &Key) -> u32 {
        let more = self.groups(key).difference(self.answered).count();
        key.commonness.saturating_add(u32::try_from(more).unwrap_or(u32::MAX).saturating_mul(OPERAND))
    }
}

impl Key {
    fn or(mut self, other: Self) -> Option<Self> {
        self.leaves.extend(other.leaves);
        self.commonness = self.commonness.saturating_add(other.commonness);
        (self.leaves.len() <= MAX_LEAVES).then_some(self)
    }
}

/// How common events are that satisfy a leaf; `None` where it is of no use as a key.
fn commonness(leaf: &Leaf) -> Option<u32> {
    let short = |text: &[u8]| if text.len() < 4 { 40 } else { 8 };
    match sort(leaf) {
        // Of what is told by a single letter, such as the sort of a file, there are few values.
        Sort::Exact(texts) if texts.iter().all(|text| text.len() < 2) => Some(400),
        Sort::Exact(texts) => Some(u32::try_from(texts.len()).unwrap_or(u32::MAX).saturating_add(4)),
        Sort::Beginning(text) => Some(short(text)),
        Sort::Ending(text) => Some(short(text).saturating_add(2)),
        Sort::Needle(text) | Sort::NeedleOfAnyCase(text) => Some(short(text).saturating_add(8)),
        Sort::Single if leaf.left.kind().of == Type::Bool => Some(1000),
        Sort::Single => Some(500),
        Sort::Alone => {
            suspicions(leaf).map(|all| u32::try_from(all.len()).unwrap_or(u32::MAX).saturating_mul(10))
        }
    }
}
