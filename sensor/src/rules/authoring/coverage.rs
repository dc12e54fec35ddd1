//! What tests of rules leave out: comparisons that never were true, or never false.

use std::fmt;

use super::cases::{Event, Suite};
use crate::rules::comparison::Truth;
use crate::rules::condition::Condition;
use crate::rules::event_type::EventTypes;
use crate::rules::leaf::LeafId;
use crate::rules::rule_set::{Rule, RuleSet};
use crate::rules::source::Place;
use crate::rules::yaml::printable;

/// What tests covered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Number of outcomes, of which every comparison of every enabled rule has two.
    pub total: usize,
    /// The outcomes that no test had.
    pub gaps: Vec<Gap>,
}

/// An outcome of a comparison that no test had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where the rule stands.
    pub place: Place,
    /// The rule.
    pub rule: String,
    /// The comparison, as it is written.
    pub check: String,
    /// What it never was.
    pub never: bool,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rule, check) = (printable(&self.rule), printable(&self.check));
        write!(f, "{}: rule `{rule}`: never {}: {check}", self.place, self.never)
    }
}

impl fmt::Display for Coverage {
    /// The summary, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let covered = self.total - self.gaps.len();
        // In tenths of a percent, rounded down, so that 100 % means all.
        let share = (covered * 1000).checked_div(self.total).unwrap_or(1000);
        write!(f, "coverage: {covered} of {} outcomes, {}.{} %", self.total, share / 10, share % 10)
    }
}

/// Measures which outcomes of comparisons the events of a suite bring about.
///
/// A comparison is judged on the events that the rule can match by their type, whatever else the condition says; a
/// check of the type itself on all events. A missing value makes a comparison false.
pub fn measure(rules: &RuleSet, suite: &Suite) -> Coverage {
    let events: Vec<&Event> = suite.events().collect();
    let mut coverage = Coverage::default();
    for rule in rules.rules().iter().filter(|rule| rule.enabled) {
        for check in checks(rule) {
            coverage.add(rules, rule, &check, &events);
        }
    }
    coverage
}

/// A comparison of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Check {
    Leaf(LeafId),
    EventType(EventTypes, String),
}

impl Coverage {
    fn add(&mut self, rules: &RuleSet, rule: &Rule, check: &Check, events: &[&Event]) {
        let (mut seen_true, mut seen_false) = (false, false);
        for event in events {
            match truth(rules, rule, check, event) {
                Some(true) => seen_true = true,
                Some(false) => seen_false = true,
                None => {}
            }
            if seen_true && seen_false {
                break;
            }
        }
        for (never, seen) in [(true, seen_true), (false, seen_false)] {
            self.total += 1;
            if !seen {
                let (place, rule) = (rule.place.clone(), rule.name.clone());
                self.gaps.push(Gap { place, rule, check: written(rules, check), never });
            }
        }
    }
}

/// Whether the comparison holds, if the rule is judged on such an event.
fn truth(rules: &RuleSet, rule: &Rule, check: &Check, event: &Event) -> Option<bool> {
    match check {
        Check::EventType(types, _) => Some(types.contains(event.event_type)),
        Check::Leaf(id) if rule.event_types().contains(event.event_type) => {
            rules.leaf(*id).map(|leaf| leaf.judge(&event.fields) == Truth::True)
        }
        Check::Leaf(_) => None,
    }
}

fn written(rules: &RuleSet, check: &Check) -> String {
    match check {
        Check::Leaf(id) => rules.leaf(*id).map(ToString::to_string).unwrap_or_default(),
        Check::EventType(_, text) => text.clone(),
    }
}

/// The comparisons of a rule in the order in which they are written, each once.
fn checks(rule: &Rule) -> Vec<Check> {
    let mut checks = Vec::new();
    collect(rule.condition(), &mut checks);
    checks
}

fn collect(condition: &Condition, checks: &mut Vec<Check>) {
    let check = match condition {
        Condition::All(terms) | Condition::Any(terms) => {
            return terms.iter().for_each(|term| collect(term, checks));
        }
        Condition::Not(term) => return collect(term, checks),
        Condition::Macro(named) => return collect(&named.condition, checks),
        Condition::Constant(..) => return,
        Condition::Leaf(id) => Check::Leaf(*id),
        Condition::EventType(types, text) => Check::EventType(**types, text.to_string()),
    };
    if !checks.contains(&check) {
        checks.push(check);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::cases;

    const RULES: &str = "\
- macro: opened
  condition: evt.type in (open, openat)
- rule: r
  desc: d
  condition: opened and (proc.name = cat or proc.name = dog) and evt.num > 0
  output: o
  priority: info
- rule: off
  desc: d
  condition: evt.type = execve
  output: o
  priority: info
  enabled: false
";

    fn gaps(tests: &str) -> Vec<String> {
        let (rules, _) = RuleSet::load(&[("r", RULES)]).unwrap();
        let coverage = measure(&rules, &cases::load(&[("t", tests)]).unwrap());
        let gaps = coverage.gaps.iter().map(|gap| format!("{}: {}", gap.never, gap.check));
        gaps.chain([coverage.to_string()]).collect()
    }

    #[test]
    fn both_outcomes_of_every_comparison_count() {
        let both = "- test: a\n  fields: {evt.type: open, proc.name: cat}\n  rules: [r]\n\
            - test: b\n  fields: {evt.type: open, proc.name: dog}\n  rules: [r]\n\
            - test: c\n  fields: {evt.type: creat}\n  rules: []\n";
        assert_eq!(gaps(both), ["coverage: 6 of 6 outcomes, 100.0 %"]);
    }

    #[test]
    fn events_of_other_types_cover_nothing_but_the_type() {
        let one = "- test: a\n  fields: {evt.type: open, proc.name: cat}\n  rules: [r]\n\
            - test: b\n  fields: {evt.type: creat, proc.name: dog}\n  rules: []\n";
        let wanted = ["false: proc.name = cat", "true: proc.name = dog", "coverage: 4 of 6 outcomes, 66.6 %"];
        assert_eq!(gaps(one), wanted);
    }
}
