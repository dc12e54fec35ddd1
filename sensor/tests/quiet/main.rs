//! A day on a Debian host in short: packages are installed, a container engine and containers run, a crate is built,
//! cron and ssh do their work. The default policies raise nothing above NOTICE. Root and the programs are needed:
//! `cargo xtask test --only quiet` sees to that.

mod activities;
#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "the tests about containers need more")]
mod common;
mod sshd;
mod watch;

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Result, ensure};

use activities::Job;
use watch::Watch;

/// Priorities that somebody is woken for.
const LOUD: [&str; 5] = ["Emergency", "Alert", "Critical", "Error", "Warning"];

#[test]
fn ordinary_work_raises_nothing_above_notice() -> Result<()> {
    let home = tempfile::tempdir()?;
    let docker_socket = home.path().join("docker.sock");
    let job = Job::write(home.path())?;
    let watch = Watch::start(home.path(), &docker_socket)?;
    activities::all(home.path(), &docker_socket, &job)?;
    let alerts = watch.finish()?;
    let mut counts = BTreeMap::new();
    let mut loud = Vec::new();
    for alert in &alerts {
        let [rule, priority] = ["rule", "priority"].map(|key| alert[key].as_str().unwrap_or_default());
        *counts.entry((priority, rule)).or_insert(0) += 1;
        if LOUD.contains(&priority) {
            loud.push(alert.to_string());
        }
    }
    let mut report = std::io::stderr();
    writeln!(report, "{} alerts", alerts.len())?;
    for ((priority, rule), count) in &counts {
        writeln!(report, "{count:6} {priority:13} {rule}")?;
    }
    ensure!(loud.is_empty(), "{} alerts above NOTICE:\n{}", loud.len(), loud.join("\n"));
    Ok(())
}
