//! Macros, event types and the limits of compiled conditions.

use super::*;
use crate::rules::{RuleSet, Scratch};

/// Loads macros and one rule, given as a name, a condition each.
fn load(macros: &[(&str, &str)], condition: &str) -> Result<RuleSet, String> {
    let mut items: Vec<String> = macros
        .iter()
        .map(|(name, condition)| format!("- macro: {name}\n  condition: {condition}\n"))
        .collect();
    items.push(format!("- rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: {condition}\n"));
    RuleSet::load(&[("f", items.concat())]).map(|(rules, _)| rules).map_err(|error| error.to_string())
}

fn event_types(macros: &[(&str, &str)], condition: &str) -> Vec<&'static str> {
    load(macros, condition).unwrap().event_types().iter().map(EventType::name).collect()
}

#[test]
fn event_types_follow_the_logic_of_the_condition() {
    let types = |condition: &str| event_types(&[], condition);
    assert_eq!(types("evt.type = open"), ["open"]);
    assert_eq!(types("evt.type in (open, creat) and proc.name = a"), ["creat", "open"]);
    assert_eq!(types("evt.type = open or evt.type = creat"), ["creat", "open"]);
    assert_eq!(types("evt.type = open and evt.type = creat"), Vec::<&str>::new());
    assert_eq!(types("evt.type = open or proc.name = a").len(), EventType::COUNT);
    assert_eq!(types("not evt.type != open"), ["open"]);
    assert_eq!(types("not (evt.type != open or proc.name = a)"), ["open"]);
    assert_eq!(types("not (evt.type = open and proc.name = a)").len(), EventType::COUNT);
    assert_eq!(types("not (evt.type in (open, creat))").len(), EventType::COUNT - 2);
    assert_eq!(types("evt.type startswith cgroup_ and not evt.type endswith dir"), ["cgroup_attach_task"]);
    assert_eq!(types("evt.type exists").len(), EventType::COUNT);
}

#[test]
fn event_numbers_write_always_and_never() {
    let never: &[(&str, &str)] = &[("never_true", "(evt.num=0)"), ("always_true", "(evt.num>=0)")];
    assert_eq!(event_types(never, "evt.type = open and not never_true"), ["open"]);
    assert_eq!(event_types(never, "evt.type = open and never_true"), Vec::<&str>::new());
    assert_eq!(event_types(never, "(evt.type = open and always_true) or never_true"), ["open"]);
    assert_eq!(event_types(&[], "evt.num in (0, -1) or evt.type = open"), ["open"]);
    assert_eq!(event_types(&[], "evt.num < 1 or evt.num <= 0 or evt.num = -5"), Vec::<&str>::new());
    assert_eq!(event_types(&[], "evt.num > 1").len(), EventType::COUNT);
    assert_eq!(event_types(&[], "evt.num = 1").len(), EventType::COUNT);
}

#[test]
fn a_macro_sees_what_was_defined_before_it() {
    assert_eq!(event_types(&[("a", "evt.type = open"), ("b", "a")], "b"), ["open"]);
    let late = load(&[("b", "a"), ("a", "evt.type = open")], "b").unwrap_err();
    assert_eq!(late, "f:2:14: error: macro `a` is defined after this macro; move it before");
    // Defining it again moves the point from which it looks back.
    let again: &[(&str, &str)] = &[("b", "evt.type = open"), ("a", "evt.type = creat"), ("b", "a")];
    assert_eq!(event_types(again, "b"), ["creat"]);
}

#[test]
fn macro_loops_are_refused() {
    assert!(load(&[("a", "not a")], "a").unwrap_err().contains("f:2:18: error: macro `a` refers to itself"));
    let ring: &[(&str, &str)] = &[("a", "evt.type = open"), ("b", "a"), ("a", "b")];
    assert!(load(ring, "a").unwrap_err().contains("refers to itself"));
}

#[test]
fn unknown_names_get_suggestions_and_places() {
    let unknown =
        load(&[("spawned_process", "evt.type = execve")], "spawned_proces and proc.name = a").unwrap_err();
    assert_eq!(unknown, "f:7:14: error: unknown macro `spawned_proces`; did you mean `spawned_process`?");
    let field = load(&[], "evt.type = open and proc.nme = a").unwrap_err();
    assert_eq!(field, "f:5:34: error: unknown field `proc.nme`; did you mean `proc.name`?");
}

#[test]
fn a_broken_macro_is_reported_once_and_in_place() {
    let text = "- macro: m\n  condition: fd.nmae = x\n\
        - rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: m\n\
        - rule: s\n  desc: d\n  output: o\n  priority: info\n  condition: m or evt.failed > 1\n";
    let error = RuleSet::load(&[("f", text)]).unwrap_err();
    assert_eq!(error.to_string(), "f:2:14: error: unknown field `fd.nmae`; did you mean `fd.name`?");
    // What nothing names is still parsed.
    let text = "- macro: m\n  condition: a and\n";
    assert!(
        RuleSet::load(&[("f", text)]).unwrap_err().to_string().starts_with("f:2:19: error: expected a field")
    );
}

#[test]
fn macro_bombs_hit_a_limit() {
    let names: Vec<String> = (0..40).map(|n| format!("m{n}")).collect();
    let doubled: Vec<String> = names.iter().map(|name| format!("{name} or {name}")).collect();
    let mut doubling = vec![("m0", "evt.type = open")];
    for (name, condition) in names.iter().skip(1).zip(&doubled) {
        doubling.push((name, condition));
    }
    let error = load(&doubling, "m39").unwrap_err();
    assert!(error.contains("unfolds to more than 100000 comparisons"), "{error}");

    let names: Vec<String> = (0..1200).map(|n| format!("m{n}")).collect();
    let negated: Vec<String> = names.iter().map(|name| format!("not {name}")).collect();
    let mut chain = vec![("m0", "proc.name = a")];
    for (name, condition) in names.iter().skip(1).zip(&negated) {
        chain.push((name, condition));
    }
    assert!(load(&chain, "m1199").unwrap_err().contains("nested deeper than 1000 levels"));
}

#[test]
fn deep_conditions_load_and_can_be_judged_up_to_the_limit() {
    let nested =
        |depth: usize| format!("{}proc.name = a{}", "not (evt.num > 5 and ".repeat(depth), ")".repeat(depth));
    let rules = load(&[], &nested(490)).unwrap();
    let event =
        crate::rules::testing::event(&[("evt.num", Value::Number(9)), ("proc.name", Value::from("a"))]);
    assert_eq!(
        rules.evaluate(EventType::from_name("open").unwrap(), &event, &mut Scratch::default()).matches.len(),
        1
    );
    assert!(load(&[], &nested(600)).unwrap_err().contains("nested deeper than 1000 levels"));
}
