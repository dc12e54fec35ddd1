//! The keys of one item of a test file.

use super::problem::CaseProblem;
use crate::rules::field::nearest;
use crate::rules::problem::Problem;
use crate::rules::source::{Fault, Source};
use crate::rules::yaml::{Node, NodeKind, excerpt};

/// A mapping, read key by key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys<'n> {
    pub(super) node: &'n Node,
    pairs: &'n [(Node, Node)],
}

impl<'n> Keys<'n> {
    /// Takes a mapping; `expected` says in an error what it should be.
    pub(super) fn of(node: &'n Node, source: &Source, expected: &'static str) -> Result<Self, Fault> {
        match &node.kind {
            NodeKind::Mapping(pairs) => Ok(Self { node, pairs }),
            NodeKind::Scalar { .. } | NodeKind::Sequence(_) => Err(wrong(node, source, expected)),
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.pairs.iter().find(|(name, _)| text(name) == key).map(|(_, value)| value)
    }

    /// Every key with its node and value.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'n str, &'n Node, &'n Node)> + use<'n> {
        self.pairs.iter().map(|(key, value)| (text(key), key, value))
    }

    /// Errors for the keys that are not known in `item`.
    pub(super) fn unknown(&self, source: &Source, item: &'static str, known: &[&str]) -> Vec<Fault> {
        let unknown = self.iter().filter(|(key, ..)| !known.contains(key));
        let fault = |(key, node, _): (&str, &Node, _)| {
            let suggestion = nearest(key, known.iter().copied()).map(str::to_owned);
            node.fault(source, CaseProblem::UnknownKey { key: excerpt(key), item, suggestion }.into())
        };
        unknown.map(fault).collect()
    }
}

/// The text of a scalar; of anything else none. Keys are scalars always.
pub(super) fn text(node: &Node) -> &str {
    match &node.kind {
        NodeKind::Scalar { text, .. } => text,
        NodeKind::Sequence(_) | NodeKind::Mapping(_) => "",
    }
}

/// A scalar that is not empty.
pub(super) fn name<'n>(node: &'n Node, source: &Source, expected: &'static str) -> Result<&'n str, Fault> {
    Some(text(node)).filter(|text| !text.trim().is_empty()).ok_or_else(|| wrong(node, source, expected))
}

/// The elements of a sequence.
pub(super) fn elements<'n>(
    node: &'n Node,
    source: &Source,
    expected: &'static str,
) -> Result<&'n [Node], Fault> {
    match &node.kind {
        NodeKind::Sequence(nodes) => Ok(nodes),
        NodeKind::Scalar { .. } | NodeKind::Mapping(_) => Err(wrong(node, source, expected)),
    }
}

/// The error for a value of another kind.
pub(super) fn wrong(node: &Node, source: &Source, expected: &'static str) -> Fault {
    node.fault(source, Problem::Expected { expected, found: node.describe() })
}
