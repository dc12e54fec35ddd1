//! Attacks for real: every action of the table is done on this host or in a container, and both the rules that Falco
//! ships and the default policies say so, with the process and the container. Root and the programs are needed: `cargo
//! xtask test --only actions` sees to that.

mod action;
mod alert;
#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "the tests about containers need more")]
mod common;
mod groups;
mod image;
mod network;
mod page;
mod perl;
mod privileged;
mod stage;
mod verdict;
mod watch;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use action::Action;
use stage::{Doer, Stage};
use watch::Watch;

/// Where the rules that Falco ships are, if they are on this host.
const UPSTREAM: &str = "VIGIE_UPSTREAM_RULES";
/// A part of the names of the actions to do; all are done without it.
const ONLY: &str = "VIGIE_ACTIONS";

#[test]
fn every_action_raises_the_rules_that_the_table_names() -> Result<()> {
    let actions = chosen();
    ensure!(!actions.is_empty(), "no action has this in its name");
    let upstream = std::env::var_os(UPSTREAM).map(PathBuf::from);
    let stage = Stage::build()?;
    let mut report = std::io::stderr();
    let ours = Watch::start(&stage, "ours", &[])?;
    let theirs = if let Some(rules) = &upstream {
        Some(Watch::start(&stage, "theirs", &watch::upstream_options(rules, &actions)?)?)
    } else {
        writeln!(report, "upstream rules are not judged: {UPSTREAM} names no directory that holds them")?;
        None
    };
    let done: Vec<Result<Doer>> = actions.iter().map(|action| (action.perform)(&stage)).collect();
    let ours = ours.finish()?;
    let theirs = theirs.map(Watch::finish).transpose()?;
    let failures = verdict::failures(&actions, &done, &ours, theirs.as_deref());
    writeln!(report, "{} actions, {} failures", actions.len(), failures.len())?;
    ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

fn chosen() -> Vec<&'static Action> {
    let only = std::env::var(ONLY).unwrap_or_default();
    groups::all().filter(|action| action.name.contains(&only)).collect()
}
