//! The rules that events are judged by: read, chosen, and their outputs lengthened.

use std::{path::PathBuf, slice};

use super::rules;
use crate::{
    cli::Judging,
    observation::feeders,
    rules::{Choice, LoadError, RuleSet, Selector, field::did_you_mean, field::nearest, yaml::excerpt},
    sink::{Severity, status},
};

/// The rules as the command line wants them. What is merely doubtful about them is told.
pub(super) fn load(options: &Judging) -> Result<RuleSet, LoadError> {
    let (rules, mut warnings) = rules::load(&options.rules)?;
    let (rules, idle) = prepare(rules, options);
    // What a rule that is not used lacks is of no interest.
    warnings.extend(rules.unfed(feeders));
    for warning in warnings {
        status(Severity::Warning, &warning.to_string());
    }
    warn(&idle, &[&rules]);
    Ok(rules)
}

/// Two sets of rules, each as the command line wants it.
pub(super) fn load_two(paths: [&PathBuf; 2], options: &Judging) -> Result<(RuleSet, RuleSet), LoadError> {
    let [old, new] = paths.map(slice::from_ref);
    let (old, idle) = prepare(rules::load(old)?.0, options);
    let (new, idle_in_new) = prepare(rules::load(new)?.0, options);
    // A rule that only one of them has is what the comparison is about.
    let idle: Vec<_> = idle.into_iter().filter(|choice| idle_in_new.contains(choice)).collect();
    warn(&idle, &[&old, &new]);
    Ok((old, new))
}

/// The rules as chosen, and the choices that concern none.
fn prepare(rules: RuleSet, options: &Judging) -> (RuleSet, Vec<Choice>) {
    let selection = options.selection();
    let (rules, idle) = rules.select(&selection);
    let idle = idle.into_iter().cloned().collect();
    let rules = rules.with_matching(options.rule_matching.into());
    (options.append_output.iter().fold(rules, RuleSet::append_output), idle)
}

fn warn(idle: &[Choice], rules: &[&RuleSet]) {
    for choice in idle {
        status(Severity::Warning, &without_effect(choice, rules));
    }
    if rules.iter().all(|rules| rules.rules().iter().all(|rule| !rule.enabled)) {
        status(Severity::Warning, "no rule is used: none is there, or all are disabled");
    }
}

/// That a choice concerns no rule, with the name that may have been meant.
fn without_effect(choice: &Choice, rules: &[&RuleSet]) -> String {
    let (verb, selector) = match choice {
        Choice::Enable(selector) => ("enable", selector),
        Choice::Disable(selector) => ("disable", selector),
    };
    let all = || rules.iter().flat_map(|rules| rules.rules());
    let (flag, what, text, meant) = match selector {
        Selector::Name(text) => ("rule", "is called so", text, nearest(text, all().map(|rule| &*rule.name))),
        Selector::Tag(text) => {
            let tags = all().flat_map(|rule| rule.tags.iter().map(String::as_str));
            ("tag", "has this tag", text, nearest(text, tags))
        }
    };
    format!("--{verb}-{flag} `{}`: no rule {what}{}", excerpt(text), did_you_mean(meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> RuleSet {
        let text = "- rule: Shadow read\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: info\n  \
                    tags: [host]\n";
        RuleSet::load(&[("f", text)]).unwrap().0
    }

    #[test]
    fn a_choice_without_effect_is_told_with_what_may_have_been_meant() {
        let name = |text: &str| Selector::Name(text.to_owned());
        let tag = |text: &str| Selector::Tag(text.to_owned());
        for (choice, wanted) in [
            (
                Choice::Disable(name("Shadow raed")),
                "--disable-rule `Shadow raed`: no rule is called so; did you mean `Shadow read`?",
            ),
            (Choice::Enable(name("Zebra*")), "--enable-rule `Zebra*`: no rule is called so"),
            (Choice::Enable(tag("hots")), "--enable-tag `hots`: no rule has this tag; did you mean `host`?"),
        ] {
            assert_eq!(without_effect(&choice, &[&rules()]), wanted);
        }
    }
}
