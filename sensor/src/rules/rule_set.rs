//! A set of compiled rules and the judgement of events by it.

use std::collections::BTreeSet;

use super::comparison::Truth;
use super::condition::Condition;
use super::event_type::{EventType, EventTypes};
use super::field::Fields;
use super::load;
use super::output::{Output, Rendered};
use super::priority::Priority;
use super::source::{LoadError, Place, Warning};
use super::yaml::Node;

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub desc: String,
    /// How urgent its alerts are.
    pub priority: Priority,
    /// Its tags.
    pub tags: Vec<String>,
    /// Which events it is for; `syscall` for everything the kernel programs see.
    pub source: String,
    /// Whether it is used.
    pub enabled: bool,
    /// Keys that the Falco language does not know, with their values.
    pub extra: Vec<(String, Node)>,
    /// Where it was defined.
    pub place: Place,
    pub(super) condition: Condition,
    pub(super) event_types: EventTypes,
    pub(super) output: Output,
}

impl Rule {
    /// The event types for which it can match.
    pub fn event_types(&self) -> EventTypes {
        self.event_types
    }

    /// The text of its alert for an event, and the values of the fields that the text names.
    pub fn render_output<F: Fields + ?Sized>(&self, fields: &F) -> Rendered {
        self.output.render(fields)
    }

    /// Its output, to see which fields it names.
    pub fn output(&self) -> &Output {
        &self.output
    }
}

/// How many rules may match one event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Matching {
    /// The first one that does, in the order of the files.
    #[default]
    First,
    /// All that do.
    All,
}

/// What a set of rules says about an event.
#[derive(Clone, Debug, Default)]
pub struct Evaluation<'r> {
    /// The rules that match, in the order of the files.
    pub matches: Vec<&'r Rule>,
    /// Whether a value that may still come could change the matches. They hold if it never comes.
    pub pending_touched: bool,
}

/// Compiled rules, by event type.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    /// For every event type the rules that can match it, as places in `rules`.
    by_event: Vec<Vec<usize>>,
    matching: Matching,
}

impl RuleSet {
    /// Compiles rules files, given as names and texts, in this order.
    pub fn load(files: &[(impl AsRef<str>, impl AsRef<str>)]) -> Result<(Self, Vec<Warning>), LoadError> {
        load::load(files)
    }

    pub(super) fn new(rules: Vec<Rule>) -> Self {
        let mut by_event = vec![Vec::new(); EventType::COUNT];
        for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            for event in rule.event_types.iter() {
                if let Some(candidates) = by_event.get_mut(event.index()) {
                    candidates.push(index);
                }
            }
        }
        Self { rules, by_event, matching: Matching::default() }
    }

    /// The same rules with another way of matching.
    #[must_use]
    pub fn with_matching(mut self, matching: Matching) -> Self {
        self.matching = matching;
        self
    }

    /// Every rule, the disabled ones included, in the order of the files.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The texts with which enabled rules compare a field for equality.
    pub fn texts_of(&self, field: &str) -> BTreeSet<Box<[u8]>> {
        let mut texts = BTreeSet::new();
        self.rules
            .iter()
            .filter(|rule| rule.enabled)
            .for_each(|rule| rule.condition.texts_of(field, &mut texts));
        texts
    }

    /// The event types that some enabled rule can match; no other event needs to be judged.
    pub fn event_types(&self) -> EventTypes {
        self.rules
            .iter()
            .filter(|rule| rule.enabled)
            .fold(EventTypes::NONE, |types, rule| types.or(rule.event_types))
    }

    /// Judges an event. Allocates nothing unless a rule matches.
    pub fn evaluate<F: Fields + ?Sized>(&self, event: EventType, fields: &F) -> Evaluation<'_> {
        let mut evaluation = Evaluation::default();
        let candidates = self.by_event.get(event.index()).map(Vec::as_slice).unwrap_or_default();
        for rule in candidates.iter().filter_map(|index| self.rules.get(*index)) {
            let holds = match rule.condition.judge(event, fields) {
                Truth::True => true,
                Truth::False => false,
                Truth::Open => {
                    evaluation.pending_touched = true;
                    rule.condition.holds_without_pending(event, fields)
                }
            };
            if holds {
                evaluation.matches.push(rule);
                if self.matching == Matching::First {
                    break;
                }
            }
        }
        evaluation
    }
}

#[cfg(test)]
#[path = "rule_set_tests.rs"]
mod tests;
