//! What an event must have for a rule to be worth judging.

use std::collections::BTreeSet;

use super::group::{Sort, sort};
use crate::rules::condition::Condition;
use crate::rules::leaf::{Leaf, LeafId, Leaves};
use crate::rules::value::Type;

/// Leaves of which at least one holds for every event that satisfies a condition.
#[derive(Clone, Debug, Default)]
pub(super) struct Key {
    pub(super) leaves: BTreeSet<LeafId>,
    /// How common events are that have it, in arbitrary units.
    commonness: u32,
}

/// The rarest key of a condition; `None` where it asks for nothing in particular.
pub(super) fn key(condition: &Condition, leaves: &Leaves) -> Option<Key> {
    sought(condition, true, leaves)
}

/// The key of a condition, or of its opposite where `wanted` is false.
fn sought(condition: &Condition, wanted: bool, leaves: &Leaves) -> Option<Key> {
    match (condition, wanted) {
        (Condition::All(terms), true) | (Condition::Any(terms), false) => {
            let keys = terms.iter().filter_map(|term| sought(term, wanted, leaves));
            keys.min_by_key(|key| key.commonness)
        }
        (Condition::Any(terms), true) | (Condition::All(terms), false) => {
            terms.iter().try_fold(Key::default(), |sum, term| Some(sum.or(sought(term, wanted, leaves)?)))
        }
        (Condition::Not(term), _) => sought(term, !wanted, leaves),
        (Condition::Macro(named), _) => sought(&named.condition, wanted, leaves),
        (Condition::Leaf(id), true) => {
            let commonness = commonness(leaves.get(*id)?)?;
            Some(Key { leaves: [*id].into(), commonness })
        }
        // What can never be asks for an impossible event.
        (Condition::Constant(truth, _), _) if *truth != wanted => Some(Key::default()),
        (Condition::Leaf(_), false) | (Condition::EventType(..) | Condition::Constant(..), _) => None,
    }
}

impl Key {
    fn or(mut self, other: Self) -> Self {
        self.leaves.extend(other.leaves);
        self.commonness = self.commonness.saturating_add(other.commonness);
        self
    }
}

/// How common events are that satisfy a leaf; `None` where it is of no use as a key.
fn commonness(leaf: &Leaf) -> Option<u32> {
    let short = |text: &[u8]| if text.len() < 4 { 40 } else { 8 };
    match sort(leaf) {
        Sort::Exact(texts) => Some(u32::try_from(texts.len()).unwrap_or(u32::MAX).saturating_add(4)),
        Sort::Beginning(text) => Some(short(text)),
        Sort::Ending(text) => Some(short(text).saturating_add(2)),
        Sort::Needle(text) | Sort::NeedleOfAnyCase(text) => Some(short(text).saturating_add(8)),
        Sort::Single if leaf.left.kind().of == Type::Bool => Some(1000),
        Sort::Single => Some(500),
        Sort::Alone => None,
    }
}
