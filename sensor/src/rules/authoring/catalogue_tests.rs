//! What lists and descriptions of rules say.

use super::*;
use crate::rules::{RuleSet, cases};

const RULES: &str = "\
- macro: opened
  condition: evt.type in (open, openat)
- rule: Shadow read
  desc: Somebody reads passwords.
  condition: opened and not (fd.name = /tmp/x or proc.aname[2] in (sshd, cron))
  output: read (file=%fd.name user=%user.name)
  priority: warning
  tags: [host, T1003.008]
  vigie-why: >
    Hashes are
    cracked.
  vigie-blind-spots: Copies.
  vigie-references: [https://example.org/a, https://example.org/b]
- rule: Any
  desc: d
  condition: proc.name = a
  output: o
  priority: 7
  enabled: false
";

fn rules() -> RuleSet {
    RuleSet::load(&[("r.yaml", RULES)]).unwrap().0
}

#[test]
fn a_list_has_a_line_for_each_rule() {
    let text = list_text(&rules());
    let lines: Vec<_> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        ["Warning Shadow read open, openat [host,T1003.008]", "Debug Any (disabled) every type []"]
    );
}

#[test]
fn a_list_in_json_keeps_types() {
    let json: serde_json::Value = serde_json::from_str(&list_json(&rules())).unwrap();
    assert_eq!(json[0]["event_types"], serde_json::json!(["open", "openat"]));
    assert_eq!(json[1]["event_types"], serde_json::Value::Null);
    assert_eq!(json[0]["kernel_filter"], serde_json::json!({}));
    assert_eq!(json[1]["kernel_filter"], serde_json::json!({"proc.name": [{"is": "a"}]}));
    assert_eq!((&json[1]["enabled"], &json[0]["priority"]), (&false.into(), &"Warning".into()));
}

#[test]
fn a_rule_is_shown_with_its_macros_expanded_and_its_tests() {
    let tests = "- test: seen\n  fields: {evt.type: open}\n  rules: [Shadow read]\n";
    let suite = cases::load(&[("t.test.yaml", tests)]).unwrap();
    let rules = rules();
    let wanted = "\
rule: Shadow read
defined: r.yaml:3:9
priority: Warning
source: syscall
tags: host, T1003.008
event types: open, openat
desc: Somebody reads passwords.
condition:
  all of
    opened:
      evt.type in (open, openat)
    not any of
      fd.name = /tmp/x
      proc.aname[2] in (sshd, cron)
fields of the condition:
  fd.name
  proc.aname[2]
fields of the output:
  fd.name user.name
kernel filter: anything
notes:
  why: Hashes are cracked.
  blind spots: Copies.
  see: https://example.org/a
  see: https://example.org/b
tests:
  t.test.yaml:1:9: seen
";
    assert_eq!(show(&rules.rules()[0], &rules, &suite), wanted);
}
