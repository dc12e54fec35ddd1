//! podman with a storage of a test's own, gone with everything it left when dropped.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use sensor::identity::Places;
use tempfile::TempDir;

use crate::common::command::{report, run, unmount_below};
use crate::common::image::{IMAGE, layer};

/// A host without the right to raise limits cannot give containers podman's own.
const CONFIGURATION: &str = "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=4096:4096\"]\n";

/// The storage, and how to work with it.
#[derive(Debug)]
pub(crate) struct Podman {
    directory: TempDir,
}

impl Podman {
    /// Makes a storage with the image in it.
    pub(crate) fn start() -> Result<Self> {
        ensure!(rustix::process::geteuid().is_root(), "the tests with containers need root");
        let podman = Self { directory: tempfile::tempdir()? };
        fs::write(podman.directory.path().join("containers.conf"), CONFIGURATION)?;
        let layer = layer(podman.directory.path())?;
        podman.run(&["import", layer.to_str().context("not UTF-8")?, IMAGE])?;
        Ok(podman)
    }

    /// Its directory.
    pub(crate) fn storage(&self) -> PathBuf {
        self.directory.path().join("storage")
    }

    /// This storage and no other runtime.
    pub(crate) fn places(&self) -> Places {
        Places {
            docker_socket: self.directory.path().join("none"),
            cri_sockets: Vec::new(),
            podman_storages: vec![self.storage()],
        }
    }

    /// A `podman` command, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let at = |name: &str| self.directory.path().join(name);
        let mut command = Command::new("podman");
        command.env("CONTAINERS_CONF", at("containers.conf")).stdin(Stdio::null());
        command.arg("--root").arg(self.storage()).arg("--runroot").arg(at("run"));
        command.arg("--tmpdir").arg(at("tmp")).args(["--cgroup-manager", "cgroupfs", "--runtime", "runc"]);
        command.args(["--events-backend", "none"]).args(arguments);
        command
    }

    /// Runs a `podman` command to its end, and answers with what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<String> {
        run(&mut self.command(arguments))
    }

    /// Starts a container without network in the background. Answers with its id.
    pub(crate) fn run_detached(&self, arguments: &[&str]) -> Result<String> {
        self.run(&[&["run", "--detach", "--network", "none"], arguments].concat())
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        let containers = self.run(&["rm", "--all", "--force", "--time", "0"]).map(drop);
        for result in [containers, unmount_below(self.directory.path())] {
            if let Err(error) = result {
                report(&format!("removing podman's containers: {error:#}"));
            }
        }
    }
}
