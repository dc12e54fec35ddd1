//! Which comparisons decide, and how that is told.

use super::*;
use crate::rules::testing::event;

const RULES: &str = "\
- macro: opened
  condition: (evt.type in (open, openat))
- rule: r
  desc: d
  condition: >
    opened and (proc.name = cat or proc.name = dog) and not fd.name startswith /tmp/
    and not container.name = web
  output: o
  priority: info
";

fn explained(facts: &[(&str, Value<'static>)], event_type: &str) -> (bool, Vec<String>, String) {
    let (rules, _) = RuleSet::load(&[("f", RULES)]).unwrap();
    let event_type = EventType::from_name(event_type).unwrap();
    let explanation = explain(&rules, &rules.rules()[0], event_type, &event(facts));
    (explanation.matches(), explanation.summary(), explanation.report())
}

#[test]
fn one_false_comparison_is_enough_for_no_match() {
    let (matches, summary, _) =
        explained(&[("proc.name", "dog".into()), ("fd.name", "/tmp/\x1b[2J".into())], "open");
    assert!(!matches);
    assert_eq!(
        summary,
        [
            "rule `r` does not match, because:",
            "  false: not fd.name startswith /tmp/ -- it is `/tmp/\\u{1b}[2J`"
        ]
    );
}

#[test]
fn the_shortest_of_several_reasons_is_told() {
    // Both names are wrong, which takes two comparisons; the event type takes one.
    let (_, summary, _) = explained(&[("proc.name", "cow".into())], "creat");
    assert_eq!(
        summary,
        [
            "rule `r` does not match, because:",
            "  false: evt.type in (open, openat) -- it is `creat` (in opened)"
        ]
    );
    let (_, summary, _) = explained(&[], "open");
    assert_eq!(
        summary[1..],
        [
            "  missing: proc.name = cat -- the event has no such value",
            "  missing: proc.name = dog -- the event has no such value",
        ]
    );
}

#[test]
fn a_match_names_one_of_several_sufficient_comparisons() {
    let (matches, summary, report) = explained(&[("proc.name", "dog".into())], "open");
    assert!(matches);
    assert_eq!(
        summary,
        [
            "rule `r` matches, because:",
            "  true: evt.type in (open, openat) -- it is `open` (in opened)",
            "  true: proc.name = dog -- it is `dog`",
            "  true: not fd.name startswith /tmp/ -- the event has no such value",
            "  true: not container.name = web -- the event has no such value",
        ]
    );
    assert!(
        report.contains("condition:\n  true: and\n    true: opened:\n      true: evt.type in"),
        "{report}"
    );
}

#[test]
fn a_value_that_may_still_come_is_said_to() {
    let (matches, summary, _) =
        explained(&[("proc.name", "dog".into()), ("container.name", Value::Pending)], "open");
    assert!(matches);
    assert_eq!(
        summary,
        [
            "rule `r` matches unless a value still comes, because:",
            "  pending: not container.name = web -- the value may still come",
        ]
    );
}

#[test]
fn an_event_type_that_is_not_the_rules_is_remarked() {
    let (_, _, report) = explained(&[], "creat");
    assert!(report.contains("note: `creat` is not one of its event types: open, openat\n"), "{report}");
}
