//! Tries changes to rules against the tests.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

use super::mutant::{Facts, LeafChange, Mutant, holds};
use super::{Survivor, Trial, comparison, tree};
use crate::rules::cases::{Event, Suite};
use crate::rules::comparison::Truth;
use crate::rules::condition::Condition;
use crate::rules::event_type::EventType;
use crate::rules::leaf::{Leaf, LeafId};
use crate::rules::rule_set::{Rule, RuleSet};

/// What all trials share.
pub(super) struct Trials<'t> {
    rules: &'t RuleSet,
    events: Vec<&'t Event>,
    /// The runs of all tests, as ranges of events.
    runs: Vec<Range<usize>>,
    /// Changed comparisons, by the one that is changed.
    changed: HashMap<LeafId, Vec<(Leaf, String)>>,
}

/// What is known about the comparisons of one event; learnt when it is first asked for.
struct Known<'t> {
    rules: &'t RuleSet,
    event: &'t Event,
    leaves: Vec<Cell<Option<bool>>>,
}

impl Facts for Known<'_> {
    fn event_type(&self) -> EventType {
        self.event.event_type
    }

    fn leaf(&self, id: LeafId) -> bool {
        let judge = || self.rules.leaf(id).is_some_and(|leaf| self.other(leaf));
        let Some(cell) = self.leaves.get(id.index()) else { return judge() };
        let truth = cell.get().unwrap_or_else(judge);
        cell.set(Some(truth));
        truth
    }

    /// What may still come counts as what does not come, as in matches.
    fn other(&self, leaf: &Leaf) -> bool {
        leaf.judge(&self.event.fields) == Truth::True
    }
}

/// A run of a test, and whether the rule matches in it.
struct Expected<'k, 't> {
    events: &'k [Known<'t>],
    matches: bool,
}

impl<'t> Trials<'t> {
    pub(super) fn new(rules: &'t RuleSet, suite: &'t Suite) -> Self {
        let mut runs = Vec::new();
        let mut start = 0;
        for run in suite.cases.iter().flat_map(|case| &case.runs) {
            runs.push(start..start + run.events.len());
            start += run.events.len();
        }
        Self { rules, events: suite.events().collect(), runs, changed: HashMap::new() }
    }

    /// Tries every change to every enabled rule.
    pub(super) fn run(mut self) -> Trial {
        let known: Vec<_> = self.events.iter().map(|event| self.known(event)).collect();
        let mut trial = Trial::default();
        for rule in self.rules.rules().iter().filter(|rule| rule.enabled) {
            let runs = self.expectations(rule, &known);
            self.try_leaves(rule, &runs, &mut trial);
            self.try_nodes(rule, &runs, &mut trial);
        }
        trial
    }

    fn known(&self, event: &'t Event) -> Known<'t> {
        Known { rules: self.rules, event, leaves: vec![Cell::new(None); self.rules.leaves().len()] }
    }

    /// The runs, those first in which a change is most likely to show: where the rule matches, or nearly does.
    fn expectations<'k>(&self, rule: &Rule, known: &'k [Known<'t>]) -> Vec<Expected<'k, 't>> {
        let mut runs: Vec<_> = self
            .runs
            .iter()
            .filter_map(|run| known.get(run.clone()))
            .map(|events| {
                let distance = events.iter().map(|event| distance(rule.condition(), event)).min();
                let matches = events.iter().any(|event| holds(rule.condition(), None, event));
                (distance, Expected { events, matches })
            })
            .collect();
        runs.sort_by_key(|(distance, _)| *distance);
        runs.into_iter().map(|(_, run)| run).collect()
    }

    fn try_leaves(&mut self, rule: &Rule, runs: &[Expected<'_, '_>], trial: &mut Trial) {
        let mut leaves = Vec::new();
        rule.condition().each_leaf(&mut |id| leaves.push(id));
        leaves.sort_unstable();
        leaves.dedup();
        for id in leaves {
            let Some(leaf) = self.rules.leaf(id) else { continue };
            let replaced = self.changed.entry(id).or_insert_with(|| comparison::mutants(leaf));
            let constant = [
                (LeafChange::Negated, "negated"),
                (LeafChange::Constant(true), "always true"),
                (LeafChange::Constant(false), "always false"),
            ];
            let replaced = replaced.iter().map(|(leaf, words)| (LeafChange::Replaced(leaf), &**words));
            for (change, words) in constant.into_iter().chain(replaced) {
                if !is_noticed(rule, Mutant::Leaf(id, change), runs) {
                    trial.survivors.push(survivor(rule, leaf.to_string(), words.to_owned()));
                }
                trial.mutants += 1;
            }
        }
    }

    fn try_nodes(&self, rule: &Rule, runs: &[Expected<'_, '_>], trial: &mut Trial) {
        let written = |condition: &Condition| self.written(condition);
        for mutant in tree::mutants(rule, &written) {
            if !is_noticed(rule, Mutant::Node(mutant.node, mutant.change), runs) {
                trial.survivors.push(survivor(rule, mutant.part, mutant.words));
            }
            trial.mutants += 1;
        }
    }

    /// A part of a condition, shortened to its macros and comparisons.
    fn written(&self, condition: &Condition) -> String {
        let joined = |terms: &[Condition], word: &str| {
            let terms: Vec<_> = terms.iter().map(|term| self.written(term)).collect();
            format!("({})", terms.join(word))
        };
        match condition {
            Condition::All(terms) => joined(terms, " and "),
            Condition::Any(terms) => joined(terms, " or "),
            Condition::Not(term) => format!("not {}", self.written(term)),
            Condition::Macro(named) => named.name.to_string(),
            Condition::Leaf(id) => self.rules.leaf(*id).map(ToString::to_string).unwrap_or_default(),
            Condition::EventType(_, text) | Condition::Constant(_, text) => text.to_string(),
        }
    }
}

/// How many terms of the condition stand in the way of a match.
fn distance(condition: &Condition, facts: &impl Facts) -> usize {
    match condition {
        Condition::All(terms) => terms.iter().filter(|term| !holds(term, None, facts)).count(),
        Condition::Any(_)
        | Condition::Not(_)
        | Condition::Leaf(_)
        | Condition::EventType(..)
        | Condition::Constant(..)
        | Condition::Macro(_) => 0,
    }
}

fn is_noticed(rule: &Rule, mutant: Mutant<'_>, runs: &[Expected<'_, '_>]) -> bool {
    let matches =
        |run: &Expected<'_, '_>| run.events.iter().any(|event| holds(rule.condition(), Some(mutant), event));
    runs.iter().any(|run| matches(run) != run.matches)
}

fn survivor(rule: &Rule, part: String, change: String) -> Survivor {
    Survivor { place: rule.place.clone(), rule: rule.name.clone(), part, change }
}
