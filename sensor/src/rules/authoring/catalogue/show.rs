//! One rule in full.

use std::collections::BTreeSet;

use super::condition;
use crate::rules::cases::Suite;
use crate::rules::notes::Notes;
use crate::rules::rule_set::{Rule, RuleSet};
use crate::rules::watched::Watched;
use crate::rules::yaml::printable;

/// Everything about a rule, and the tests that expect it to match.
pub fn show(rule: &Rule, rules: &RuleSet, tests: &Suite) -> String {
    let mut lines = facts(rule);
    lines.push("condition:".to_owned());
    lines.extend(condition::lines(rule.condition(), rules, 1));
    section(&mut lines, "fields of the condition", fields_of_condition(rule, rules));
    section(&mut lines, "fields of the output", fields_of_output(rule));
    lines.push(format!("kernel filter: {}", rules.demand(rule)));
    section(&mut lines, "notes", notes(rule));
    section(&mut lines, "tests", tests_of(rule, tests));
    lines.push(String::new());
    lines.join("\n")
}

fn facts(rule: &Rule) -> Vec<String> {
    let state = if rule.enabled { "" } else { ", disabled" };
    let mut facts = vec![
        format!("rule: {}", printable(&rule.name)),
        format!("defined: {}{state}", rule.place),
        format!("priority: {}", rule.priority.name()),
        format!("source: {}", printable(&rule.source)),
        format!("tags: {}", printable(&rule.tags.join(", "))),
        format!("event types: {}", rule.event_types().listed()),
        format!("desc: {}", printable(rule.desc.trim_end())),
    ];
    facts.extend(rule.watched.as_ref().map(watches));
    facts.extend(rule.action.map(|action| format!("action: {}", action.name())));
    facts
}

fn watches(watched: &Watched) -> String {
    let reads = if watched.reads { ", reads included" } else { "" };
    format!("watches: {}{reads}", printable(&watched.paths.join(", ")))
}

/// A headline and the lines below it, unless there are none.
fn section(lines: &mut Vec<String>, headline: &str, below: Vec<String>) {
    if !below.is_empty() {
        lines.push(format!("{headline}:"));
        lines.extend(below.into_iter().map(|line| format!("  {line}")));
    }
}

fn fields_of_condition(rule: &Rule, rules: &RuleSet) -> Vec<String> {
    let mut fields = BTreeSet::new();
    rule.condition().each_leaf(&mut |id| {
        if let Some(leaf) = rules.leaf(id) {
            leaf.left.each_field(&mut |field| {
                fields.insert(printable(&field.to_string()));
            });
        }
    });
    fields.into_iter().collect()
}

fn fields_of_output(rule: &Rule) -> Vec<String> {
    let names: Vec<_> = rule.output().fields().iter().map(|(name, _)| printable(name)).collect();
    if names.is_empty() { names } else { vec![names.join(" ")] }
}

/// What its author says of it, a line each.
fn notes(rule: &Rule) -> Vec<String> {
    let Notes { why, tuning, blind_spots, references } = &rule.notes;
    let texts = [("why", why), ("tuning", tuning), ("blind spots", blind_spots)];
    let texts =
        texts.into_iter().filter_map(|(name, text)| Some(format!("{name}: {}", printable(text.as_deref()?))));
    texts.chain(references.iter().map(|reference| format!("see: {}", printable(reference)))).collect()
}

/// The tests that name the rule, with their places.
fn tests_of(rule: &Rule, tests: &Suite) -> Vec<String> {
    let expects = tests.cases.iter().filter(|case| case.rules.iter().any(|one| one.name == rule.name));
    expects.map(ToString::to_string).collect()
}
