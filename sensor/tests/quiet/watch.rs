//! `vigie run` with its default policies, alerts into a file.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

pub(crate) struct Watch {
    child: Child,
    alerts: PathBuf,
}

impl Watch {
    /// Starts it and waits until its hooks are attached.
    pub(crate) fn start(home: &Path, docker_socket: &Path) -> Result<Self> {
        let alerts = home.join("alerts.json");
        let binary = std::env::var("VIGIE_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_vigie").to_owned());
        let mut command = Command::new(binary);
        command
            .args(["run", "--output", "json", "--file"])
            .arg(&alerts)
            .arg("--docker-socket")
            .arg(docker_socket);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("no stderr")?).lines();
        let started = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("rules loaded")));
        // What else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        ensure!(started.is_some(), "vigie did not start");
        Ok(Self { child, alerts })
    }

    /// Ends it, and gives everything that it raised.
    pub(crate) fn finish(mut self) -> Result<Vec<Value>> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("no pid")?;
        kill_process(pid, Signal::TERM)?;
        ensure!(self.child.wait()?.success(), "vigie failed");
        let text = fs::read_to_string(&self.alerts)?;
        text.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A test that failed leaves it running; one that ended has been waited for.
        if let Ok(None) = self.child.try_wait() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}
