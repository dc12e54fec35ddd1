//! Which alerts on a recording a change of rules adds and removes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::{self, BufRead},
    path::Path,
};

use super::{Judge, Read, ReplayError, alerts::line, play, recorded::Recorded};
use crate::{
    cli::Output,
    rules::{Rule, RuleSet, Scratch, yaml::printable},
};

/// Most alerts of a rule that are shown, of those that come and of those that go.
const SHOWN: usize = 3;

/// Judges a recording by two sets of rules.
#[derive(Debug)]
pub struct Diff<'r> {
    old: &'r RuleSet,
    new: &'r RuleSet,
    scratch: Scratch,
    rules: BTreeMap<String, RuleDifference>,
}

/// What differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// How much of the recording could be used.
    pub read: Read,
    /// By the names of the rules whose alerts differ.
    pub rules: BTreeMap<String, RuleDifference>,
}

/// What differs for one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleDifference {
    /// Alerts that only the new rules raise.
    pub added: Change,
    /// Alerts that only the old rules raise.
    pub removed: Change,
}

/// Alerts that come or go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// How many.
    pub count: u64,
    /// The first of them, as lines of text.
    pub first: Vec<String>,
}

impl Change {
    fn add(&mut self, recorded: &Recorded, rule: &Rule) {
        self.count += 1;
        if self.first.len() < SHOWN {
            let line = line(Output::Text, recorded, rule);
            self.first.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
    }

    fn write(&self, mark: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.first.iter().try_for_each(|line| writeln!(f, "  {mark} {line}"))?;
        match self.count.saturating_sub(self.first.len() as u64) {
            0 => Ok(()),
            more => writeln!(f, "  {mark} and {more} more"),
        }
    }
}

impl<'r> Diff<'r> {
    /// Compares these rules.
    pub fn new(old: &'r RuleSet, new: &'r RuleSet) -> Self {
        Self { old, new, scratch: Scratch::default(), rules: BTreeMap::new() }
    }

    /// Judges a whole recording; `path` is its name in errors.
    pub fn run(mut self, path: &Path, from: impl BufRead) -> Result<Difference, ReplayError> {
        let read = play(path, from, &mut self)?;
        Ok(Difference { read, rules: self.rules })
    }
}

impl Judge for Diff<'_> {
    fn judge(&mut self, recorded: &Recorded) -> io::Result<bool> {
        let (old, new) = (self.old, self.new);
        let before = old.evaluate(recorded.event_type, &recorded.fields, &mut self.scratch).matches;
        let after = new.evaluate(recorded.event_type, &recorded.fields, &mut self.scratch).matches;
        for rule in only(&after, &before) {
            self.rules.entry(rule.name.clone()).or_default().added.add(recorded, rule);
        }
        for rule in only(&before, &after) {
            self.rules.entry(rule.name.clone()).or_default().removed.add(recorded, rule);
        }
        Ok(true)
    }
}

/// The rules of one list whose names are not in the other.
fn only<'r>(these: &[&'r Rule], others: &[&Rule]) -> Vec<&'r Rule> {
    let others: BTreeSet<&str> = others.iter().map(|rule| &*rule.name).collect();
    these.iter().filter(|rule| !others.contains(&*rule.name)).copied().collect()
}

impl Difference {
    /// Whether both sets of rules raise the same alerts.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// For every rule the numbers and the first alerts, and a summary; ends with a line break.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut added, mut removed) = (0, 0);
        for (name, rule) in &self.rules {
            let name = printable(name);
            writeln!(f, "{name}: {} added, {} removed", rule.added.count, rule.removed.count)?;
            rule.added.write('+', f)?;
            rule.removed.write('-', f)?;
            added += rule.added.count;
            removed += rule.removed.count;
        }
        let Read { events, bad_lines } = self.read;
        writeln!(f, "{events} events judged, {bad_lines} bad lines, {added} alerts added, {removed} removed")
    }
}
