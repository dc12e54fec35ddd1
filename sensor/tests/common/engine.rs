//! A Docker Engine of a test's own: started by hand in a temporary directory, with an image made on the spot,
//! and gone with everything it left when dropped.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::event::Timespec;
use tempfile::TempDir;

use super::command::{end_of, report, run, stop, unmount_below, wait_for};
use super::image::{self, IMAGE};

/// Storage drivers in the order they are tried; `vfs` works anywhere, slowly.
const STORAGE: [&str; 2] = ["overlay2", "vfs"];
/// How often a starting engine is asked whether it is ready.
const TRIES: usize = 600;
/// How long each time waits for the engine to die instead.
const INTERVAL: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
/// A running engine.
#[derive(Debug)]
pub(crate) struct Engine {
    daemon: Child,
    /// Starts it.
    command: Command,
    directory: TempDir,
}

impl Engine {
    /// Starts an engine and waits until it answers. Needs root, `dockerd` and the `docker` command.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with_options(&[])
    }

    /// The same with more options of `dockerd`.
    pub(crate) fn start_with_options(options: &[&str]) -> Result<Self> {
        ensure!(rustix::process::geteuid().is_root(), "the Docker tests need root");
        let mut failures = Vec::new();
        for storage in STORAGE {
            match Self::start_with(storage, options) {
                Ok(engine) => return Ok(engine),
                Err(error) => failures.push(format!("with {storage}: {error:#}")),
            }
        }
        bail!("no Docker Engine could be started:\n{}", failures.join("\n"))
    }

    fn start_with(storage: &str, options: &[&str]) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let base = directory.path();
        // So that the host's own configuration has no say.
        fs::write(base.join("daemon.json"), "{}")?;
        let log = File::create(base.join("log"))?;
        let [containers, plugins] = ["containers", "plugins"].map(|kind| format!("vigie-test-{kind}"));
        let mut command = Command::new("dockerd");
        command
            .args(["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver", storage])
            .args(["--containerd-namespace", &containers, "--containerd-plugins-namespace", &plugins])
            .args(options)
            .arg("--config-file")
            .arg(base.join("daemon.json"))
            .arg("--data-root")
            .arg(base.join("data"))
            .arg("--exec-root")
            .arg(base.join("exec"))
            .arg("--pidfile")
            .arg(base.join("pid"))
            .arg("--host")
            .arg(format!("unix://{}", base.join("docker.sock").display()))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let daemon = command.spawn().context("cannot start dockerd; install docker.io")?;
        let mut engine = Self { daemon, command, directory };
        engine.wait_until_ready()?;
        Ok(engine)
    }

    /// Ends it and starts it anew, at the same socket.
    pub(crate) fn restart(&mut self) -> Result<()> {
        stop(&mut self.daemon)?;
        self.daemon = self.command.spawn()?;
        self.wait_until_ready()
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.path().join("docker.sock")
    }

    /// Imports an image of a static busybox and a few files, among them `/etc/shadow`, as [`IMAGE`]. Answers
    /// with its id.
    pub(crate) fn import_busybox(&self) -> Result<String> {
        let tar = image::layer(self.directory.path())?;
        let tar = tar.to_str().context("the temporary directory's name is not UTF-8")?;
        self.docker(&["import", tar, IMAGE])
    }

    /// The `docker` command for this engine, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("docker");
        command.env_remove("DOCKER_HOST").env_remove("DOCKER_CONTEXT").stdin(Stdio::null());
        command.env("DOCKER_CONFIG", self.directory.path().join("client"));
        command.arg("--host").arg(format!("unix://{}", self.socket().display())).args(arguments);
        command
    }

    /// Runs a `docker` command to its end, and answers with what it printed, without the last newline.
    pub(crate) fn docker(&self, arguments: &[&str]) -> Result<String> {
        run(&mut self.command(arguments))
    }

    /// Starts a container without network in the background: options, image and command as `docker run` takes
    /// them. Answers with its id.
    pub(crate) fn run_detached(&self, arguments: &[&str]) -> Result<String> {
        self.docker(&[&["run", "--detach", "--network", "none"], arguments].concat())
    }

    /// All that it logged.
    pub(crate) fn whole_log(&self) -> Result<String> {
        Ok(fs::read_to_string(self.directory.path().join("log"))?)
    }

    /// The end of its log, for a failing test to show.
    pub(crate) fn log(&self) -> String {
        end_of(&self.directory.path().join("log"))
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        for _ in 0..TRIES {
            if ping(&self.socket()).is_ok() {
                return Ok(());
            }
            if wait_for(&mut self.daemon, INTERVAL)? {
                bail!("dockerd ended:\n{}", self.log());
            }
        }
        bail!("dockerd did not get ready:\n{}", self.log())
    }

    /// Removes every container.
    fn clear(&mut self) -> Result<()> {
        if self.daemon.try_wait()?.is_some() {
            return Ok(());
        }
        let containers = self.docker(&["ps", "--all", "--quiet"])?;
        let containers: Vec<&str> = containers.split_whitespace().collect();
        if !containers.is_empty() {
            self.docker(&[&["rm", "--force", "--volumes"], containers.as_slice()].concat())?;
        }
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // What fails keeps nothing else from being cleaned up.
        // The daemon ends its containerd.
        let (containers, daemon) = (self.clear(), stop(&mut self.daemon));
        for result in [containers, daemon, unmount_below(self.directory.path())] {
            if let Err(error) = result {
                report(&format!("stopping a Docker Engine: {error:#}"));
            }
        }
    }
}

/// Asks an engine whether it is ready.
fn ping(socket: &Path) -> Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    ensure!(answer.starts_with(b"HTTP/1.1 200 "), "{}", answer.escape_ascii());
    Ok(())
}
