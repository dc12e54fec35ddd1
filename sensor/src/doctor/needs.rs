//! What a run switches on in the kernel, and for which rules.

use sensor_common::event::Kind;

use super::line;
use crate::{
    engine::{Use, use_of},
    rules::{EventType, EventTypes, RuleSet},
};

/// A line for each event type: the rules that can use it, or that it stays off.
pub(super) fn describe(rules: &RuleSet) -> String {
    let mut text = String::new();
    let identity = EventTypes::OBSERVED.and(asked_for().complement());
    for event in EventTypes::OBSERVED.iter() {
        let reason = if identity.contains(event) { ALWAYS.to_owned() } else { reason(rules, event) };
        line(&mut text, &format!("event {}", event.name()), &reason);
    }
    text
}

const ALWAYS: &str = "on: processes and containers are known by it";

/// Types that are only reported where a rule can use them.
fn asked_for() -> EventTypes {
    let hooks = Kind::ALL.iter().flat_map(|kind| kind.hooks().iter().map(|hook| use_of(*kind, hook)));
    hooks.fold(EventTypes::NONE, |all, needed| match needed {
        Use::Types(types) => all.or(types),
        Use::Identity => all,
    })
}

fn reason(rules: &RuleSet, event: EventType) -> String {
    let mut using = rules.rules().iter().filter(|rule| rule.enabled && rule.event_types().contains(event));
    match (using.next(), using.count()) {
        (None, _) => "off: no loaded rule can use it".to_owned(),
        (Some(rule), 0) => format!("on: for `{}`", rule.name),
        (Some(rule), others) => format!("on: for `{}` and {others} more", rule.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Choice, Selection, Selector, policies};

    #[test]
    fn each_event_type_says_why_it_is_on() {
        let (rules, _) = policies::load().unwrap();
        let text = describe(&rules);
        let state = |event: &str| {
            let label = format!("event {event} ");
            let line = text.lines().find(|line| line.starts_with(&label)).unwrap();
            line.strip_prefix(&label).unwrap().trim_start().to_owned()
        };
        assert_eq!(state("procexit"), ALWAYS);
        assert!(state("openat").starts_with("on: for `"), "{}", state("openat"));
        let choices = vec![Choice::Disable(Selector::Name("*".to_owned()))];
        let selection = Selection { choices, least: None };
        let (none, _) = rules.select(&selection);
        assert!(describe(&none).contains("off: no loaded rule can use it"));
    }
}
