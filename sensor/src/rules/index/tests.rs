//! The index asks events for no more than it needs, and judges nothing twice.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::*;
use crate::rules::field::{FieldRef, Fields};
use crate::rules::rule_set::{Matching, RuleSet};
use crate::rules::testing::{MapEvent, event};
use crate::rules::value::Value;

/// An event that counts how often it is asked for each field.
struct Counting {
    event: MapEvent,
    asked: RefCell<BTreeMap<String, u32>>,
}

impl Fields for Counting {
    fn value(&self, field: &FieldRef) -> Value<'_> {
        *self.asked.borrow_mut().entry(field.to_string()).or_default() += 1;
        self.event.value(field)
    }
}

fn rules(conditions: &[&str]) -> RuleSet {
    let rule = |(number, condition): (usize, &&str)| {
        format!("- rule: r{number}\n  desc: d\n  condition: {condition}\n  output: o\n  priority: info\n")
    };
    let text: String = conditions.iter().enumerate().map(rule).collect();
    let (rules, _) = RuleSet::load(&[("f", text)]).unwrap_or_else(|error| panic!("{error}"));
    rules.with_matching(Matching::All)
}

/// The rules that match, and how often each field was asked for.
fn judged(rules: &RuleSet, values: &[(&str, Value<'static>)]) -> (String, BTreeMap<String, u32>) {
    let counting = Counting { event: event(values), asked: RefCell::default() };
    let open = EventType::from_name("open").unwrap();
    let evaluation = rules.evaluate(open, &counting, &mut Scratch::default());
    let names: Vec<_> = evaluation.matches.iter().map(|rule| &*rule.name).collect();
    (names.join(" "), counting.asked.into_inner())
}

fn counts(wanted: &[(&str, u32)]) -> BTreeMap<String, u32> {
    wanted.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[test]
fn a_field_is_taken_once_however_many_rules_compare_it() {
    let rules = rules(&[
        "fd.name = /a",
        "fd.name in (/a, /b)",
        "fd.name startswith /",
        "fd.name endswith a",
        "fd.name contains a",
        "fd.name icontains A",
        "fd.name != /b and fd.name > /",
    ]);
    let (matches, asked) = judged(&rules, &[("fd.name", Value::from("/a"))]);
    assert_eq!((&*matches, asked), ("r0 r1 r2 r3 r4 r5 r6", counts(&[("fd.name", 1)])));
}

#[test]
fn a_rule_whose_key_the_event_lacks_is_not_judged() {
    let rules = rules(&[
        "proc.cmdline glob *x* and fd.name = /a",
        "(fd.name = /b or fd.name startswith /c) and proc.cwd glob *",
        "evt.num = 0 and proc.exe = x",
    ]);
    let (matches, asked) = judged(&rules, &[("fd.name", Value::from("/z"))]);
    assert_eq!((&*matches, asked), ("", counts(&[("fd.name", 1)])));
    let values = [("fd.name", Value::from("/cd")), ("proc.cwd", Value::from("/"))];
    let (matches, asked) = judged(&rules, &values);
    assert_eq!((&*matches, asked), ("r1", counts(&[("fd.name", 1), ("proc.cwd", 1)])));
}

#[test]
fn a_key_that_may_still_come_makes_every_rule_a_candidate() {
    let rules = rules(&["container.name = web", "container.name = db and fd.name = /a"]);
    let pending = [("container.name", Value::Pending), ("fd.name", Value::from("/z"))];
    let open = EventType::from_name("open").unwrap();
    let fields = event(&pending);
    let mut scratch = Scratch::default();
    let evaluation = rules.evaluate(open, &fields, &mut scratch);
    assert!(evaluation.matches.is_empty() && evaluation.pending_touched);
}

#[test]
fn alternatives_that_may_still_come_leave_open_only_what_does_not_hold_already() {
    let names = Value::List(vec![Value::from("sshd"), Value::Pending]);
    let fields = event(&[("proc.aname", names)]);
    let open = EventType::from_name("open").unwrap();
    let mut scratch = Scratch::default();
    let pending = |condition: &str, scratch: &mut Scratch| {
        let rules = rules(&[condition]);
        let evaluation = rules.evaluate(open, &fields, scratch);
        (evaluation.matches.len(), evaluation.pending_touched)
    };
    assert_eq!(pending("proc.aname = sshd", &mut scratch), (1, false));
    assert_eq!(pending("proc.aname = cron", &mut scratch), (0, true));
    assert_eq!(pending("proc.aname startswith cr", &mut scratch), (0, true));
    assert_eq!(pending("not proc.aname = cron", &mut scratch), (1, true));
}

#[test]
fn a_scratch_serves_events_and_rule_sets_in_turn() {
    let (one, two) = (rules(&["fd.name = /a"]), rules(&["proc.name = x and fd.name = /b", "fd.name = /a"]));
    let open = EventType::from_name("open").unwrap();
    let mut scratch = Scratch::default();
    let (a, b) = (event(&[("fd.name", Value::from("/a"))]), event(&[("fd.name", Value::from("/b"))]));
    for _ in 0..3 {
        let mut names = |rules: &RuleSet, fields: &MapEvent| {
            rules
                .evaluate(open, fields, &mut scratch)
                .matches
                .iter()
                .map(|rule| rule.name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!((names(&one, &a), names(&one, &b)), (vec!["r0".to_owned()], vec![]));
        assert_eq!((names(&two, &a), names(&two, &b)), (vec!["r1".to_owned()], vec![]));
    }
}

#[test]
fn equal_texts_written_differently_are_one_leaf() {
    let rules = rules(&["fd.name startswith /a", "fd.name startswith '/a'", "fd.name startswith \"/a\""]);
    assert_eq!(rules.leaves().len(), 1);
    assert_eq!(judged(&rules, &[("fd.name", Value::from("/ab"))]).0, "r0 r1 r2");
}

#[test]
fn a_leaf_that_holds_in_many_places_of_a_long_value_is_noted_once() {
    let needles: Vec<_> =
        (1..20).map(|length| format!("proc.cmdline contains {}", "a".repeat(length))).collect();
    let rules = rules(&needles.iter().map(String::as_str).collect::<Vec<_>>());
    let long = "a".repeat(4096);
    let fields = event(&[("proc.cmdline", Value::Text(long.into_bytes().into()))]);
    let open = EventType::from_name("open").unwrap();
    let mut scratch = Scratch::default();
    assert_eq!(rules.evaluate(open, &fields, &mut scratch).matches.len(), needles.len());
    assert_eq!(scratch.hits.len(), needles.len());
}

#[test]
fn a_condition_of_very_many_alternatives_has_no_key_and_is_judged_all_the_same() {
    let alternatives: Vec<_> = (0..1000).map(|number| format!("fd.name = /{number}")).collect();
    let rules = rules(&[&alternatives.join(" or "), "fd.name = /7"]);
    assert!(rules.index.keyed.iter().map(|rules| rules.len()).sum::<usize>() == 1);
    assert_eq!(judged(&rules, &[("fd.name", Value::from("/7"))]).0, "r0 r1");
    assert_eq!(judged(&rules, &[("fd.name", Value::from("/x"))]).0, "");
}
