//! The page of the documentation that lists the actions.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::groups;

/// Where the page is, from the crate on.
const PAGE: &str = "../docs/attack-actions.md";

fn page() -> Result<String> {
    let mut page = String::from(include_str!("page.md"));
    for (title, actions) in groups::GROUPS {
        writeln!(page, "\n## {title}\n\n| Action | Done | Where | Falco's rule | Default policies |")?;
        writeln!(page, "| --- | --- | --- | --- | --- |")?;
        for action in *actions {
            let ours: Vec<String> = action.ours.iter().map(|rule| link(rule)).collect();
            let (name, does, place, upstream) =
                (action.name, action.does, action.place.name(), action.upstream);
            writeln!(page, "| {name} | {does} | {place} | {upstream} | {} |", ours.join(", "))?;
        }
    }
    Ok(page)
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
