//! Which of the loaded rules are used: choices by name and tag, in order, and how urgent a rule must be.

use super::priority::Priority;
use super::rule_set::Rule;

/// Which rules to use, applied after loading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Made in this order, so that a later one has the last word.
    pub choices: Vec<Choice>,
    /// The least urgent priority that is used; a less urgent rule cannot be switched on by a choice.
    pub least: Option<Priority>,
}

/// Rules are switched on or off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// On.
    Enable(Selector),
    /// Off.
    Disable(Selector),
}

/// Which rules a choice concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// Those whose whole name matches; `*` stands for any text.
    Name(String),
    /// Those that have this tag.
    Tag(String),
}

impl Selection {
    /// Switches rules on and off, and gives the choices that concern no rule.
    pub fn apply(&self, rules: &mut [Rule]) -> Vec<&Choice> {
        let idle = self.choices.iter().filter(|choice| !choice.apply(rules)).collect();
        for rule in rules.iter_mut().filter(|rule| self.least.is_some_and(|least| rule.priority > least)) {
            rule.enabled = false;
        }
        idle
    }
}

impl Choice {
    /// Switches rules on or off, and says whether there were any.
    fn apply(&self, rules: &mut [Rule]) -> bool {
        let (selector, enabled) = match self {
            Self::Enable(selector) => (selector, true),
            Self::Disable(selector) => (selector, false),
        };
        let mut any = false;
        for rule in rules.iter_mut().filter(|rule| selector.selects(&rule.name, &rule.tags)) {
            rule.enabled = enabled;
            any = true;
        }
        any
    }
}

impl Selector {
    fn selects(&self, name: &str, tags: &[String]) -> bool {
        match self {
            Self::Name(pattern) => matches(pattern, name),
            Self::Tag(tag) => tags.contains(tag),
        }
    }
}

/// Whether a name matches a pattern in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    // The earliest place of each part leaves the most for those behind it.
    for part in middle.split('*') {
        match name.find(part) {
            Some(at) => name = name.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleSet;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name) in [
            ("*", ""),
            ("*", "a b"),
            ("a*", "a"),
            ("*b", "ab"),
            ("a*c", "abc"),
            ("*a*b*", "xaxbx"),
            ("**", "x"),
            ("a*a", "aa"),
            ("ü*", "üx"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("a", "ab"), ("a*", "ba"), ("a*a", "a"), ("*ab*b", "ab"), ("A*", "a"), ("?", "a")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    fn enabled(selection: &Selection) -> (String, usize) {
        let rule = |name: &str, rest: &str| {
            format!(
                "- rule: {name}\n  desc: d\n  condition: evt.type = open and proc.name = {name}\n  output: o\n  {rest}\n"
            )
        };
        let text = [
            rule("one", "priority: info\n  tags: [x]"),
            rule("two", "priority: error\n  tags: [x, y]"),
            rule("off", "priority: alert\n  enabled: false"),
        ];
        let (rules, _) = RuleSet::load(&[("f", text.concat())]).unwrap();
        let (rules, idle) = rules.select(selection);
        let names: Vec<_> =
            rules.rules().iter().filter(|rule| rule.enabled).map(|rule| &*rule.name).collect();
        (names.join(" "), idle.len())
    }

    #[test]
    fn the_last_choice_counts() {
        let name = |pattern: &str| Selector::Name(pattern.to_owned());
        let tag = |tag: &str| Selector::Tag(tag.to_owned());
        let all = |choices: Vec<Choice>| enabled(&Selection { choices, least: None });
        assert_eq!(all(Vec::new()), ("one two".to_owned(), 0));
        assert_eq!(all(vec![Choice::Disable(name("t*"))]), ("one".to_owned(), 0));
        assert_eq!(all(vec![Choice::Enable(name("off"))]), ("one two off".to_owned(), 0));
        assert_eq!(all(vec![Choice::Disable(name("*")), Choice::Enable(tag("y"))]), ("two".to_owned(), 0));
        assert_eq!(all(vec![Choice::Enable(tag("y")), Choice::Disable(tag("x"))]), (String::new(), 0));
        assert_eq!(
            all(vec![Choice::Disable(name("three")), Choice::Disable(tag("X"))]),
            ("one two".to_owned(), 2)
        );
    }

    #[test]
    fn less_urgent_rules_are_not_used_whatever_is_chosen() {
        let choices = vec![Choice::Enable(Selector::Name("*".to_owned()))];
        let selection = Selection { choices, least: Some(Priority::Error) };
        assert_eq!(enabled(&selection), ("two off".to_owned(), 0));
    }

    #[test]
    fn the_index_follows_the_selection() {
        let text = "- rule: r\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: info\n  enabled: false\n";
        let (rules, _) = RuleSet::load(&[("f", text)]).unwrap();
        assert!(rules.event_types().iter().next().is_none());
        let selection =
            Selection { choices: vec![Choice::Enable(Selector::Name("r".to_owned()))], least: None };
        assert_eq!(rules.select(&selection).0.event_types().iter().count(), 1);
    }
}
