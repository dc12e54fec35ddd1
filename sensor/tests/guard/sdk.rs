//! Docker's Python SDK through the guard says what it says to the engine itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::common::command::run;
use super::common::image::IMAGE;
use super::policy::Guarded;

/// The session, and the packages that it needs with their digests.
const SESSION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guard/sdk/session.py");
const PACKAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guard/sdk/requirements.txt");
/// Least steps of a session.
const STEPS: usize = 70;

/// A Python that has the SDK.
fn python() -> Result<PathBuf> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guard-sdk");
    let python = place.join("bin/python");
    run(Command::new("/usr/bin/python3").args(["-m", "venv"]).arg(&place))?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--require-hashes"]);
    run(install.arg("--requirement").arg(PACKAGES))?;
    Ok(python)
}

/// What a session said, a step a line.
fn session(python: &Path, socket: &Path, mark: &str) -> Result<Vec<String>> {
    let mut command = Command::new(python);
    let Output { status, stdout, stderr } = command.arg(SESSION).arg(socket).args([IMAGE, mark]).output()?;
    ensure!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    Ok(String::from_utf8(stdout)?.lines().map(str::to_owned).collect())
}

#[test]
fn the_python_sdk_is_as_without_the_guard() -> Result<()> {
    let (python, guarded) = (python()?, Guarded::start()?);
    let direct = session(&python, &guarded.engine.socket(), "directly")?;
    let through = session(&python, &guarded.socket(), "through")?;
    for (direct, through) in direct.iter().zip(&through) {
        ensure!(direct == through, "without the guard {direct}\nwith it {through}");
    }
    ensure!(direct.len() == through.len() && direct.len() >= STEPS, "{} steps", direct.len());
    let said = |step: &str, came: &str| through.iter().any(|line| line == &format!("[\"{step}\", {came}]"));
    for (step, came) in [
        ("run", r#""hello\n""#),
        ("run that fails", r#"{"exit": 7, "stderr": "no\n"}"#),
        ("exec with both outputs", r#"[0, ["out\n", "err\n"]]"#),
        ("exec with a terminal", r#"[0, "a terminal\r\n"]"#),
        ("get", r#"{"file": "content"}"#),
        ("build", r#"["built:1"]"#),
    ] {
        ensure!(said(step, came), "{step}: {through:#?}");
    }
    let (alerts, verdicts) = guarded.finish()?;
    ensure!(alerts.is_empty(), "{alerts:?}");
    ensure!(verdicts.len() > STEPS, "{} verdicts", verdicts.len());
    ensure!(verdicts.iter().all(|verdict| verdict["verdict"] == "allow"), "something was denied");
    Ok(())
}

#[test]
fn what_is_denied_is_an_error_of_the_python_sdk() -> Result<()> {
    let (python, guarded) = (python()?, Guarded::start()?);
    let ask = "import docker, sys; docker.DockerClient('unix://' + sys.argv[1]).containers.run(sys.argv[2], 'true', privileged=True)";
    let output = Command::new(&python).args(["-c", ask]).arg(guarded.socket()).arg(IMAGE).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().context("it said nothing")?;
    ensure!(last.starts_with("docker.errors.APIError: 403 Client Error"), "{said}");
    ensure!(last.contains("vigie: denied by rule \"Docker request for access to the host\""), "{said}");
    let (alerts, _) = guarded.finish()?;
    let fields: Vec<&Value> = alerts.iter().map(|alert| &alert["output_fields"]["proc.name"]).collect();
    ensure!(
        fields.len() == 1 && fields[0].as_str().is_some_and(|name| name.starts_with("python")),
        "{fields:?}"
    );
    Ok(())
}
