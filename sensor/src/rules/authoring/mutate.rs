//! Would a test notice if a rule were wrong? Changes the conditions of rules in every small way, one at a time, and
//! names the changes after which all tests still pass.

mod comparison;
mod mutant;
mod tree;
mod trial;

use std::fmt;

use super::cases::Suite;
use crate::rules::rule_set::RuleSet;
use crate::rules::source::Place;
use crate::rules::yaml::printable;

/// What came of all changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Number of changes that were tried.
    pub mutants: usize,
    /// Those that no test noticed.
    pub survivors: Vec<Survivor>,
}

/// A change to a rule that no test noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survivor {
    /// Where the rule stands.
    pub place: Place,
    /// The rule.
    pub rule: String,
    /// What was changed, as it is written.
    pub part: String,
    /// How.
    pub change: String,
}

impl fmt::Display for Survivor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rule, part, change) = (printable(&self.rule), printable(&self.part), printable(&self.change));
        write!(f, "{}: rule `{rule}`: no test notices: {change}: {part}", self.place)
    }
}

impl fmt::Display for Trial {
    /// The summary, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.survivors.is_empty() { "ok" } else { "failed" };
        write!(f, "{word}: {} mutants, {} survived", self.mutants, self.survivors.len())
    }
}

/// Tries every change to every enabled rule. The tests have to pass as the rules are.
///
/// A comparison that a rule makes several times is changed everywhere in it at once, and so is what stands in a macro
/// that it names several times. Other rules stay as they are: each is judged by the tests of its own.
pub fn run(rules: &RuleSet, suite: &Suite) -> Trial {
    trial::Trials::new(rules, suite).run()
}

#[cfg(test)]
#[path = "mutate_tests.rs"]
mod tests;
