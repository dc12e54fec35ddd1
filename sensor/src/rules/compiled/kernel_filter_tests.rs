//! What rules demand of events, and that no event a rule matches fails its demand.

use super::*;
use crate::rules::RuleSet;

fn demand(condition: &str) -> Demand {
    let text = format!(
        "- macro: writes\n  condition: (evt.is_open_write = true and fd.num >= 0)\n\
         - rule: r\n  desc: d\n  condition: {condition}\n  output: o\n  priority: info\n"
    );
    let (rules, _) = RuleSet::load(&[("f", text)]).unwrap_or_else(|error| panic!("{condition}: {error}"));
    Demand::of(rules.rules()[0].condition(), rules.leaves())
}

fn is(text: &str) -> TextDemand {
    TextDemand::Is(text.as_bytes().into())
}

#[test]
fn what_all_terms_ask_for_is_demanded() {
    let demand = demand("evt.type = open and writes and fd.name in (/b, /a) and container.id != host");
    assert_eq!(demand.path, Texts::OneOf(vec![is("/a"), is("/b")]));
    assert_eq!(demand.access, Access::WRITE.or(Access::READ_WRITE));
    assert_eq!((demand.outcome, demand.scope), (Outcome::SUCCEEDED, Scope::CONTAINER));
    assert_eq!((demand.program, demand.name), (Texts::Any, Texts::Any));
}

#[test]
fn alternatives_are_demanded_only_if_each_has_one() {
    let both = demand("fd.name startswith /etc or fd.name endswith .pem or fd.name contains x");
    let starts = TextDemand::StartsWith(b"/etc"[..].into());
    let ends = TextDemand::EndsWith(b".pem"[..].into());
    let holds = TextDemand::Contains(b"x"[..].into());
    assert_eq!(both.path, Texts::OneOf(vec![starts, ends, holds]));
    assert_eq!(demand("fd.name = /a or proc.name = b"), Demand::NOTHING);
    assert_eq!(demand("fd.name = /a or evt.num = 0").path, Texts::OneOf(vec![is("/a")]));
    assert_eq!(demand("fd.name = /a or fd.name glob /b*").path, Texts::Any);
}

#[test]
fn opposites_demand_only_what_is_sure() {
    assert_eq!(demand("not container.id = host").scope, Scope::CONTAINER);
    assert_eq!(demand("not container.id != host").scope, Scope::ANY);
    assert_eq!(demand("not fd.name = /a"), Demand::NOTHING);
    assert_eq!(demand("evt.is_open_read = false").access, Access::NEITHER.or(Access::WRITE));
    // It holds for an event that is no open at all.
    assert_eq!(demand("not evt.is_open_read = false").access, Access::ANY);
    assert_eq!(demand("not (not fd.name = /a or evt.failed = true)").path, Texts::OneOf(vec![is("/a")]));
    assert_eq!(demand("evt.num = 0"), Demand::IMPOSSIBLE);
}

#[test]
fn a_demand_reads_as_a_sentence() {
    for (condition, words) in [
        ("proc.pid = 1", "anything"),
        ("evt.num = 0", "nothing: no event can match"),
        (
            "writes and (fd.name in (/b, /a) or fd.name startswith /etc) and container.id != host",
            "fd.name is /a or is /b or begins with /etc; opened to write or to read and write; succeeded; in a \
             container",
        ),
        (
            "evt.failed = true and proc.exepath endswith /sh and proc.name contains x and container.id = host",
            "proc.exepath ends with /sh; proc.name holds x; failed; on the host",
        ),
        (
            "fd.name in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)",
            "fd.name is 1 or is 10 or is 2 or is 3 or is 4 or is 5 or is 6 or is 7 or 2 more",
        ),
        ("proc.name = \"a\\x1bb\"", "proc.name is a\\u{1b}b"),
    ] {
        assert_eq!(demand(condition).to_string(), words, "{condition}");
    }
}

#[test]
fn a_demand_in_json_has_a_member_for_each_thing() {
    let json = |condition: &str| serde_json::to_value(demand(condition)).unwrap();
    assert_eq!(json("proc.pid = 1"), serde_json::json!({}));
    assert_eq!(
        json("writes and (fd.name = /a or fd.name endswith .pem) and container.id = host"),
        serde_json::json!({
            "fd.name": [{"is": "/a"}, {"ends_with": ".pem"}],
            "access": ["write", "read_write"],
            "outcome": ["succeeded"],
            "scope": ["host"],
        })
    );
}

#[test]
fn the_filter_of_a_set_is_what_any_enabled_rule_demands() {
    let rule = |name: &str, condition: &str, enabled: bool| {
        format!(
            "- rule: {name}\n  desc: d\n  condition: {condition}\n  output: o\n  priority: info\n  enabled: {enabled}\n"
        )
    };
    let text = [
        rule("a", "evt.type = open and fd.name = /a", true),
        rule("b", "evt.type in (open, execve) and fd.name = /b and container.id = host", true),
        rule("c", "evt.type = creat", false),
    ]
    .concat();
    let (rules, _) = RuleSet::load(&[("f", text)]).unwrap();
    let filter = rules.kernel_filter();
    let of = |name| filter.by_event.get(&EventType::from_name(name).unwrap());
    assert_eq!(of("open").unwrap().path, Texts::OneOf(vec![is("/a"), is("/b")]));
    assert_eq!((of("open").unwrap().scope, of("execve").unwrap().scope), (Scope::ANY, Scope::HOST));
    assert_eq!(of("creat"), None);
}
