//! `BuildKit` with a real client: denied, and as without the guard once rules allow it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Result, ensure};

use super::policy::Guarded;

/// Rules that allow `BuildKit`.
const ALLOWING: &str = "- list: docker_opaque_operations\n  items: []\n  override: {items: replace}\n";
/// The client of Debian's engine, which has `BuildKit`'s built in; newer ones need a plugin.
const DOCKER: &str = "/usr/bin/docker";

/// Builds an image of one file, and nothing else.
fn build(socket: &Path, tag: &str) -> Result<Output> {
    let directory = tempfile::tempdir()?;
    fs::write(directory.path().join("Dockerfile"), "FROM scratch\nCOPY file /file\nLABEL made=here\n")?;
    fs::write(directory.path().join("file"), "content")?;
    let mut command = Command::new(DOCKER);
    command.env("DOCKER_BUILDKIT", "1").env("DOCKER_CONFIG", directory.path()).env_remove("DOCKER_CONTEXT");
    command.arg("--host").arg(format!("unix://{}", socket.display()));
    command.args(["build", "--no-cache", "--progress", "plain", "--tag", tag]).arg(directory.path());
    Ok(command.output()?)
}

#[test]
fn buildkit_is_denied_and_the_alert_says_how_to_allow_it() -> Result<()> {
    let guarded = Guarded::start()?;
    let denied = build(&guarded.socket(), "denied")?;
    let said = String::from_utf8_lossy(&denied.stderr);
    // The client keeps the answer's text to itself.
    ensure!(!denied.status.success() && said.contains("unable to upgrade to h2c, received 403"), "{said}");
    ensure!(guarded.asked("/session")? == 0, "a session reached the engine");
    let (alerts, verdicts) = guarded.finish()?;
    ensure!(alerts.iter().any(|alert| alert["rule"] == "Docker BuildKit session"), "{alerts:?}");
    let reason = |verdict: &serde_json::Value| verdict["reason"].as_str().unwrap_or_default().to_owned();
    let told = verdicts.iter().any(|verdict| reason(verdict).contains("docker_opaque_operations"));
    ensure!(told, "{verdicts:?}");
    Ok(())
}

#[test]
fn buildkit_builds_once_rules_allow_it() -> Result<()> {
    let guarded = Guarded::start_with(ALLOWING, |_, engine| Ok(engine))?;
    for (socket, tag) in [(guarded.engine.socket(), "direct"), (guarded.socket(), "guarded")] {
        let built = build(&socket, tag)?;
        ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    }
    let layers =
        |tag| guarded.engine.docker(&["inspect", "--format", "{{.RootFS.Layers}} {{.Config.Labels}}", tag]);
    let (direct, through) = (layers("direct")?, layers("guarded")?);
    ensure!(direct.contains("made:here") && through.contains("made:here"), "{direct} and {through}");
    let (alerts, verdicts) = guarded.finish()?;
    ensure!(alerts.is_empty(), "{alerts:?}");
    for operation in ["session", "build"] {
        let allowed =
            |verdict: &serde_json::Value| verdict["operation"] == operation && verdict["verdict"] == "allow";
        ensure!(verdicts.iter().any(allowed), "no {operation}: {verdicts:?}");
    }
    Ok(())
}
