//! Descriptions of rules, and what differs between two of the same rule.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use serde_json::Value;

/// Descriptions of rules, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rules {
    by_name: BTreeMap<String, Value>,
}

impl Rules {
    /// Takes a JSON array of objects, each with the name of its rule in `rule`.
    pub(super) fn read(text: &str) -> Result<Self> {
        let rules: Vec<Value> = serde_json::from_str(text).context("expected an array of descriptions")?;
        let named = rules.into_iter().map(|rule| {
            let name = rule.get("rule").and_then(Value::as_str).context("a description has no `rule`")?;
            Ok((name.to_owned(), rule))
        });
        Ok(Self { by_name: named.collect::<Result<_>>()? })
    }

    /// Those of some levels of maturity.
    pub(super) fn of_levels(&self, levels: &[&str]) -> Self {
        let is_of_level = |rule: &Value| {
            rule.get("level").and_then(Value::as_str).is_some_and(|level| levels.contains(&level))
        };
        let rules = self.by_name.iter().filter(|(_, rule)| is_of_level(rule));
        Self { by_name: rules.map(|(name, rule)| (name.clone(), rule.clone())).collect() }
    }

    /// How many rules there are.
    pub(super) fn len(&self) -> usize {
        self.by_name.len()
    }
}

/// What is compared: a name for messages, and where it is in a description.
const NUMBERS: [(&str, &str); 4] =
    [("checks", "/checks"), ("`and`s", "/bool/and"), ("`or`s", "/bool/or"), ("`not`s", "/bool/not")];
const SETS: [(&str, &str); 2] = [("tags", "/tags"), ("output fields", "/output_fields")];

/// What of a rule is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All that is known.
    Everything,
    /// All but the condition and what follows from it.
    ButConditions,
}

/// Every difference, a line each, that begins with the rule's name.
pub(super) fn differences(expected: &Rules, found: &Rules, scope: Scope) -> Vec<String> {
    let names: BTreeSet<&String> = expected.by_name.keys().chain(found.by_name.keys()).collect();
    let mut lines = Vec::new();
    for name in names {
        match (expected.by_name.get(name), found.by_name.get(name)) {
            (Some(expected), Some(found)) => {
                lines.extend(
                    of_rule(expected, found, scope).into_iter().map(|line| format!("`{name}`: {line}")),
                );
            }
            (Some(_), None) => lines.push(format!("`{name}`: expected, and not loaded")),
            (None, _) => lines.push(format!("`{name}`: loaded, and not expected")),
        }
    }
    lines
}

fn of_rule(expected: &Value, found: &Value, scope: Scope) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(value("priority", priority(expected), priority(found)));
    let enabled = |rule: &Value| rule.get("enabled").map(Value::to_string);
    lines.extend(value("enabled", enabled(expected), enabled(found)));
    for (name, at) in SETS {
        lines.extend(sets(name, &texts(expected.pointer(at)), &texts(found.pointer(at))));
    }
    if scope == Scope::Everything {
        lines.extend(of_condition(expected, found));
    }
    lines
}

fn of_condition(expected: &Value, found: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, at) in NUMBERS {
        // What a rule has none of may be left out.
        let count = |rule: &Value| rule.pointer(at).and_then(Value::as_u64).unwrap_or_default();
        let [expected, found] = [count(expected), count(found)];
        if expected != found {
            lines.push(format!("{expected} {name} expected, {found} found"));
        }
    }
    let event_types = |rule: &Value| texts(rule.get("evt_types"));
    lines.extend(sets("event types", &event_types(expected), &event_types(found)));
    lines.extend(sets("comparisons", &comparisons(expected), &comparisons(found)));
    lines
}

/// In capitals and in its short form.
fn priority(rule: &Value) -> Option<String> {
    let name = rule.get("priority")?.as_str()?.to_ascii_uppercase();
    Some(if name == "INFORMATIONAL" { "INFO".to_owned() } else { name })
}

fn value(name: &str, expected: Option<String>, found: Option<String>) -> Option<String> {
    let show = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
    (expected != found).then(|| format!("{name} {} expected, {} found", show(expected), show(found)))
}

fn texts(array: Option<&Value>) -> BTreeSet<String> {
    let elements = array.and_then(Value::as_array).into_iter().flatten();
    elements.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// `field operator` for every operator of every field.
fn comparisons(rule: &Value) -> BTreeSet<String> {
    let fields = rule.get("all_fields").and_then(Value::as_object).into_iter().flatten();
    fields
        .flat_map(|(field, operators)| {
            texts(Some(operators)).into_iter().map(move |operator| format!("{field} {operator}"))
        })
        .collect()
}

fn sets(name: &str, expected: &BTreeSet<String>, found: &BTreeSet<String>) -> Vec<String> {
    let listed = |few: &BTreeSet<String>, other: &BTreeSet<String>| {
        few.difference(other).map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
    };
    let [missing, excess] = [listed(expected, found), listed(found, expected)];
    let mut lines = Vec::new();
    if !missing.is_empty() {
        lines.push(format!("{name} expected and not found: {missing}"));
    }
    if !excess.is_empty() {
        lines.push(format!("{name} found and not expected: {excess}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(name: &str) -> Value {
        json!({ "rule": name, "level": "stable", "priority": "INFO", "enabled": true, "tags": ["a"],
            "evt_types": ["open"], "all_fields": { "fd.name": ["=", "in"] }, "checks": 2,
            "bool": { "and": 1 }, "output_fields": ["fd.name"] })
    }

    fn rules(rules: &[Value]) -> Rules {
        Rules::read(&Value::from(rules).to_string()).unwrap()
    }

    fn whole(expected: &[Value], found: &[Value]) -> Vec<String> {
        differences(&rules(expected), &rules(found), Scope::Everything)
    }

    #[test]
    fn order_spelling_of_priorities_and_counts_of_none_do_not_matter() {
        let mut other = rule("x");
        other["priority"] = json!("Informational");
        other["bool"]["or"] = json!(0);
        other["all_fields"]["fd.name"] = json!(["in", "="]);
        assert!(whole(&[rule("x")], &[other]).is_empty());
    }

    #[test]
    fn each_difference_names_the_rule_and_the_count() {
        let mut other = rule("x");
        other["checks"] = json!(3);
        other["bool"]["not"] = json!(1);
        other["priority"] = json!("Error");
        other["enabled"] = json!(false);
        other["evt_types"] = json!(["openat"]);
        other["all_fields"] = json!({ "fd.name": ["="] });
        assert_eq!(
            whole(&[rule("x")], std::slice::from_ref(&other)),
            [
                "`x`: priority INFO expected, ERROR found",
                "`x`: enabled true expected, false found",
                "`x`: 2 checks expected, 3 found",
                "`x`: 0 `not`s expected, 1 found",
                "`x`: event types expected and not found: `open`",
                "`x`: event types found and not expected: `openat`",
                "`x`: comparisons expected and not found: `fd.name in`",
            ]
        );
    }

    #[test]
    fn rules_on_one_side_only_are_told() {
        let found = whole(&[rule("a"), rule("b")], &[rule("b"), rule("c")]);
        assert_eq!(found, ["`a`: expected, and not loaded", "`c`: loaded, and not expected"]);
    }

    #[test]
    fn levels_are_told_apart() {
        let mut other = rule("b");
        other["level"] = json!("sandbox");
        let all = rules(&[rule("a"), other]);
        assert_eq!(all.of_levels(&["stable"]), rules(&[rule("a")]));
        assert_eq!(all.of_levels(&["none"]).len(), 0);
        assert_eq!(all.of_levels(&["sandbox", "stable"]), all);
        Rules::read("[{}]").unwrap_err();
    }
}
