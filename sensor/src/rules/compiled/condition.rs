//! A compiled condition: a tree over leaves that all rules share.

use std::sync::Arc;

use super::comparison::{Truth, all, any};
use super::leaf::LeafId;
use crate::rules::event_type::{EventType, EventTypes};

/// A condition, ready to be evaluated.
#[derive(Clone, Debug)]
pub enum Condition {
    /// All of them.
    All(Box<[Condition]>),
    /// Any of them.
    Any(Box<[Condition]>),
    /// Not this.
    Not(Box<Condition>),
    /// A comparison, by its place among the leaves of the rule set.
    Leaf(LeafId),
    /// The event is of one of these types: what `evt.type` checks become, and how it was written.
    EventType(Box<EventTypes>, Arc<str>),
    /// Known when the rules were loaded, and how it was written.
    Constant(bool, Arc<str>),
    /// The condition of a macro, shared by all that name it.
    Macro(Arc<Named>),
}

/// A macro's condition and name.
#[derive(Clone, Debug)]
pub struct Named {
    /// Name of the macro.
    pub name: Box<str>,
    /// Its condition.
    pub condition: Condition,
}

impl Condition {
    /// Whether an event satisfies it, with the truth of every leaf that is needed.
    ///
    /// Open only if the values that may still come can change the answer: `false and open` is false.
    pub fn judge(&self, event: EventType, leaf: &mut impl FnMut(LeafId) -> Truth) -> Truth {
        match self {
            Self::All(terms) => all(terms, |term| term.judge(event, leaf)),
            Self::Any(terms) => any(terms, |term| term.judge(event, leaf)),
            Self::Not(term) => term.judge(event, leaf).negated(),
            Self::Leaf(id) => leaf(*id),
            Self::EventType(types, _) => Truth::from(types.contains(event)),
            Self::Constant(truth, _) => Truth::from(*truth),
            Self::Macro(named) => named.condition.judge(event, leaf),
        }
    }

    /// Calls `visit` with every leaf, in the order in which they are written; with one that is written twice,
    /// twice.
    pub fn each_leaf(&self, visit: &mut impl FnMut(LeafId)) {
        match self {
            Self::All(terms) | Self::Any(terms) => terms.iter().for_each(|term| term.each_leaf(visit)),
            Self::Not(term) => term.each_leaf(visit),
            Self::Macro(named) => named.condition.each_leaf(visit),
            Self::Leaf(id) => visit(*id),
            Self::EventType(..) | Self::Constant(..) => {}
        }
    }
}
