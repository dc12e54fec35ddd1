//! The login trail: one alert about a read in a container says who logged in from where, and how he came there.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{
    common::{
        engine::Engine,
        image::IMAGE,
        vigie::{Vigie, field},
    },
    login::Login,
};

/// What only this test reads.
const MARK: &str = "/etc/vigie-trail";
/// A policy with everything that is asked for.
const POLICY: &str = r"
- rule: Trail
  desc: the file of the test is read
  condition: evt.type in (open, openat, openat2) and fd.name = /etc/vigie-trail and proc.name = cat
  output: >
    %vigie.trail (%vigie.entry.type %vigie.entry.pid %vigie.entry.name %user.name %container.name)
  priority: INFO
";

/// The alert about this read of the marked file.
fn alert(vigie: &Vigie, command: &str) -> Result<Value> {
    loop {
        let alert = vigie.next()?;
        let trail = field(&alert, "vigie.trail").as_str().unwrap_or_default();
        if alert.get("rule").is_some_and(|rule| rule == "Trail") && trail.ends_with(command) {
            return Ok(alert);
        }
    }
}

fn policy(directory: &Path) -> Result<PathBuf> {
    let path = directory.join("trail.yaml");
    fs::write(&path, POLICY)?;
    Ok(path)
}

/// The container `web`, once the file is there.
fn start_web(engine: &Engine) -> Result<()> {
    let command = format!("echo x >{MARK}; echo ready; sleep 1000");
    engine.run_detached(&["--name", "web", IMAGE, "sh", "-c", &command])?;
    let mut logs = engine.command(&["logs", "--follow", "web"]).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(logs.stdout.take().context("no output")?).read_line(&mut line)?;
    logs.kill()?;
    logs.wait()?;
    ensure!(line == "ready\n", "{line}");
    Ok(())
}

#[test]
fn ssh_sudo_docker_exec_and_the_command_are_one_line() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let login = Login::start()?;
    let rules = policy(login.directory())?;
    let vigie = Vigie::start(&[
        "--docker-socket".as_ref(),
        engine.socket().as_os_str(),
        "--rules".as_ref(),
        rules.as_os_str(),
    ])?;
    start_web(&engine)?;
    let session = login.sudo(&engine.command(&["exec", "web", "cat", MARK]))?;
    let alert = alert(&vigie, " -> cat /etc/vigie-trail")?;
    let audit = session.id.map(|id| format!(" session {id}")).unwrap_or_default();
    let who = format!("{}({}){audit}", login.user(), login.uid()?);
    let trail = format!("ssh {} {who} -> sudo root -> docker exec web -> cat {MARK}", session.peer);
    assert_eq!(field(&alert, "vigie.trail"), &trail, "{alert}");
    assert_eq!(field(&alert, "vigie.entry.type"), "container_exec", "{alert}");
    assert_eq!(field(&alert, "vigie.entry.name"), "cat", "{alert}");
    assert_eq!(field(&alert, "user.name"), "root", "{alert}");
    assert_eq!(field(&alert, "container.name"), "web", "{alert}");
    Ok(())
}
