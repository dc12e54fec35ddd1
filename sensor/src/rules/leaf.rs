//! The leaves of conditions: each comparison once, however many rules make it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::comparison::{Comparison, Truth};
use super::field::Fields;
use super::operand::Operand;
use super::value::Value;

/// The place of a leaf in [`Leaves`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafId(u32);

impl LeafId {
    /// Its place.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One comparison. It is displayed as a condition would write it, lists expanded.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// What is compared.
    pub left: Operand,
    /// With what, and how.
    pub comparison: Comparison,
    text: Arc<str>,
}

impl Leaf {
    /// What is compared, as an event has it.
    pub fn value<'f, F: Fields + ?Sized>(&'f self, fields: &'f F) -> Value<'f> {
        self.left.value(fields)
    }

    /// Whether an event satisfies it.
    pub fn judge<F: Fields + ?Sized>(&self, fields: &F) -> Truth {
        self.comparison.judge(&self.left.value(fields))
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Every leaf of a rule set.
#[derive(Clone, Debug, Default)]
pub struct Leaves {
    all: Vec<Leaf>,
    by_text: HashMap<Arc<str>, LeafId>,
}

impl Leaves {
    /// Adds a leaf, or finds the one that is written alike.
    pub fn intern(&mut self, left: Operand, comparison: Comparison, text: Arc<str>) -> LeafId {
        if let Some(known) = self.by_text.get(&text) {
            return *known;
        }
        let id = LeafId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.by_text.insert(Arc::clone(&text), id);
        self.all.push(Leaf { left, comparison, text });
        id
    }

    /// The leaf in this place.
    pub fn get(&self, id: LeafId) -> Option<&Leaf> {
        self.all.get(id.index())
    }

    /// Every leaf with its place.
    pub fn iter(&self) -> impl Iterator<Item = (LeafId, &Leaf)> {
        (0_u32..).map(LeafId).zip(&self.all)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}
