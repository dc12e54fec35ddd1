//! All rules, a line each.

use serde::Serialize;

use crate::rules::event_type::{EventType, EventTypes};
use crate::rules::kernel_filter::Demand;
use crate::rules::rule_set::{Rule, RuleSet};
use crate::rules::yaml::printable;

/// Names of rules are filled up to this many characters.
const WIDTH: usize = 48;

/// A line for each rule: priority, name, event types, tags.
pub fn list_text(rules: &RuleSet) -> String {
    rules.rules().iter().map(line).collect()
}

fn line(rule: &Rule) -> String {
    let off = if rule.enabled { "" } else { " (disabled)" };
    let name = printable(&rule.name) + off;
    let tags = printable(&rule.tags.join(","));
    format!("{:<13} {name:<WIDTH$} {} [{tags}]\n", rule.priority.name(), rule.event_types().listed())
}

#[derive(Serialize)]
struct Row<'r> {
    name: &'r str,
    priority: &'static str,
    source: &'r str,
    enabled: bool,
    /// `None` for a rule that every event is judged by.
    event_types: Option<Vec<&'static str>>,
    tags: &'r [String],
    kernel_filter: Demand,
}

/// A list of objects: `name`, `priority`, `source`, `enabled`, `event_types` (null for all), `tags` and
/// `kernel_filter`, what an event must have to be worth reporting.
pub fn list_json(rules: &RuleSet) -> String {
    let rows: Vec<_> = rules.rules().iter().map(|rule| row(rule, rules)).collect();
    // Texts and truth values only: nothing here can fail to be written.
    serde_json::to_string_pretty(&rows).unwrap_or_default() + "\n"
}

fn row<'r>(rule: &'r Rule, rules: &RuleSet) -> Row<'r> {
    let types = rule.event_types();
    Row {
        name: &rule.name,
        priority: rule.priority.name(),
        source: &rule.source,
        enabled: rule.enabled,
        event_types: (types != EventTypes::ALL).then(|| types.iter().map(EventType::name).collect()),
        tags: &rule.tags,
        kernel_filter: rules.demand(rule),
    }
}
