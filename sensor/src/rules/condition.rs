//! A compiled condition and its evaluation.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::comparison::{Comparison, TextTest, Truth, all, any};
use super::event_type::{EventType, EventTypes};
use super::field::{FieldRef, Fields};

/// A condition, ready to be evaluated.
#[derive(Clone, Debug)]
pub enum Condition {
    /// All of them.
    All(Box<[Condition]>),
    /// Any of them.
    Any(Box<[Condition]>),
    /// Not this.
    Not(Box<Condition>),
    /// A field compared with a constant.
    Check(Box<Check>),
    /// The event is of one of these types: what `evt.type` checks become.
    EventType(EventTypes),
    /// Known when the rules were loaded.
    Constant(bool),
    /// The condition of a macro, shared by all that name it.
    Shared(Arc<Condition>),
}

/// A field and what it is compared with.
#[derive(Clone, Debug)]
pub struct Check {
    /// The field.
    pub field: FieldRef,
    /// The rest.
    pub comparison: Comparison,
}

impl Condition {
    /// Whether an event satisfies it.
    ///
    /// Open only if the values that may still come can change the answer: `false and open` is false.
    pub fn judge<F: Fields + ?Sized>(&self, event: EventType, fields: &F) -> Truth {
        match self {
            Self::All(terms) => all(terms, |term| term.judge(event, fields)),
            Self::Any(terms) => any(terms, |term| term.judge(event, fields)),
            Self::Not(term) => match term.judge(event, fields) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                Truth::Open => Truth::Open,
            },
            Self::Check(check) => check.comparison.judge(&fields.value(&check.field)),
            Self::EventType(types) => Truth::from(types.contains(event)),
            Self::Constant(truth) => Truth::from(*truth),
            Self::Shared(condition) => condition.judge(event, fields),
        }
    }

    /// Collects the texts with which a field is compared for equality, anywhere in it.
    pub fn texts_of(&self, field: &str, texts: &mut BTreeSet<Box<[u8]>>) {
        match self {
            Self::All(terms) | Self::Any(terms) => terms.iter().for_each(|term| term.texts_of(field, texts)),
            Self::Not(term) => term.texts_of(field, texts),
            Self::Shared(condition) => condition.texts_of(field, texts),
            Self::Check(check) if check.field.field.name == field => match &check.comparison {
                Comparison::Text(TextTest::Equal(text)) => texts.extend([text.clone()]),
                Comparison::Text(TextTest::In(set)) => texts.extend(set.iter().map(Box::from)),
                Comparison::Text(_)
                | Comparison::Exists
                | Comparison::Bool { on_true: _, on_false: _ }
                | Comparison::Number(_)
                | Comparison::AllIn(_)
                | Comparison::AnyIn(_) => {}
            },
            Self::Check(_) | Self::EventType(_) | Self::Constant(_) => {}
        }
    }

    /// Whether an event satisfies it if values that may still come are taken as missing.
    pub fn holds_without_pending<F: Fields + ?Sized>(&self, event: EventType, fields: &F) -> bool {
        match self {
            Self::All(terms) => terms.iter().all(|term| term.holds_without_pending(event, fields)),
            Self::Any(terms) => terms.iter().any(|term| term.holds_without_pending(event, fields)),
            Self::Not(term) => !term.holds_without_pending(event, fields),
            Self::Check(check) => check.comparison.judge(&fields.value(&check.field)) == Truth::True,
            Self::EventType(types) => types.contains(event),
            Self::Constant(truth) => *truth,
            Self::Shared(condition) => condition.holds_without_pending(event, fields),
        }
    }
}
