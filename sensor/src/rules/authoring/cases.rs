//! Tests of rules: events, and which rules match them.

mod keys;
pub mod outcome;
pub mod problem;
mod read;

use std::fmt;

use super::example::{Example, json};
use crate::rules::event_type::EventType;
use crate::rules::field::nearest;
use crate::rules::problem::Problem;
use crate::rules::rule_set::RuleSet;
use crate::rules::source::{Fault, LoadError, Place};
use crate::rules::yaml::excerpt;
use problem::CaseProblem;

pub use outcome::{Failure, Outcome};
pub(crate) use read::no_event_type;

/// Most events in all tests of a suite.
pub const MAX_EVENTS: usize = 100_000;

/// Most memory of all events that are read at once, in bytes, about.
const MAX_MEMORY: usize = 32 << 20;

/// The memory of the events read so far.
#[derive(Debug, Default)]
pub(crate) struct Memory(usize);

impl Memory {
    /// Takes one more event into account; fails if that is too much.
    pub(crate) fn add(&mut self, event: &Example) -> Result<(), Problem> {
        self.0 = self.0.saturating_add(event.memory());
        if self.0 <= MAX_MEMORY {
            return Ok(());
        }
        let what = "bytes of memory for all events; split the file, or name fewer fields";
        Err(Problem::TooMany { limit: MAX_MEMORY, what })
    }
}

/// The tests of several files.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// The tests, in the order of the files.
    pub cases: Vec<Case>,
}

/// One test: what is expected, and one or more runs of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The sentence that names it.
    pub name: String,
    /// Where that stands.
    pub place: Place,
    /// The rules that have to match, over all events of a run.
    pub rules: Vec<Expected>,
    /// The runs.
    pub runs: Vec<Run>,
}

/// A rule that has to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Its name.
    pub name: String,
    /// Where the test names it.
    pub place: Place,
}

/// Events that are judged one after the other.
#[derive(Clone, Debug)]
pub struct Run {
    /// What is varied, if the test says `each`: field and value.
    pub variation: Option<String>,
    /// The events.
    pub events: Vec<Event>,
}

/// An event that can be judged.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its type.
    pub event_type: EventType,
    /// Its fields.
    pub fields: Example,
}

/// Reads files of tests, given as names and texts, in this order. Every error that can be found is reported.
pub fn load(files: &[(impl AsRef<str>, impl AsRef<str>)]) -> Result<Suite, LoadError> {
    let mut reader = read::Reader::default();
    for (name, text) in files {
        reader.file(name.as_ref(), text.as_ref());
    }
    reader.finish()
}

/// Reads all events of a text, which are maps from fields to values: lines of `vigie events`, or documents of YAML.
pub fn load_events(name: &str, text: &str) -> Result<Vec<Event>, LoadError> {
    if text.trim_start().starts_with("{\"") { json::read(name, text) } else { read::events(name, text) }
}

impl Suite {
    /// The rules that tests name and that cannot match, because they do not exist or are disabled.
    pub fn unknown_rules(&self, rules: &RuleSet) -> Vec<Fault> {
        let expected = self.cases.iter().flat_map(|case| &case.rules);
        let faults = expected.filter_map(|rule| {
            let problem = unknown(&rule.name, rules)?;
            Some(Fault { place: rule.place.clone(), problem: problem.into() })
        });
        faults.take(LoadError::MAX_FAULTS).collect()
    }

    /// Judges every event by every enabled rule, and compares what matches with what should.
    pub fn run(&self, rules: &RuleSet) -> Outcome {
        outcome::run(self, rules)
    }

    /// Every event of every run, in order.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.cases.iter().flat_map(|case| &case.runs).flat_map(|run| &run.events)
    }
}

fn unknown(name: &str, rules: &RuleSet) -> Option<CaseProblem> {
    match rules.rules().iter().find(|rule| rule.name == name) {
        Some(rule) if rule.enabled => None,
        Some(_) => Some(CaseProblem::DisabledRule(excerpt(name))),
        None => Some(unknown_rule(name, rules)),
    }
}

/// The error for a rule that does not exist, with the nearest that does.
pub fn unknown_rule(name: &str, rules: &RuleSet) -> CaseProblem {
    let suggestion = nearest(name, rules.rules().iter().map(|rule| &*rule.name)).map(str::to_owned);
    CaseProblem::UnknownRule { name: excerpt(name), suggestion }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, crate::rules::yaml::printable(&self.name))
    }
}

#[cfg(test)]
#[path = "cases_tests.rs"]
mod tests;
