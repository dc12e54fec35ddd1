//! A set of compiled rules and the judgement of events by it.

use std::collections::BTreeSet;

use super::action::Action;
use super::comparison::{Comparison, TextTest, Truth};
use super::condition::Condition;
use super::event_type::{EventType, EventTypes};
use super::field::{Field, FieldRef, Fields};
use super::file::origin::Origin;
pub use super::index::Scratch;
use super::index::{Entry, Index, Next};
use super::kernel_filter::{Demand, KernelFilter};
use super::leaf::{Leaf, LeafId, Leaves, Test};
use super::load;
use super::notes::Notes;
use super::output::{Output, Rendered};
use super::priority::Priority;
use super::selection::{Choice, Selection};
use super::source::{LoadError, Place, Warning};
use super::unfed;
use super::version::Version;
use super::watched::Watched;

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
    /// The files that it watches. A rule that does is asked about operations on them, and not about events.
    pub watched: Option<Watched>,
    /// What it decides about a request that it matches; rules that decide nothing only alert.
    pub action: Option<Action>,
    /// Where it was defined.
    pub place: Place,
    pub(super) condition: Condition,
    pub(super) event_types: EventTypes,
    pub(super) origin: Origin,
    pub(super) output: Output,
}

impl Rule {
    /// The event types for which it can match.
    pub fn event_types(&self) -> EventTypes {
        self.event_types
    }

    /// Whether it is asked about anything but operations on watched files.
    fn is_judged(&self) -> bool {
        self.enabled && self.watched.is_none()
    }

    /// Whether it is asked about events of the kernel programs.
    pub(super) fn judges_events(&self) -> bool {
        self.is_judged() && self.origin == Origin::Syscall
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

/// Compiled rules, by event type.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    leaves: Leaves,
    pub(super) index: Index,
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
        let index = Index::new(&rules.iter().map(Entry::from).collect::<Vec<_>>(), &leaves);
        Self { rules, leaves, index, matching: Matching::default(), required_engine: None }
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
        let Self { rules, leaves, index: _, matching, required_engine } = self;
        (Self { matching, required_engine, ..Self::new(rules, leaves) }, idle)
    }

    /// The same rules with another output added to that of each.
    #[must_use]
    pub fn append_output(mut self, more: &Output) -> Self {
        self.rules.iter_mut().for_each(|rule| rule.output.append(more));
        self
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

    /// Whether a condition or an output of an enabled rule has such a field.
    pub fn asks_for(&self, is_asked: impl Fn(&Field) -> bool) -> bool {
        let mut asked = false;
        for rule in self.rules.iter().filter(|rule| rule.enabled) {
            asked |= rule.output.fields().iter().any(|(_, field)| is_asked(field.field));
            rule.condition.each_leaf(&mut |id| {
                if let Some(leaf) = self.leaf(id) {
                    leaf.each_field(&mut |field| asked |= is_asked(field.field));
                }
            });
        }
        asked
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
            .filter(|rule| rule.judges_events())
            .fold(EventTypes::NONE, |types, rule| types.or(rule.event_types))
    }

    /// Says of each enabled rule that cannot fire, or has parts that never hold, which fields are to blame; `feeders`
    /// gives the event types that feed a field.
    pub fn unfed(&self, feeders: impl Fn(&FieldRef) -> EventTypes) -> Vec<Warning> {
        unfed::warnings(&self.rules, &self.leaves, feeders)
    }

    /// The rules that watch files.
    pub fn watching(&self) -> impl Iterator<Item = (&Rule, &Watched)> {
        let enabled = self.rules.iter().filter(|rule| rule.enabled);
        enabled.filter_map(|rule| Some((rule, rule.watched.as_ref()?)))
    }

    /// Whether an operation on a watched file satisfies a rule's condition; open if that hangs on values that may
    /// still come.
    pub fn holds<F: Fields + ?Sized>(&self, rule: &Rule, event: EventType, fields: &F) -> Truth {
        let mut leaf = |id| self.leaf(id).map_or(Truth::False, |leaf| leaf.judge(fields));
        rule.condition.judge(event, &mut leaf)
    }

    #[cfg(test)]
    pub(super) fn judges_nothing(&self) -> bool {
        self.rules.iter().all(|rule| !rule.judges_events())
    }

    /// What could match at all, for the kernel to leave out the rest.
    pub fn kernel_filter(&self) -> KernelFilter {
        let mut filter = KernelFilter::default();
        for rule in self.rules.iter().filter(|rule| rule.judges_events()) {
            filter.add(rule.event_types.iter(), &self.demand(rule));
        }
        filter
    }

    /// What an event must have for a rule of this set to match.
    pub fn demand(&self, rule: &Rule) -> Demand {
        Demand::of(&rule.condition, &self.leaves)
    }

    /// Judges an event. What is learnt about it on the way is kept in `scratch`, which is emptied first.
    pub fn evaluate<F: Fields + ?Sized>(
        &self,
        event: EventType,
        fields: &F,
        scratch: &mut Scratch,
    ) -> Evaluation<'_> {
        let mut evaluation = Evaluation::default();
        self.index.judge(event, &self.leaves, fields, scratch, |place, truth, judgement| {
            let Some(rule) = self.rules.get(place) else { return Next::Continue };
            let holds = truth == Truth::True || {
                evaluation.pending_touched = true;
                let mut settled = |id| match judgement.leaf(id) {
                    Truth::True => Truth::True,
                    Truth::False | Truth::Open => Truth::False,
                };
                rule.condition.judge(event, &mut settled) == Truth::True
            };
            if !holds {
                return Next::Continue;
            }
            evaluation.matches.push(rule);
            if self.matching == Matching::First { Next::Stop } else { Next::Continue }
        });
        evaluation
    }
}

impl<'r> From<&'r Rule> for Entry<'r> {
    fn from(rule: &'r Rule) -> Self {
        Self {
            condition: &rule.condition,
            event_types: rule.event_types.and(rule.origin.event_types()),
            enabled: rule.is_judged(),
        }
    }
}

/// The texts with which a leaf compares a field for equality.
fn texts_in(leaf: &Leaf, field: &str) -> Vec<Box<[u8]>> {
    if leaf.left.field_name() != Some(field) {
        return Vec::new();
    }
    match &leaf.test {
        Test::Constant(Comparison::Text(TextTest::Equal(text))) => vec![text.clone()],
        Test::Constant(Comparison::Text(TextTest::In(set))) => set.iter().map(Box::from).collect(),
        Test::Constant(_) | Test::Each(..) | Test::Against(..) => Vec::new(),
    }
}

#[cfg(test)]
#[path = "rule_set_tests.rs"]
mod tests;
