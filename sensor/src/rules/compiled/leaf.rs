//! The leaves of conditions: each comparison once, however many rules make it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::comparison::{Comparison, Truth, any};
use super::literal::{self, Written};
use super::operand::Operand;
use super::pattern::regex::Regexes;
use crate::rules::field::{FieldRef, Fields};
use crate::rules::operator::{Modifier, Operator};
use crate::rules::problem::Problem;
use crate::rules::syntax::{self, Literal};
use crate::rules::value::Value;

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
    /// How, and with what.
    pub test: Test,
    /// The operand as it is written.
    operand_text: Arc<str>,
    text: Arc<str>,
}

/// The operator and the right side of a comparison.
#[derive(Clone, Debug)]
pub enum Test {
    /// With constants.
    Constant(Comparison),
    /// With each of these constants; the modifier says how many must satisfy it.
    Each(Modifier, Box<[Comparison]>),
    /// With another value of the event.
    Against(Operator, Box<Operand>),
}

impl Leaf {
    /// What is compared, as an event has it.
    pub fn value<'f, F: Fields + ?Sized>(&'f self, fields: &'f F) -> Value<'f> {
        self.left.value(fields)
    }

    /// What is compared, as a condition would write it.
    pub fn operand_text(&self) -> &str {
        &self.operand_text
    }

    /// Calls `visit` with every field on either side.
    pub fn each_field<'l>(&'l self, visit: &mut impl FnMut(&'l FieldRef)) {
        self.left.each_field(visit);
        if let Test::Against(_, right) = &self.test {
            right.each_field(visit);
        }
    }

    /// Whether an event satisfies it.
    pub fn judge<F: Fields + ?Sized>(&self, fields: &F) -> Truth {
        let left = self.left.value(fields);
        match &self.test {
            Test::Constant(comparison) => comparison.judge(&left),
            Test::Each(modifier, comparisons) => count(*modifier, comparisons, &left),
            Test::Against(operator, right) => self.against(*operator, &left, &right.value(fields)),
        }
    }

    /// The right value is taken as a constant would be: that makes the two mean the same.
    fn against(&self, operator: Operator, left: &Value<'_>, right: &Value<'_>) -> Truth {
        if matches!(left, Value::Missing) || matches!(right, Value::Missing) {
            return Truth::False;
        }
        if left.is_pending() || right.is_pending() {
            return Truth::Open;
        }
        let elements = if let Value::List(elements) = right { elements } else { std::slice::from_ref(right) };
        let literals: Vec<Literal> = elements.iter().map(literal_of).collect();
        let written = Written { operator, operator_at: 0, literals: &literals };
        literal::comparison(written, self.left.kind(), "", &mut Regexes::default())
            .map_or(Truth::False, |comparison| comparison.judge(left))
    }
}

fn literal_of(value: &Value<'_>) -> Literal {
    let mut bytes = Vec::new();
    value.print(&mut bytes);
    Literal { bytes, quoted: true, at: 0 }
}

/// Whether as many of the comparisons hold as the modifier asks for; of alternatives, for one of them.
fn count(modifier: Modifier, comparisons: &[Comparison], left: &Value<'_>) -> Truth {
    if let Value::List(alternatives) = left {
        return any(alternatives, |one| count(modifier, comparisons, one));
    }
    let truths: Vec<Truth> = comparisons.iter().map(|comparison| comparison.judge(left)).collect();
    if truths.contains(&Truth::Open) {
        return Truth::Open;
    }
    let holding = truths.iter().filter(|truth| **truth == Truth::True).count();
    Truth::from(match modifier {
        Modifier::OneOf => holding == 1,
        Modifier::AnyOf => holding > 0,
        Modifier::AllOf => holding > 0 && holding == truths.len(),
    })
}

impl fmt::Display for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Most memory of all leaves and of what finds them, in bytes, about.
pub const MAX_MEMORY: usize = 32 << 20;

/// Every leaf of a rule set.
#[derive(Clone, Debug, Default)]
pub struct Leaves {
    all: Vec<Leaf>,
    by_text: HashMap<Arc<str>, LeafId>,
    /// What they cost, as charged.
    spent: usize,
}

impl Leaves {
    /// The leaf that is written so.
    pub fn find(&self, text: &str) -> Option<LeafId> {
        self.by_text.get(text).copied()
    }

    /// Takes into account what one more leaf will cost, in bytes of memory; fails if that is too much.
    pub fn charge(&mut self, bytes: usize) -> Result<(), Problem> {
        self.spent = self.spent.saturating_add(bytes);
        if self.spent <= MAX_MEMORY {
            return Ok(());
        }
        let what = "bytes of memory for all comparisons; use fewer or shorter values and patterns";
        Err(Problem::TooMany { limit: MAX_MEMORY, what })
    }

    /// Adds a leaf of this text, which has to be new.
    pub fn add(&mut self, check: &syntax::Check, written: String, left: Operand, test: Test) -> LeafId {
        let written: Arc<str> = written.into();
        let id = LeafId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.by_text.insert(Arc::clone(&written), id);
        self.all.push(Leaf { left, test, operand_text: check.left.to_string().into(), text: written });
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
