//! Whose containers are, as the guard writes it into them.

use anyhow::{Result, ensure};

use super::common::image::IMAGE;
use super::engine::docker;
use super::hostile::{LOGIN, in_a_login_session};
use super::policy::Guarded;

/// Containers are their makers' own.
const RULE: &str = "\
- rule: Docker container of somebody else
  source: docker
  action: deny
  desc: A container is managed by who had it made.
  condition: docker.target.full_id exists and not docker.target.is_own = true
  output: Docker container of somebody else (owner=%docker.target.owner user=%user.name login=%user.loginname)
  priority: Warning
";

/// What the command said, and whether it failed.
fn said(guarded: &Guarded, arguments: &[&str]) -> Result<(bool, String)> {
    let output = docker(&guarded.socket(), arguments).output()?;
    let text = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

#[test]
fn a_container_is_its_makers_whatever_the_maker_says() -> Result<()> {
    let guarded = Guarded::start_as(&["--owners"], RULE, |_, engine| Ok(engine))?;
    let forged =
        ["create", "--name", "theirs", "--label", "vigie.owner=root", "--label", "a=b", IMAGE, "true"];
    let (made, _) = in_a_login_session(|| said(&guarded, &forged))?;
    ensure!(made.0, "{}", made.1);
    let labels = guarded.engine.docker(&["inspect", "--format", "{{json .Config.Labels}}", "theirs"])?;
    let labels: serde_json::Value = serde_json::from_str(&labels)?;
    ensure!(labels["vigie.owner"] == LOGIN.1 && labels["a"] == "b", "{labels}");

    for strange in [
        &["rm", "theirs"][..],
        &["commit", "theirs", "copy"],
        &["network", "connect", "none", "theirs"],
        &["network", "disconnect", "--force", "none", "theirs"],
    ] {
        let (done, text) = said(&guarded, strange)?;
        ensure!(!done && text.contains("Docker container of somebody else"), "{strange:?}: {text}");
    }
    for own in [&["commit", "theirs", "copy"][..], &["rm", "theirs"]] {
        let ((done, text), _) = in_a_login_session(|| said(&guarded, own))?;
        ensure!(done, "{own:?}: {text}");
    }

    // Past the guard anybody can write anything: without the guard's own word there is no owner.
    guarded.engine.docker(&["create", "--name", "nobodys", "--label", "vigie.owner=", IMAGE, "true"])?;
    let (done, text) = said(&guarded, &["rm", "nobodys"])?;
    ensure!(!done, "{text}");
    let (alerts, _) = guarded.finish()?;
    let about =
        |owner: &str| alerts.iter().any(|alert| alert["output_fields"]["docker.target.owner"] == owner);
    ensure!(about(LOGIN.1), "{alerts:?}");
    Ok(())
}
