//! `vigie run`, alerts into a file.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::action::Action;
use crate::alert::{Alert, FIELDS};
use crate::stage::Stage;

/// The files of rules that Falco keeps, in load order.
const FILES: [&str; 3] = ["falco_rules.yaml", "falco-incubating_rules.yaml", "falco-sandbox_rules.yaml"];

pub(crate) struct Watch {
    child: Child,
    alerts: PathBuf,
}

/// The options by which the upstream rules for these actions are loaded and enabled.
pub(crate) fn upstream_options(directory: &Path, actions: &[&Action]) -> Result<Vec<OsString>> {
    let mut options = Vec::new();
    for file in FILES {
        let places = [directory.join(file), directory.join("rules").join(file)];
        let place = places.into_iter().find(|place| place.is_file());
        let place = place.with_context(|| format!("{} holds no {file}", directory.display()))?;
        options.extend(["--rules".into(), place.into_os_string()]);
    }
    // Some ship disabled.
    options.extend(actions.iter().flat_map(|action| ["--enable-rule".into(), action.upstream.into()]));
    Ok(options)
}

impl Watch {
    /// Starts it and waits until its hooks are attached.
    pub(crate) fn start(stage: &Stage, name: &str, options: &[OsString]) -> Result<Self> {
        let alerts = stage.path(name);
        let binary = std::env::var("VIGIE_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_vigie").to_owned());
        let mut command = Command::new(binary);
        command.args(["run", "--output", "json", "--rule-matching", "all", "--append-output", FIELDS]);
        command.arg("--file").arg(&alerts).arg("--docker-socket").arg(stage.socket()).args(options);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stderr.take().context("no stderr")?).lines();
        let started = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("rules loaded")));
        // What else it says must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        ensure!(started.is_some(), "vigie did not start");
        Ok(Self { child, alerts })
    }

    /// Ends it, and gives everything that it raised.
    pub(crate) fn finish(mut self) -> Result<Vec<Alert>> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("no pid")?;
        kill_process(pid, Signal::TERM)?;
        ensure!(self.child.wait()?.success(), "vigie failed");
        fs::read_to_string(&self.alerts)?.lines().map(Alert::parse).collect()
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
