//! A set of compiled rules and the judgement of events by it.

use std::collections::BTreeSet;

use super::comparison::{Comparison, TextTest, Truth};
use super::condition::Condition;
use super::event_type::{EventType, EventTypes};
use super::field::Fields;
use super::leaf::{Leaf, LeafId, Leaves};
use super::load;
use super::notes::Notes;
use super::operand::Operand;
use super::output::{Output, Rendered};
use super::priority::Priority;
use super::selection::{Choice, Selection};
use super::source::{LoadError, Place, Warning};
use super::version::Version;
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
    /// What it tells the people who get its alerts.
    pub notes: Notes,
    /// Keys that neither the Falco language nor Vigie knows, with their values.
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

    /// Its condition; what its leaves are the rule set knows.
    pub fn condition(&self) -> &Condition {
        &self.condition
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

/// Memory for the judgement of one event, to be used again for the next.
#[derive(Clone, Debug, Default)]
pub struct Scratch {}

/// Compiled rules, by event type.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    leaves: Leaves,
    /// For every event type the rules that can match it, as places in `rules`.
    by_event: Vec<Vec<usize>>,
    matching: Matching,
    /// The newest version of the Falco engine that a file requires.
    pub(super) required_engine: Option<Version>,
}

impl RuleSet {
    /// Compiles rules files, given as names and texts, in this order.
    pub fn load(files: &[(impl AsRef<str>, impl AsRef<str>)]) -> Result<(Self, Vec<Warning>), LoadError> {
        load::load(files)
    }

    pub(super) fn new(rules: Vec<Rule>, leaves: Leaves) -> Self {
        let mut by_event = vec![Vec::new(); EventType::COUNT];
        for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            for event in rule.event_types.iter() {
                if let Some(candidates) = by_event.get_mut(event.index()) {
                    candidates.push(index);
                }
            }
        }
        Self { rules, leaves, by_event, matching: Matching::default(), required_engine: None }
    }

    /// The same rules with another way of matching.
    #[must_use]
    pub fn with_matching(mut self, matching: Matching) -> Self {
        self.matching = matching;
        self
    }

    /// The same rules, switched on and off as `selection` says; with the choices that concern no rule.
    #[must_use]
    pub fn select(mut self, selection: &Selection) -> (Self, Vec<&Choice>) {
        let idle = selection.apply(&mut self.rules);
        let Self { rules, leaves, by_event: _, matching, required_engine } = self;
        (Self { matching, required_engine, ..Self::new(rules, leaves) }, idle)
    }

    /// The newest version of the Falco engine that the files require.
    pub fn required_engine(&self) -> Option<Version> {
        self.required_engine
    }

    /// Every rule, the disabled ones included, in the order of the files.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The texts with which enabled rules compare a field for equality.
    pub fn texts_of(&self, field: &str) -> BTreeSet<Box<[u8]>> {
        let mut texts = BTreeSet::new();
        for rule in self.rules.iter().filter(|rule| rule.enabled) {
            rule.condition.each_leaf(&mut |id| {
                texts.extend(self.leaf(id).into_iter().flat_map(|leaf| texts_in(leaf, field)));
            });
        }
        texts
    }

    /// What a leaf of a rule's condition is; `None` for a leaf of another rule set.
    pub fn leaf(&self, id: LeafId) -> Option<&Leaf> {
        self.leaves.get(id)
    }

    /// The comparisons of all rules, each once.
    pub fn leaves(&self) -> &Leaves {
        &self.leaves
    }

    /// The event types that some enabled rule can match; no other event needs to be judged.
    pub fn event_types(&self) -> EventTypes {
        self.rules
            .iter()
            .filter(|rule| rule.enabled)
            .fold(EventTypes::NONE, |types, rule| types.or(rule.event_types))
    }

    /// Judges an event. What is learnt about it on the way is kept in `scratch`, which is emptied first.
    pub fn evaluate<F: Fields + ?Sized>(
        &self,
        event: EventType,
        fields: &F,
        scratch: &mut Scratch,
    ) -> Evaluation<'_> {
        let Scratch {} = scratch;
        let mut judge = |id| self.leaf(id).map_or(Truth::False, |leaf| leaf.judge(fields));
        let mut evaluation = Evaluation::default();
        let candidates = self.by_event.get(event.index()).map(Vec::as_slice).unwrap_or_default();
        for rule in candidates.iter().filter_map(|index| self.rules.get(*index)) {
            let holds = match rule.condition.judge(event, &mut judge) {
                Truth::True => true,
                Truth::False => false,
                Truth::Open => {
                    evaluation.pending_touched = true;
                    let mut settled = |id| match judge(id) {
                        Truth::True => Truth::True,
                        Truth::False | Truth::Open => Truth::False,
                    };
                    rule.condition.judge(event, &mut settled) == Truth::True
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

/// The texts with which a leaf compares a field for equality.
fn texts_in(leaf: &Leaf, field: &str) -> Vec<Box<[u8]>> {
    let is_field = matches!(&leaf.left, Operand::Field(left) if left.field.name == field);
    match &leaf.comparison {
        Comparison::Text(TextTest::Equal(text)) if is_field => vec![text.clone()],
        Comparison::Text(TextTest::In(set)) if is_field => set.iter().map(Box::from).collect(),
        Comparison::Text(_)
        | Comparison::Exists
        | Comparison::Bool { .. }
        | Comparison::Number(_)
        | Comparison::AllIn(_)
        | Comparison::AnyIn(_) => Vec::new(),
    }
}

#[cfg(test)]
#[path = "rule_set_tests.rs"]
mod tests;
