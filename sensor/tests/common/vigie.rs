//! `vigie run` as users run it, and the alerts it raises.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// An argument of every read of a test's, by which it differs from what else reads the file on this host.
pub(crate) const MARK: &str = "/vigie-burst";
/// Longest silence before a test gives up; never reached while alerts come.
const SILENCE: Duration = Duration::from_mins(1);

/// `vigie run` and the alerts it writes.
pub(crate) struct Vigie {
    child: Child,
    alerts: Receiver<Value>,
    /// What it says after it has started.
    status: Receiver<String>,
}

impl Vigie {
    /// Starts it with its default policies, and waits until its hooks are attached.
    pub(crate) fn start(options: &[&OsStr]) -> Result<Self> {
        let binary = std::env::var("VIGIE_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_vigie").to_owned());
        let mut child = Command::new(binary)
            .args(["run", "--output", "json"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdout = BufReader::new(child.stdout.take().context("no stdout")?);
        let mut stderr = BufReader::new(child.stderr.take().context("no stderr")?).lines();
        let started = stderr.find(|line| line.as_ref().is_ok_and(|line| line.contains("rules loaded")));
        ensure!(started.is_some(), "vigie did not start");
        // What else it says must not fill the pipe, whether anybody wants to know it or not.
        let (told, status) = channel();
        std::thread::spawn(move || {
            for line in stderr.map_while(Result::ok) {
                told.send(line).unwrap_or_default();
            }
        });
        let (sender, alerts) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let alert = serde_json::from_str(&line).expect("every line is JSON");
                if sender.send(alert).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, alerts, status })
    }

    /// Waits until it says so.
    pub(crate) fn wait_for(&self, what: &str) -> Result<()> {
        while !self.status.recv_timeout(SILENCE).with_context(|| format!("no {what}"))?.contains(what) {}
        Ok(())
    }

    /// The next alert.
    pub(crate) fn next(&self) -> Result<Value> {
        self.alerts.recv_timeout(SILENCE).context("no more alerts")
    }

    /// The next alert of this rule that is no amendment.
    pub(crate) fn next_of(&self, rule: &str) -> Result<Value> {
        loop {
            let alert = self.next()?;
            if alert.get("rule").is_some_and(|name| name == rule) && field(&alert, "vigie.amended") != true {
                return Ok(alert);
            }
        }
    }

    /// The next alert about one of the test's reads of `/etc/shadow` that is no amendment.
    pub(crate) fn next_shadow(&self) -> Result<Value> {
        loop {
            let alert = self.next_marked()?;
            if field(&alert, "fd.name") == "/etc/shadow" {
                return Ok(alert);
            }
        }
    }

    /// The next alert about one of the test's own processes that is no amendment.
    pub(crate) fn next_marked(&self) -> Result<Value> {
        loop {
            let alert = self.next()?;
            let ours = field(&alert, "proc.cmdline").as_str().is_some_and(|line| line.contains(MARK));
            if ours && field(&alert, "vigie.amended") != true {
                return Ok(alert);
            }
        }
    }
}

/// A field of the alert's output; null where it has none.
pub(crate) fn field<'a>(alert: &'a Value, name: &str) -> &'a Value {
    alert.get("output_fields").and_then(|fields| fields.get(name)).unwrap_or(&Value::Null)
}

impl Drop for Vigie {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM).ok();
        }
        drop(self.child.wait());
    }
}
