//! Conditions in the form in which they are judged: the cheap terms first, and macros by number.

use std::collections::HashMap;
use std::sync::Arc;

use super::group::{Sort, sort};
use crate::rules::condition::{Condition, Named};
use crate::rules::event_type::EventTypes;
use crate::rules::leaf::{LeafId, Leaves};
use crate::rules::value::Type;

/// A condition, ready to be judged.
#[derive(Clone, Debug)]
pub(super) enum Node {
    All(Box<[Node]>),
    Any(Box<[Node]>),
    Not(Box<Node>),
    Leaf(LeafId),
    Types(Box<EventTypes>),
    Constant(bool),
    /// A macro, by its place among the macros.
    Macro(usize),
}

/// Turns conditions into nodes, each macro once.
#[derive(Debug)]
pub(super) struct Assembler<'l> {
    leaves: &'l Leaves,
    /// The macros in nodes, with what they cost.
    pub(super) macros: Vec<(Node, u32)>,
    /// Places of the macros, by the address of their condition, which their rules keep alive.
    places: HashMap<*const Named, usize>,
}

impl<'l> Assembler<'l> {
    pub(super) fn new(leaves: &'l Leaves) -> Self {
        Self { leaves, macros: Vec::new(), places: HashMap::new() }
    }

    /// The condition as a node, and about what it costs to judge.
    pub(super) fn node(&mut self, condition: &Condition) -> (Node, u32) {
        match condition {
            Condition::All(terms) => {
                let (terms, cost) = self.terms(terms);
                (Node::All(terms), cost)
            }
            Condition::Any(terms) => {
                let (terms, cost) = self.terms(terms);
                (Node::Any(terms), cost)
            }
            Condition::Not(term) => {
                let (node, cost) = self.node(term);
                (Node::Not(Box::new(node)), cost)
            }
            Condition::Leaf(id) => (Node::Leaf(*id), cost(*id, self.leaves)),
            Condition::EventType(types, _) => (Node::Types(types.clone()), 1),
            Condition::Constant(truth, _) => (Node::Constant(*truth), 0),
            Condition::Macro(named) => {
                let place = self.place(named);
                (Node::Macro(place), self.macros.get(place).map_or(0, |(_, cost)| *cost))
            }
        }
    }

    /// The terms with the cheapest first: the order does not change what they add up to.
    fn terms(&mut self, terms: &[Condition]) -> (Box<[Node]>, u32) {
        let mut nodes: Vec<_> = terms.iter().map(|term| self.node(term)).collect();
        nodes.sort_by_key(|(_, cost)| *cost);
        let cost = nodes.iter().fold(0_u32, |sum, (_, cost)| sum.saturating_add(*cost));
        (nodes.into_iter().map(|(node, _)| node).collect(), cost)
    }

    fn place(&mut self, named: &Arc<Named>) -> usize {
        if let Some(place) = self.places.get(&Arc::as_ptr(named)) {
            return *place;
        }
        let node = self.node(&named.condition);
        let place = self.macros.len();
        self.macros.push(node);
        self.places.insert(Arc::as_ptr(named), place);
        place
    }
}

/// About what a comparison costs, in arbitrary units.
fn cost(id: LeafId, leaves: &Leaves) -> u32 {
    let Some(leaf) = leaves.get(id) else { return 0 };
    match (sort(leaf), leaf.left.kind().of) {
        (Sort::Alone, _) => 100,
        (_, Type::Bool | Type::Number | Type::Decimal | Type::Port) => 4,
        (_, Type::Text | Type::Bytes | Type::Ip | Type::Net) => 10,
    }
}
