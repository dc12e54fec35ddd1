//! The page of the documentation that lists the actions.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use sensor::observation::types_of;
use sensor::rules::{EventTypes, Rule, RuleSet, policies};
use sensor_common::event::{Kind, hook::Tier};

use crate::action::Action;
use crate::groups;

/// Where the page is, from the crate on.
const PAGE: &str = "../docs/attack-actions.md";

fn page() -> Result<String> {
    let (rules, _) = policies::load()?;
    let mut page = String::from(include_str!("page.md"));
    for (title, actions) in groups::GROUPS {
        writeln!(page, "\n## {title}\n\n| Action | Done | Where | Tier | Falco's rule | Default policies |")?;
        writeln!(page, "| --- | --- | --- | --- | --- | --- |")?;
        for action in *actions {
            let ours: Vec<String> = action.ours.iter().map(|rule| link(rule)).collect();
            let (name, does, place, upstream) =
                (action.name, action.does, action.place.name(), action.upstream);
            let tiers = tiers(action, &rules)?;
            writeln!(page, "| {name} | {does} | {place} | {tiers} | {upstream} | {} |", ours.join(", "))?;
        }
    }
    Ok(page)
}

/// The tiers in which there are hooks for each of the default policies' rules.
fn tiers(action: &Action, rules: &RuleSet) -> Result<String> {
    let find = |name: &&str| rules.rules().iter().find(|rule| rule.name == **name).map(Rule::event_types);
    let types = action.ours.iter().map(find).collect::<Option<Vec<_>>>().context("no such rule")?;
    let serve = |tier: &Tier| types.iter().all(|types| !types.and(seen_in(*tier)).is_empty());
    let names: Vec<_> =
        [Tier::Lsm, Tier::Tracepoint].iter().filter(|tier| serve(tier)).map(|tier| tier.name()).collect();
    Ok(names.join(", "))
}

/// Types of the events that have hooks in a tier.
fn seen_in(tier: Tier) -> EventTypes {
    let kinds = Kind::ALL.iter().filter(|kind| kind.hooks().iter().any(|hook| hook.tier.serves(tier)));
    kinds.fold(EventTypes::NONE, |all, kind| all.or(types_of(*kind)))
}

/// A link to the rule's heading on the page of the policies.
fn link(rule: &str) -> String {
    let kept = rule.chars().filter(|c| c.is_ascii_alphanumeric() || [' ', '-'].contains(c));
    let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect();
    format!("[{rule}](policies.md#{anchor})")
}

#[test]
fn the_page_lists_the_actions_as_they_are() -> Result<()> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("VIGIE_BLESS").is_some() {
        std::fs::write(&place, page()?)?;
    }
    let found = std::fs::read_to_string(&place)?;
    ensure!(found == page()?, "{PAGE} is old: run this test with VIGIE_BLESS=1");
    Ok(())
}
