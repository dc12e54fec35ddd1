//! What came of running tests.

use std::collections::BTreeSet;
use std::fmt;

use super::{Case, Run, Suite};
use crate::rules::explain;
use crate::rules::rule_set::{Matching, RuleSet, Scratch};
use crate::rules::source::Place;
use crate::rules::yaml::printable;

/// Most lines that explain one failure.
const MAX_REASONS: usize = 8;

/// What came of a suite.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Number of tests.
    pub tests: usize,
    /// Number of events that were judged.
    pub events: usize,
    /// The runs that did not end as expected; of one test there may be several.
    pub failures: Vec<Failure>,
}

impl Outcome {
    /// How many tests failed.
    pub fn failed(&self) -> usize {
        let places: BTreeSet<_> = self.failures.iter().map(|failure| &failure.place).collect();
        places.len()
    }

    /// Whether every test ended as expected.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

impl fmt::Display for Outcome {
    /// The summary, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.passed() { "ok" } else { "failed" };
        let (tests, events, failed) = (self.tests, self.events, self.failed());
        write!(f, "{word}: {tests} tests ({events} events), {failed} failed")
    }
}

/// A run that did not end as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where the test stands.
    pub place: Place,
    /// Its sentence.
    pub test: String,
    /// What this run varied.
    pub variation: Option<String>,
    /// The rules that should have matched.
    pub expected: Vec<String>,
    /// The rules that did, in load order.
    pub found: Vec<String>,
    /// Why the first rule that should have matched did not, or the other way round; line by line.
    pub reasons: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: failed: {}", self.place, printable(&self.test))?;
        if let Some(variation) = &self.variation {
            write!(f, " ({variation})")?;
        }
        write!(f, "\n  expected {}\n  found    {}", listed(&self.expected), listed(&self.found))?;
        self.reasons.iter().try_for_each(|reason| write!(f, "\n  {reason}"))
    }
}

fn listed(rules: &[String]) -> String {
    let names: Vec<_> = rules.iter().map(|name| format!("`{}`", printable(name))).collect();
    if names.is_empty() { "no rule".to_owned() } else { names.join(", ") }
}

/// Runs every test. All rules are judged, whichever match before them.
pub(super) fn run(suite: &Suite, rules: &RuleSet) -> Outcome {
    let rules = rules.clone().with_matching(Matching::All);
    let mut outcome = Outcome { tests: suite.cases.len(), ..Outcome::default() };
    let mut scratch = Scratch::default();
    for case in &suite.cases {
        for run in &case.runs {
            outcome.events += run.events.len();
            outcome.failures.extend(failure(case, run, &rules, &mut scratch));
        }
    }
    outcome
}

fn failure(case: &Case, run: &Run, rules: &RuleSet, scratch: &mut Scratch) -> Option<Failure> {
    let found = matches(run, rules, scratch);
    let expected: BTreeSet<&str> = case.rules.iter().map(|rule| &*rule.name).collect();
    if found == expected {
        return None;
    }
    let in_order = |names: &BTreeSet<&str>| {
        let all = rules.rules().iter().map(|rule| &rule.name);
        all.filter(|name| names.contains(name.as_str())).cloned().collect()
    };
    Some(Failure {
        place: case.place.clone(),
        test: case.name.clone(),
        variation: run.variation.clone(),
        expected: case.rules.iter().map(|rule| rule.name.clone()).collect(),
        found: in_order(&found),
        reasons: reasons(run, rules, &expected, &found),
    })
}

/// The rules that match an event of a run.
fn matches<'r>(run: &Run, rules: &'r RuleSet, scratch: &mut Scratch) -> BTreeSet<&'r str> {
    let mut found = BTreeSet::new();
    for event in &run.events {
        let evaluation = rules.evaluate(event.event_type, &event.fields, scratch);
        found.extend(evaluation.matches.iter().map(|rule| &*rule.name));
    }
    found
}

/// Why the first rule, in load order, that is in one set only is so.
fn reasons(run: &Run, rules: &RuleSet, expected: &BTreeSet<&str>, found: &BTreeSet<&str>) -> Vec<String> {
    let differs = |name: &str| expected.contains(name) != found.contains(name);
    let Some(rule) = rules.rules().iter().find(|rule| differs(&rule.name)) else { return Vec::new() };
    let wanted = found.contains(&*rule.name);
    let explained =
        run.events.iter().map(|event| explain::explain(rules, rule, event.event_type, &event.fields));
    let telling = explained.filter(|explanation| explanation.matches() == wanted);
    let mut lines: Vec<String> = telling.take(1).flat_map(|explanation| explanation.summary()).collect();
    if lines.len() > MAX_REASONS {
        let more = lines.len() - MAX_REASONS;
        lines.truncate(MAX_REASONS);
        lines.push(format!("  and {more} more"));
    }
    lines
}
