//! Reading the values of a rules file: texts, flags and lists, each checked where it stands.

use super::source::{Fault, Place, Source, Warning};
use super::written::{Scalar, Written};
use super::yaml::{Node, NodeKind, excerpt};
use crate::rules::field::nearest;
use crate::rules::problem::{Concern, Problem};

/// Reads the items of one file.
pub(in crate::rules) struct Reader<'s> {
    pub(in crate::rules) source: &'s Source,
    pub(in crate::rules) warnings: &'s mut Vec<Warning>,
}

/// The keys and values of an item, taken out one by one.
pub(in crate::rules) struct Keys {
    pairs: Vec<(Node, Node)>,
    /// Where the item starts.
    pub(in crate::rules) start: Place,
}

impl Keys {
    pub(in crate::rules) fn take(&mut self, key: &str) -> Option<Node> {
        let at = self.pairs.iter().position(|(name, _)| scalar(name) == Some(key))?;
        Some(self.pairs.remove(at).1)
    }

    /// The key of this name, if it is there.
    pub(in crate::rules) fn find(&self, key: &str) -> Option<&Node> {
        self.pairs.iter().map(|(name, _)| name).find(|name| scalar(name) == Some(key))
    }

    /// The value of a key that an item must have.
    pub(in crate::rules) fn required(&mut self, key: &'static str, item: &str) -> Result<Node, Fault> {
        let names = || self.pairs.iter().filter_map(|(name, _)| scalar(name));
        let instead = nearest(key, names()).map(excerpt);
        self.take(key).ok_or_else(|| missing(&self.start, key, item, instead))
    }

    /// What was not taken.
    pub(in crate::rules) fn rest(self) -> Vec<(Node, Node)> {
        self.pairs
    }

    /// The names of what was not taken.
    pub(in crate::rules) fn names(&self) -> impl Iterator<Item = (&Node, &str)> {
        self.pairs.iter().map(|(name, _)| (name, scalar(name).unwrap_or_default()))
    }
}

/// The text of a node that is one.
pub(in crate::rules) fn scalar(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Scalar { text, .. } => Some(text),
        NodeKind::Sequence(_) | NodeKind::Mapping(_) => None,
    }
}

/// Whether a node stands for nothing.
pub(in crate::rules) fn is_nothing(node: &Node) -> bool {
    scalar(node).is_some_and(|text| matches!(text, "" | "~" | "null"))
}

impl Reader<'_> {
    pub(in crate::rules) fn expected(&self, node: &Node, expected: &'static str) -> Fault {
        node.fault(self.source, Problem::Expected { expected, found: node.describe() })
    }

    pub(in crate::rules) fn warn(&mut self, node: &Node, concern: Concern) {
        self.warnings.push(Warning { place: node.place(self.source), concern });
    }

    /// The keys of a mapping.
    pub(in crate::rules) fn keys(&self, node: Node, expected: &'static str) -> Result<Keys, Fault> {
        let start = node.place(self.source);
        match node.kind {
            NodeKind::Mapping(pairs) => Ok(Keys { pairs, start }),
            NodeKind::Scalar { .. } | NodeKind::Sequence(_) => Err(self.expected(&node, expected)),
        }
    }

    /// The elements of a sequence.
    pub(in crate::rules) fn elements(&self, node: Node, expected: &'static str) -> Result<Vec<Node>, Fault> {
        match node.kind {
            NodeKind::Sequence(nodes) => Ok(nodes),
            NodeKind::Scalar { .. } | NodeKind::Mapping(_) => Err(self.expected(&node, expected)),
        }
    }

    /// A scalar that is not empty.
    pub(in crate::rules) fn text<'n>(
        &self,
        node: &'n Node,
        expected: &'static str,
    ) -> Result<&'n str, Fault> {
        scalar(node).filter(|text| !text.trim().is_empty()).ok_or_else(|| self.expected(node, expected))
    }

    /// The value of a key that may be missing.
    pub(in crate::rules) fn optional_text(
        &self,
        keys: &mut Keys,
        key: &str,
        expected: &'static str,
    ) -> Result<Option<String>, Fault> {
        keys.take(key).map(|node| self.text(&node, expected).map(str::to_owned)).transpose()
    }

    pub(in crate::rules) fn texts(&self, node: &Node, expected: &'static str) -> Result<Vec<String>, Fault> {
        let NodeKind::Sequence(nodes) = &node.kind else { return Err(self.expected(node, expected)) };
        let text =
            |node| scalar(node).map(str::to_owned).ok_or_else(|| self.expected(node, "a text or a number"));
        nodes.iter().map(text).collect()
    }

    /// A text that keeps its place.
    pub(in crate::rules) fn scalar(&self, node: Node, expected: &'static str) -> Result<Scalar, Fault> {
        self.text(&node, expected)?;
        match node.kind {
            NodeKind::Scalar { text, style } => {
                Ok(Scalar { source: self.source.clone(), text, start: node.start, style })
            }
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => Err(self.expected(&node, expected)),
        }
    }

    pub(in crate::rules) fn written(&self, node: Node) -> Result<Written, Fault> {
        self.scalar(node, "a text").map(Written::from)
    }

    /// A truth value, if it is given.
    pub(in crate::rules) fn flag(&self, keys: &mut Keys, key: &str) -> Result<Option<bool>, Fault> {
        let Some(node) = keys.take(key) else { return Ok(None) };
        match scalar(&node).map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "yes" | "on" | "y") => Ok(Some(true)),
            Some("false" | "no" | "off" | "n") => Ok(Some(false)),
            Some(_) | None => Err(self.expected(&node, "`true` or `false`")),
        }
    }

    /// A name and its place.
    pub(in crate::rules) fn name(
        &mut self,
        node: &Node,
        kind: &'static str,
        fits: fn(&str) -> bool,
    ) -> Result<(String, Place), Fault> {
        let name = self.text(node, "a name")?.to_owned();
        if !fits(&name) {
            self.warn(node, Concern::BadName { kind, name: excerpt(&name) });
        }
        Ok((name, node.place(self.source)))
    }

    pub(in crate::rules) fn unknown_keys(&mut self, keys: &Keys, item: &'static str, known: &[&'static str]) {
        for (key, _) in keys.names() {
            self.unknown_key(key, item, known);
        }
    }

    fn unknown_key(&mut self, key: &Node, item: &'static str, known: &[&'static str]) {
        let name = scalar(key).unwrap_or_default();
        self.warn(
            key,
            Concern::UnknownKey { key: excerpt(name), item, suggestion: nearest_key(name, known) },
        );
    }
}

/// The error that an item lacks a key; `instead` is a key without meaning that may have been meant to be it.
pub(in crate::rules) fn missing(
    start: &Place,
    key: &'static str,
    item: &str,
    instead: Option<String>,
) -> Fault {
    Fault { place: start.clone(), problem: Problem::MissingKey { item: item.to_owned(), key, instead } }
}

/// The key that was probably meant.
pub(in crate::rules) fn nearest_key(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let meant = nearest(name, known.iter().copied());
    known.iter().copied().find(|known| Some(*known) == meant)
}
