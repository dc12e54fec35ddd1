//! The main job: containers that are gone before anyone can look each read `/etc/shadow`, and Vigie says which.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::engine::{Engine, IMAGE, REPOSITORY};

/// Containers that come and go.
const CONTAINERS: usize = 100;
/// An argument of every read of the test's, by which it differs from what else reads the file on this host.
const MARK: &str = "/vigie-burst";
/// Longest silence before the test gives up; never reached while alerts come.
const SILENCE: Duration = Duration::from_mins(1);

/// `vigie run` and the alerts it writes.
pub(crate) struct Vigie {
    child: Child,
    alerts: Receiver<Value>,
}

impl Vigie {
    /// Starts it with its default policies, and waits until its hooks are attached.
    fn start(engine: &Engine) -> Result<Self> {
        Self::with_arguments(engine, &[])
    }

    /// Starts it with these rules instead.
    pub(crate) fn with_rules(engine: &Engine, rules: &Path) -> Result<Self> {
        Self::with_arguments(engine, &[OsStr::new("--rules"), rules.as_os_str()])
    }

    fn with_arguments(engine: &Engine, arguments: &[&OsStr]) -> Result<Self> {
        let binary = std::env::var("VIGIE_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_vigie").to_owned());
        let mut child = Command::new(binary)
            .args(["run", "--output", "json", "--docker-socket"])
            .arg(engine.socket())
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let stdout = BufReader::new(child.stdout.take().context("no stdout")?);
        let mut stderr = BufReader::new(child.stderr.take().context("no stderr")?).lines();
        let started = stderr.find(|line| line.as_ref().is_ok_and(|line| line.contains("rules loaded")));
        ensure!(started.is_some(), "vigie did not start");
        // What else it says must not fill the pipe.
        std::thread::spawn(move || stderr.for_each(drop));
        let (sender, alerts) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let alert = serde_json::from_str(&line).expect("every line is JSON");
                if sender.send(alert).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, alerts })
    }

    /// The next alert.
    pub(crate) fn next(&self) -> Result<Value> {
        self.alerts.recv_timeout(SILENCE).context("no more alerts")
    }

    /// The next alert about one of the test's reads of `/etc/shadow` that is no amendment.
    fn next_shadow(&self) -> Result<Value> {
        loop {
            let alert = self.next()?;
            let ours = field(&alert, "proc.cmdline").as_str().is_some_and(|line| line.contains(MARK));
            if ours && field(&alert, "fd.name") == "/etc/shadow" && field(&alert, "vigie.amended") != true {
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

#[test]
fn a_hundred_short_lived_containers_are_each_told_apart() -> Result<()> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    let vigie = Vigie::start(&engine)?;
    let read = format!("cat /etc/shadow {MARK} >/dev/null 2>&1; true");
    let mut ids = BTreeSet::new();
    for number in 0..CONTAINERS {
        let removal: &[&str] = if number % 2 == 0 { &["--rm"] } else { &[] };
        let command = [IMAGE, "sh", "-c", &read];
        let id = engine.run_detached(&[removal, &command].concat())?;
        ids.insert(id.get(..12).context("a container id")?.to_owned());
    }
    ensure!(ids.len() == CONTAINERS, "container ids repeat");
    let mut seen = BTreeMap::new();
    for _ in 0..CONTAINERS {
        let alert = vigie.next_shadow()?;
        let id = field(&alert, "container.id").as_str().context("no container.id")?.to_owned();
        if let Some(before) = seen.insert(id, alert) {
            bail!("two alerts for one container, the first of them {before}");
        }
    }
    assert_eq!(seen.keys().cloned().collect::<BTreeSet<_>>(), ids);
    for alert in seen.values() {
        assert_eq!(field(alert, "container.image.repository"), REPOSITORY, "{alert}");
        assert_eq!(field(alert, "proc.name"), "cat", "{alert}");
        assert_eq!(field(alert, "proc.pname"), "sh", "{alert}");
        assert_eq!(field(alert, "vigie.container.verified"), true, "{alert}");
    }
    Ok(())
}
