//! Why a rule matches an event, or does not.

pub mod print;

use crate::rules::comparison::{Truth, all, any};
use crate::rules::condition::Condition;
use crate::rules::event_type::EventType;
use crate::rules::field::Fields;
use crate::rules::leaf::LeafId;
use crate::rules::rule_set::{Rule, RuleSet, Scratch};
use crate::rules::value::Value;

/// What a rule makes of one event.
#[derive(Clone, Debug)]
pub struct Explanation<'r> {
    /// The rule.
    pub rule: &'r Rule,
    /// The event's type.
    pub event_type: EventType,
    /// Its condition, with the truth of every part.
    pub step: Step,
    /// The rule that alerts in its stead, because it comes first and only the first one alerts.
    pub earlier: Option<&'r Rule>,
}

/// A part of a condition, and what an event makes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it is.
    pub part: Part,
    /// Whether it holds.
    pub truth: Truth,
    /// What it consists of.
    pub inner: Vec<Step>,
}

/// What a part of a condition is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of what is in it.
    And,
    /// Any of what is in it.
    Or,
    /// Not what is in it.
    Not,
    /// The condition of the macro of this name.
    Macro(String),
    /// A comparison as it is written, and what the event has on its left side.
    Check(String, Value<'static>),
    /// What is always or never true, as it is written.
    Constant(String),
}

/// A comparison that decided, or its negation.
#[derive(Clone, Debug)]
pub struct Reason<'s> {
    /// The comparison.
    pub step: &'s Step,
    /// What it stands in, the innermost first: macros by their names, behind `not` where they are negated, and
    /// `not (...)` for something else that is.
    pub within: Vec<String>,
}

/// Explains what a rule makes of an event. Whether the rule is enabled does not matter.
pub fn explain<'r, F: Fields + ?Sized>(
    rules: &'r RuleSet,
    rule: &'r Rule,
    event_type: EventType,
    fields: &F,
) -> Explanation<'r> {
    let step = Tracer { rules, event_type, fields }.trace(rule.condition());
    let mut explanation = Explanation { rule, event_type, step, earlier: None };
    if rule.enabled && explanation.matches() {
        let first = rules.evaluate(event_type, fields, &mut Scratch::default()).matches;
        let is_told = first.iter().any(|other| other.name == rule.name);
        explanation.earlier = first.first().filter(|_| !is_told).copied();
    }
    explanation
}

struct Tracer<'t, F: ?Sized> {
    rules: &'t RuleSet,
    event_type: EventType,
    fields: &'t F,
}

impl<F: Fields + ?Sized> Tracer<'_, F> {
    fn trace(&self, condition: &Condition) -> Step {
        match condition {
            Condition::All(terms) => self.join(Part::And, terms),
            Condition::Any(terms) => self.join(Part::Or, terms),
            Condition::Not(term) => {
                let inner = self.trace(term);
                Step { part: Part::Not, truth: inner.truth.negated(), inner: vec![inner] }
            }
            Condition::Macro(named) => {
                let inner = self.trace(&named.condition);
                Step { part: Part::Macro(named.name.to_string()), truth: inner.truth, inner: vec![inner] }
            }
            Condition::Leaf(id) => self.leaf(*id),
            Condition::EventType(types, text) => {
                let seen = Value::from(self.event_type.name());
                step(Part::Check(text.to_string(), seen), types.contains(self.event_type).into())
            }
            Condition::Constant(truth, text) => step(Part::Constant(text.to_string()), (*truth).into()),
        }
    }

    fn join(&self, part: Part, terms: &[Condition]) -> Step {
        let inner: Vec<_> = terms.iter().map(|term| self.trace(term)).collect();
        let truth_of = |step: &Step| step.truth;
        let truth = if part == Part::And { all(&inner, truth_of) } else { any(&inner, truth_of) };
        Step { part, truth, inner }
    }

    fn leaf(&self, id: LeafId) -> Step {
        match self.rules.leaf(id) {
            Some(leaf) => {
                let seen = leaf.value(self.fields).into_owned();
                step(Part::Check(leaf.to_string(), seen), leaf.judge(self.fields))
            }
            None => step(Part::Constant("a comparison of other rules".to_owned()), Truth::False),
        }
    }
}

fn step(part: Part, truth: Truth) -> Step {
    Step { part, truth, inner: Vec::new() }
}

impl Explanation<'_> {
    /// Whether the event matches. A value that may still come counts as one that does not come.
    pub fn matches(&self) -> bool {
        self.step.settled() == Truth::True
    }

    /// The shortest list of comparisons that decided: each as it is, the condition could not have ended otherwise.
    pub fn deciding(&self) -> Vec<Reason<'_>> {
        let mut deciding: Vec<Reason<'_>> = Vec::new();
        for reason in self.step.deciding() {
            if !deciding.iter().any(|known| known.step == reason.step) {
                deciding.push(reason);
            }
        }
        deciding
    }
}

impl Step {
    /// Its truth if nothing comes that might still come.
    fn settled(&self) -> Truth {
        match (&self.part, self.truth) {
            (_, truth @ (Truth::True | Truth::False)) => truth,
            (Part::Or, Truth::Open) => any(&self.inner, Self::settled),
            (Part::Not, Truth::Open) => all(&self.inner, Self::settled).negated(),
            (Part::And | Part::Macro(_), Truth::Open) => all(&self.inner, Self::settled),
            (Part::Check(..) | Part::Constant(_), Truth::Open) => Truth::False,
        }
    }

    /// The comparison in it, if it is nothing but the negation of one.
    fn negated(&self) -> Option<&Self> {
        let inner = self.inner.first().filter(|_| self.part == Part::Not)?;
        matches!(inner.part, Part::Check(..) | Part::Constant(_)).then_some(inner)
    }

    fn deciding(&self) -> Vec<Reason<'_>> {
        if self.negated().is_some() {
            return vec![Reason::of(self)];
        }
        let alike = self.inner.iter().filter(|inner| inner.truth == self.truth);
        match (&self.part, self.truth) {
            (Part::Check(..) | Part::Constant(_), _) => vec![Reason::of(self)],
            // One of them was enough.
            (Part::And, Truth::False) | (Part::Or, Truth::True) => {
                alike.map(Self::deciding).min_by_key(Vec::len).unwrap_or_default()
            }
            (Part::And | Part::Or, _) => alike.flat_map(Self::deciding).collect(),
            (Part::Not | Part::Macro(_), _) => {
                let reasons = self.inner.iter().flat_map(Self::deciding);
                reasons.map(|reason| reason.inside(self)).collect()
            }
        }
    }
}

impl<'s> Reason<'s> {
    fn of(step: &'s Step) -> Self {
        Self { step, within: Vec::new() }
    }

    /// The same, told to stand in this macro or negation.
    fn inside(mut self, outer: &Step) -> Self {
        let is_macro = |step: &Step| matches!(step.part, Part::Macro(_));
        match (&outer.part, self.within.last_mut()) {
            (Part::Macro(name), _) => self.within.push(name.clone()),
            (Part::Not, Some(name)) if outer.inner.iter().any(is_macro) => *name = format!("not {name}"),
            (Part::Not, _) => self.within.push("not (...)".to_owned()),
            (Part::And | Part::Or | Part::Check(..) | Part::Constant(_), _) => {}
        }
        self
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
