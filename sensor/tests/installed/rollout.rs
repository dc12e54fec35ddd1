//! What the page says a new user should do, done as it is written there.

use anyhow::{Context, Result, ensure};

use super::host::{IMAGE, Uninstalled, fails, image, run};
use super::picture::Picture;

const PAGE: &str = include_str!("../../../docs/guard.md");

/// The blocks of commands of a section, in order, each as a script that ends with the first command that fails.
fn blocks(section: &str) -> Result<Vec<String>> {
    let (_, text) = PAGE.split_once(&format!("## {section}\n")).context("there is no such section")?;
    let text = text.split("\n## ").next().unwrap_or(text);
    let blocks = text.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or(rest));
    Ok(blocks.map(|block| format!("set -e\n{block}")).collect())
}

#[test]
fn the_way_from_audit_to_enforce_is_as_the_page_says() -> Result<()> {
    image();
    let before = Picture::take()?;
    let _cleanup = Uninstalled;
    let blocks = blocks("From audit to enforce")?;
    let [install, learn, rules, enforce, back] = &blocks[..] else {
        anyhow::bail!("the page has other steps now: {blocks:#?}")
    };
    let ordinary = format!("docker run --rm --network none {IMAGE} /bin/busybox echo ordinary");
    // What this host does day by day, and what it does not.
    let usual = format!("docker run --rm --network none --pid host {IMAGE} /bin/busybox echo usual");
    let hostile = format!("docker run --rm --network none --privileged {IMAGE} /bin/busybox echo hostile");

    run(install)?;
    for work in [&ordinary, &usual] {
        run(work)?;
    }
    let told = run("journalctl --no-pager -u vigie-guard")?;
    ensure!(told.contains("Docker request for access to the host"), "the journal does not tell: {told}");

    run(learn)?;
    run(rules)?;
    run(&usual)?;
    run(&hostile)?;

    run(enforce)?;
    ensure!(run(&ordinary)? == "ordinary\n" && run(&usual)? == "usual\n", "what was learnt is not allowed");
    let denied = fails(&hostile)?;
    ensure!(denied.contains("vigie: denied by rule \"Docker request for access to the host\""), "{denied}");
    let log = run("cat /var/log/vigie-guard.json")?;
    let last = log.lines().rfind(|line| line.contains("\"verdict\":\"deny\"")).context("no verdict")?;
    let last: serde_json::Value = serde_json::from_str(last)?;
    ensure!(last["mode"] == "enforce" && last["operation"] == "container.create", "{last}");
    ensure!(last["caller"]["name"] == "docker" && last["caller"]["container"] == "host", "{last}");

    run(back)?;
    run(&hostile)?;
    run("rm -r /etc/vigie /var/log/vigie-guard.json")?;
    before.is_now()
}
