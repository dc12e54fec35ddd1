//! One change to a condition, and the judgement of an event by what comes of it.

use crate::rules::condition::Condition;
use crate::rules::event_type::{EventType, EventTypes};
use crate::rules::leaf::{Leaf, LeafId};

/// A change to one part of a condition.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mutant<'c> {
    /// Wherever this comparison is made.
    Leaf(LeafId, LeafChange<'c>),
    /// At this node, wherever macros bring it.
    Node(&'c Condition, NodeChange),
}

/// How a comparison is changed.
#[derive(Clone, Copy, Debug)]
pub(super) enum LeafChange<'c> {
    /// It holds where it did not.
    Negated,
    /// It always holds, or never.
    Constant(bool),
    /// Another one is made.
    Replaced(&'c Leaf),
}

/// How a node is changed.
#[derive(Clone, Copy, Debug)]
pub(super) enum NodeChange {
    /// It holds where it did not.
    Negated,
    /// It always holds, or never.
    Constant(bool),
    /// The term in this place is left out.
    Without(usize),
    /// `and` becomes `or`, and `or` becomes `and`.
    Swapped,
    /// A check of the type lets these through.
    Types(EventTypes),
}

/// What a condition needs to know of an event.
pub(super) trait Facts {
    /// Its type.
    fn event_type(&self) -> EventType;
    /// Whether a comparison of the rule set holds.
    fn leaf(&self, id: LeafId) -> bool;
    /// Whether another one holds.
    fn other(&self, leaf: &Leaf) -> bool;
}

/// Whether the condition, with the change if there is one, holds.
pub(super) fn holds(condition: &Condition, mutant: Option<Mutant<'_>>, facts: &impl Facts) -> bool {
    match mutant {
        Some(Mutant::Node(node, change)) if std::ptr::eq(node, condition) => changed(node, change, facts),
        Some(_) | None => as_written(condition, mutant, facts),
    }
}

fn as_written(condition: &Condition, mutant: Option<Mutant<'_>>, facts: &impl Facts) -> bool {
    match condition {
        Condition::All(terms) => terms.iter().all(|term| holds(term, mutant, facts)),
        Condition::Any(terms) => terms.iter().any(|term| holds(term, mutant, facts)),
        Condition::Not(term) => !holds(term, mutant, facts),
        Condition::Macro(named) => holds(&named.condition, mutant, facts),
        Condition::EventType(types, _) => types.contains(facts.event_type()),
        Condition::Constant(truth, _) => *truth,
        Condition::Leaf(id) => match mutant {
            Some(Mutant::Leaf(mutated, change)) if mutated == *id => changed_leaf(*id, change, facts),
            Some(_) | None => facts.leaf(*id),
        },
    }
}

fn changed_leaf(id: LeafId, change: LeafChange<'_>, facts: &impl Facts) -> bool {
    match change {
        LeafChange::Negated => !facts.leaf(id),
        LeafChange::Constant(truth) => truth,
        LeafChange::Replaced(leaf) => facts.other(leaf),
    }
}

fn changed(node: &Condition, change: NodeChange, facts: &impl Facts) -> bool {
    let holds = |term: &Condition| holds(term, None, facts);
    match (change, node) {
        (NodeChange::Negated, _) => !as_written(node, None, facts),
        (NodeChange::Constant(truth), _) => truth,
        (NodeChange::Types(types), _) => types.contains(facts.event_type()),
        (NodeChange::Without(left_out), Condition::All(terms)) => rest(terms, left_out).all(holds),
        (NodeChange::Without(left_out), Condition::Any(terms)) => rest(terms, left_out).any(holds),
        (NodeChange::Swapped, Condition::All(terms)) => terms.iter().any(holds),
        (NodeChange::Swapped, Condition::Any(terms)) => terms.iter().all(holds),
        (NodeChange::Without(_) | NodeChange::Swapped, _) => as_written(node, None, facts),
    }
}

fn rest(terms: &[Condition], left_out: usize) -> impl Iterator<Item = &Condition> {
    terms.iter().enumerate().filter(move |(index, _)| *index != left_out).map(|(_, term)| term)
}
