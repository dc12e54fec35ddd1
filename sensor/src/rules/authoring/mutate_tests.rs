//! Which changes tests notice, and that sound tests notice all.

use super::*;
use crate::rules::{cases, policies};

fn trial(condition: &str, tests: &str) -> Trial {
    let rule = format!("- rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: {condition}\n");
    let (rules, _) = RuleSet::load(&[("r", rule)]).unwrap();
    let suite = cases::load(&[("t", tests)]).unwrap();
    let outcome = suite.run(&rules);
    assert!(outcome.passed(), "{:?}", outcome.failures);
    run(&rules, &suite)
}

fn survivors(condition: &str, tests: &str) -> Vec<String> {
    let trial = trial(condition, tests);
    trial.survivors.iter().map(|survivor| format!("{}: {}", survivor.change, survivor.part)).collect()
}

const SOUND: &str = "\
- event: base
  fields: {evt.type: open, fd.name: /etc/shadow, proc.name: cat, proc.pid: 5, evt.failed: false}
- test: seen
  like: base
  each: {evt.type: [open, openat], fd.name: [/etc/shadow, /etc/gshadow]}
  rules: [r]
- test: not seen
  like: base
  each:
    evt.type: [creat]
    fd.name: [/etc/passwd, ~]
    proc.name: [sshd]
    proc.pid: [4]
    evt.failed: [true, ~]
  rules: []
- test: names that only begin alike are seen
  like: base
  fields: {proc.name: sshd-session}
  rules: [r]
";

const CONDITION: &str = "evt.type in (open, openat) and fd.name in (/etc/shadow, /etc/gshadow) \
    and not proc.name = sshd and proc.pid > 4 and evt.failed = false";

#[test]
fn sound_tests_notice_every_change() {
    assert_eq!(survivors(CONDITION, SOUND), [""; 0]);
    assert!(trial(CONDITION, SOUND).mutants > 20);
}

#[test]
fn what_tests_leave_out_survives() {
    let without = |line: &str| {
        assert!(SOUND.contains(line), "{line}");
        survivors(CONDITION, &SOUND.replacen(line, "", 1))
    };
    assert_eq!(without(", /etc/gshadow"), ["without `/etc/gshadow`: fd.name in (/etc/shadow, /etc/gshadow)"]);
    assert_eq!(without(", openat"), ["without `openat`: evt.type in (open, openat)"]);
    assert_eq!(
        without("    proc.pid: [4]\n"),
        ["always true: proc.pid > 4", "`>` becomes `>=`: proc.pid > 4",]
    );
    let names = "- test: names that only begin alike are seen\n  like: base\n  fields: {proc.name: sshd-session}\n  rules: [r]\n";
    assert_eq!(without(names), ["`=` becomes `startswith`: proc.name = sshd"]);
}

#[test]
fn a_dropped_term_and_another_junction_are_tried() {
    let tests = "- test: a\n  fields: {evt.type: open, proc.name: a, proc.cwd: /}\n  rules: [r]\n";
    let found = survivors("evt.type = open and (proc.name = a or proc.cwd = /)", tests);
    for change in
        ["`or` becomes `and`: (proc.name = a or proc.cwd = /)", "without `(proc.name = a or proc.cwd = /)`"]
    {
        assert!(found.iter().any(|survivor| survivor.starts_with(change)), "{change}: {found:?}");
    }
}

#[test]
fn changes_that_change_nothing_are_not_tried() {
    let tests = "- test: a\n  fields: {evt.type: open, fd.name: /a/b/c}\n  rules: [r]\n\
        - test: b\n  fields: {evt.type: open, fd.name: /x}\n  rules: []\n\
        - test: c\n  fields: {evt.type: creat, fd.name: /a/b/c}\n  rules: []\n";
    assert_eq!(
        survivors("evt.type = open and fd.name pmatch (/a, /a/b)", tests),
        ["without `/a`: fd.name pmatch (/a, /a/b)"]
    );
    assert_eq!(survivors("evt.type = open and fd.name in (/a/b/c, /a/b/c)", tests), [""; 0]);
}

#[test]
fn the_tests_of_the_default_policies_notice_every_change() {
    let (rules, _) = policies::load().unwrap();
    let suite = cases::load(policies::TESTS).unwrap();
    let outcome = suite.run(&rules);
    assert!(outcome.passed(), "{:?}", outcome.failures);
    let trial = run(&rules, &suite);
    let survivors: Vec<_> = trial.survivors.iter().map(ToString::to_string).collect();
    assert_eq!(survivors, [""; 0]);
    assert!(trial.mutants > 3000, "{}", trial.mutants);
}

#[test]
fn every_comparison_with_a_value_to_alter_has_changed_forms() {
    let (rules, _) = policies::load().unwrap();
    let mut changed = 0;
    for (_, leaf) in rules.leaves().iter() {
        let text = leaf.to_string();
        let fixed = text.ends_with(" exists") || text.ends_with("true") || text.ends_with("false");
        // Networks and addresses have no near relation: their comparisons are dropped as a whole.
        let fixed = fixed || ["net =", "ip ="].iter().any(|address| text.contains(address));
        let single = text.contains(" (") && !text.contains(',');
        let forms = comparison::mutants(leaf).len();
        assert!(forms > 0 || fixed || single, "{text}");
        changed += forms;
    }
    assert!(changed > rules.leaves().len(), "{changed}");
}
