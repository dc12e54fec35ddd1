//! One rule in full.

use std::collections::BTreeSet;

use super::condition;
use crate::rules::cases::Suite;
use crate::rules::rule_set::{Rule, RuleSet};
use crate::rules::yaml::{Node, NodeKind, printable};

/// Everything about a rule, and the tests that expect it to match.
pub fn show(rule: &Rule, rules: &RuleSet, tests: &Suite) -> String {
    let mut lines = facts(rule);
    lines.push("condition:".to_owned());
    lines.extend(condition::lines(rule.condition(), rules, 1));
    section(&mut lines, "fields of the condition", fields_of_condition(rule, rules));
    section(&mut lines, "fields of the output", fields_of_output(rule));
    section(&mut lines, "notes", rule.extra.iter().filter_map(note).collect());
    section(&mut lines, "tests", tests_of(rule, tests));
    lines.push(String::new());
    lines.join("\n")
}

fn facts(rule: &Rule) -> Vec<String> {
    let state = if rule.enabled { "" } else { ", disabled" };
    vec![
        format!("rule: {}", printable(&rule.name)),
        format!("defined: {}{state}", rule.place),
        format!("priority: {}", rule.priority.name()),
        format!("source: {}", printable(&rule.source)),
        format!("tags: {}", printable(&rule.tags.join(", "))),
        format!("event types: {}", rule.event_types().listed()),
        format!("desc: {}", printable(rule.desc.trim_end())),
    ]
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

/// Keys of Vigie's own, by which authors say what their rule is good for.
fn note((key, value): &(String, Node)) -> Option<String> {
    let name = key.strip_prefix("vigie-")?;
    Some(format!("{}: {}", printable(name), words(value)?))
}

fn words(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::Scalar { text, .. } => Some(printable(text.trim_end())),
        NodeKind::Sequence(nodes) => Some(nodes.iter().filter_map(words).collect::<Vec<_>>().join(", ")),
        NodeKind::Mapping(_) => None,
    }
}

/// The tests that name the rule, with their places.
fn tests_of(rule: &Rule, tests: &Suite) -> Vec<String> {
    let expects = tests.cases.iter().filter(|case| case.rules.iter().any(|one| one.name == rule.name));
    expects.map(ToString::to_string).collect()
}
