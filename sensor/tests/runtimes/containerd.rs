//! A containerd of a test's own with its CRI plugin, gone with everything it left when dropped.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use rustix::event::Timespec;
use sensor::identity::Places;
use tempfile::TempDir;

use crate::common::command::{end_of, report, run, stop, unmount_below, wait_for};
use crate::common::image::{IMAGE, archive};

/// The image of pods' sandboxes.
pub(crate) const PAUSE: &str = "registry.vigie.test:5000/pause:1";
/// Where CRI keeps its containers.
pub(crate) const PODS: &str = "k8s.io";
/// Where `ctr` keeps its own.
pub(crate) const DEFAULT: &str = "default";

/// How often a starting daemon is asked whether it is ready.
const TRIES: usize = 600;
/// How long each time waits for it to die instead.
const INTERVAL: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// A running containerd.
#[derive(Debug)]
pub(crate) struct Containerd {
    daemon: Child,
    directory: TempDir,
}

impl Containerd {
    /// Starts it, waits until it answers, and imports the images.
    pub(crate) fn start() -> Result<Self> {
        ensure!(rustix::process::geteuid().is_root(), "the tests with containers need root");
        let directory = tempfile::tempdir()?;
        let base = directory.path();
        fs::write(base.join("config.toml"), config(base.to_str().context("not UTF-8")?))?;
        let log = File::create(base.join("log"))?;
        let daemon = Command::new("containerd")
            .arg("--config")
            .arg(base.join("config.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start containerd; install containerd")?;
        let mut containerd = Self { daemon, directory };
        containerd.wait_until_ready()?;
        containerd.import_images()?;
        Ok(containerd)
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.path().join("containerd.sock")
    }

    /// This runtime and no other.
    pub(crate) fn places(&self) -> Places {
        Places {
            docker_socket: self.directory.path().join("none"),
            cri_sockets: vec![self.socket()],
            podman_storages: Vec::new(),
        }
    }

    /// A `ctr` command in a namespace, not yet started.
    pub(crate) fn command(&self, namespace: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("ctr");
        command.arg("--address").arg(self.socket()).args(["--namespace", namespace]).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    /// Runs a `ctr` command to its end, and answers with what it printed.
    pub(crate) fn ctr(&self, namespace: &str, arguments: &[&str]) -> Result<String> {
        run(&mut self.command(namespace, arguments))
    }

    /// Starts a container that sleeps.
    pub(crate) fn run_sleeping(&self, id: &str) -> Result<()> {
        self.ctr(DEFAULT, &["run", "--detach", IMAGE, id, "sleep", "1000"]).map(drop)
    }

    /// Number of a container's init process.
    pub(crate) fn init(&self, namespace: &str, id: &str) -> Result<u32> {
        let tasks = self.ctr(namespace, &["tasks", "list"])?;
        let line = tasks.lines().find(|line| line.starts_with(id)).context("no such task")?;
        Ok(line.split_whitespace().nth(1).context("no number")?.parse()?)
    }

    /// The end of its log, for a failing test to show.
    pub(crate) fn log(&self) -> String {
        end_of(&self.directory.path().join("log"))
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        for _ in 0..TRIES {
            if self.ctr(DEFAULT, &["version"]).is_ok() {
                return Ok(());
            }
            if wait_for(&mut self.daemon, INTERVAL)? {
                bail!("containerd ended:\n{}", self.log());
            }
        }
        bail!("containerd did not get ready:\n{}", self.log())
    }

    fn import_images(&self) -> Result<()> {
        for (folder, name, command) in
            [("pause", PAUSE, &["sleep", "1000"][..]), ("box", IMAGE, &["sleep", "1000"])]
        {
            let archive = archive(&self.directory.path().join(folder), name, command)?;
            let archive = archive.to_str().context("not UTF-8")?;
            for namespace in [PODS, DEFAULT] {
                self.ctr(namespace, &["images", "import", archive])?;
            }
        }
        Ok(())
    }

    /// Kills and removes every container; what is over already is no error.
    fn clear(&mut self) -> Result<()> {
        if self.daemon.try_wait()?.is_some() {
            return Ok(());
        }
        for namespace in [PODS, DEFAULT] {
            let tasks = self.ctr(namespace, &["tasks", "list", "--quiet"])?;
            for id in tasks.split_whitespace() {
                drop(self.ctr(namespace, &["tasks", "delete", "--force", id]));
            }
            let containers = self.ctr(namespace, &["containers", "list", "--quiet"])?;
            for id in containers.split_whitespace() {
                drop(self.ctr(namespace, &["containers", "delete", id]));
            }
        }
        Ok(())
    }
}

impl Drop for Containerd {
    fn drop(&mut self) {
        let (containers, daemon) = (self.clear(), stop(&mut self.daemon));
        for result in [containers, daemon, unmount_below(self.directory.path())] {
            if let Err(error) = result {
                report(&format!("stopping containerd: {error:#}"));
            }
        }
    }
}

/// Pods are in the host's network, so that no network plugin is needed.
fn config(base: &str) -> String {
    format!(
        r#"version = 2
root = "{base}/root"
state = "{base}/state"
[grpc]
  address = "{base}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{base}/cni"
    conf_dir = "{base}/cni"
"#
    )
}
