//! Fields that stand for both ends of a connection: either end may match, and `!=` needs both to differ.

use crate::rules::event_type::EventType;
use crate::rules::rule_set::{RuleSet, Scratch};
use crate::rules::testing::{MapEvent, event};
use crate::rules::value::Value;

fn ip(text: &str) -> Value<'static> {
    Value::Ip(text.parse().unwrap())
}

/// From 10.0.0.1 port 40000 to 192.0.2.7 port 443, which is called a.example and b.example.
fn connection() -> MapEvent {
    let ends = || Value::List(vec![ip("10.0.0.1"), ip("192.0.2.7")]);
    let ports = || Value::List(vec![Value::Number(40_000), Value::Number(443)]);
    event(&[
        ("fd.ip", ends()),
        ("fd.net", ends()),
        ("fd.port", ports()),
        ("fd.proto", ports()),
        ("fd.sip.name", Value::List(vec![Value::from("a.example"), Value::from("b.example")])),
        ("proc.aname", Value::List(vec![Value::from("bash"), Value::from("sshd")])),
    ])
}

fn holds(condition: &str, event: &MapEvent) -> bool {
    let text =
        format!("- rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: >\n    {condition}\n");
    let (rules, _) = RuleSet::load(&[("f", text)]).unwrap_or_else(|error| panic!("{condition}: {error}"));
    !rules.evaluate(EventType::OPEN, event, &mut Scratch::default()).matches.is_empty()
}

#[test]
fn trap_07_a_connection_differs_only_if_both_ends_do() {
    for (condition, wanted) in [
        ("fd.ip = 10.0.0.1", true),
        ("fd.ip = 192.0.2.7", true),
        ("fd.ip = 10.0.0.9", false),
        ("fd.ip != 10.0.0.1", false),
        ("fd.ip != 192.0.2.7", false),
        ("fd.ip != 10.0.0.9", true),
        ("fd.ip in (10.0.0.9, 192.0.2.7)", true),
        ("not fd.ip in (10.0.0.9)", true),
        ("fd.net = 10.0.0.0/8", true),
        ("fd.net != 10.0.0.0/8", false),
        ("fd.net != 172.16.0.0/12", true),
        ("fd.net in (172.16.0.0/12, 192.0.2.0/24)", true),
        ("fd.port = 443", true),
        ("fd.port != 443", false),
        ("fd.port != 80", true),
        ("fd.port < 1024", true),
        ("fd.port > 50000", false),
        ("fd.proto = https", true),
        ("fd.proto != https", false),
        ("fd.proto != http", true),
        ("fd.sip.name = b.example", true),
        ("fd.sip.name != b.example", false),
        ("fd.sip.name != c.example", true),
        ("fd.ip exists", true),
    ] {
        assert_eq!(holds(condition, &connection()), wanted, "{condition}");
    }
}

#[test]
fn one_end_stands_for_itself() {
    let listening = event(&[("fd.ip", ip("::1")), ("fd.port", Value::Number(22))]);
    assert!(holds("fd.ip = ::1 and fd.port != 23", &listening));
    assert!(!holds("fd.ip != ::1", &listening) && !holds("fd.port != ssh", &listening));
}

#[test]
fn no_end_satisfies_nothing() {
    for ends in [Value::Missing, Value::List(Vec::new())] {
        let event = event(&[("fd.ip", ends)]);
        assert!(!holds("fd.ip != 10.0.0.1", &event) && !holds("fd.ip exists", &event));
        assert!(holds("not fd.ip = 10.0.0.1", &event));
    }
}

#[test]
fn ancestors_differ_if_one_does() {
    assert!(holds("proc.aname != bash", &connection()) && holds("proc.aname = bash", &connection()));
}
