//! Where the actions are done: a directory on this host, and an engine with an image and a network.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use crate::common::engine::Engine;
use crate::network::Network;
use crate::{image, perl, privileged};

/// How long an action may take; many times what any does.
const BOUND: Duration = Duration::from_mins(1);
/// How often an action is asked whether it has ended.
const INTERVAL: Duration = Duration::from_millis(10);

/// Who has done it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Doer {
    /// The process of this host that was started, or one that it started.
    Host { pid: u32 },
    /// Whatever ran in this container, which was made for one action alone.
    Container { id: String },
}

/// Everything the actions need.
pub(crate) struct Stage {
    // Fields are dropped in this order: nothing may use the directory when it goes.
    network: Network,
    engine: Engine,
    home: TempDir,
}

impl Stage {
    /// Starts an engine, makes the image, and starts the peers of the network.
    pub(crate) fn build() -> Result<Self> {
        // The name is not hidden, as those of temporary directories are otherwise.
        let home = tempfile::Builder::new().prefix("vigie-actions-").tempdir()?;
        // Some actions are done by users that are not root.
        fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        let engine = privileged::engine(home.path())?;
        image::import(&engine, &home.path().join("rootfs"))?;
        let network = Network::start(&engine)?;
        Ok(Self { network, engine, home })
    }

    /// The engine's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.engine.socket()
    }

    /// A path of the test's own on this host.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A file of the test's own on this host.
    pub(crate) fn file(&self, name: &str, content: &str) -> Result<PathBuf> {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(self.home.path()))?;
        fs::write(&path, content)?;
        Ok(path)
    }

    /// Perl under another name, about to run this script.
    pub(crate) fn perl_as(&self, name: &str, script: &str) -> Result<Command> {
        let link = self.path(name);
        if !link.exists() {
            symlink(perl::PATH, &link)?;
        }
        let mut command = Command::new(link);
        command.args(["-e", script]);
        Ok(command)
    }

    /// A program of this host in the network of the peers.
    pub(crate) fn on_network(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/proc/{}/ns/net", self.network.pid())).arg(program);
        command
    }

    /// Runs a command in a container of its own.
    pub(crate) fn contain(&self, command: &[&str]) -> Result<Doer> {
        self.contain_with(&["--network", "none"], command)
    }

    /// The same in the network of the peers.
    pub(crate) fn contain_on_network(&self, command: &[&str]) -> Result<Doer> {
        self.contain_with(&["--network", &self.network.option()], command)
    }

    /// The same with options of `docker run`.
    pub(crate) fn contain_with(&self, options: &[&str], command: &[&str]) -> Result<Doer> {
        let run = [&["run", "--detach"], options, &[image::NAME], command].concat();
        let id = self.engine.docker(&run)?;
        self.engine.docker(&["wait", &id])?;
        Ok(Doer::Container { id: id.get(..12).context("no container id")?.to_owned() })
    }
}

/// Runs a command to its end, however it ends.
pub(crate) fn act(command: &mut Command) -> Result<Doer> {
    act_for(command, BOUND).and_then(|(doer, ended)| match ended {
        Ended::Itself => Ok(doer),
        Ended::Killed => bail!("{command:?} did not end"),
    })
}

/// Runs a command that need not end by itself for a second.
pub(crate) fn act_a_second(command: &mut Command) -> Result<Doer> {
    act_for(command, Duration::from_secs(1)).map(|(doer, _)| doer)
}

enum Ended {
    Itself,
    Killed,
}

fn act_for(command: &mut Command, time: Duration) -> Result<(Doer, Ended)> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().with_context(|| format!("cannot run {command:?}"))?;
    let doer = Doer::Host { pid: child.id() };
    if ended(&mut child, time)? {
        return Ok((doer, Ended::Itself));
    }
    child.kill()?;
    child.wait()?;
    Ok((doer, Ended::Killed))
}

fn ended(child: &mut Child, time: Duration) -> Result<bool> {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        std::thread::sleep(INTERVAL);
    }
    Ok(child.try_wait()?.is_some())
}

/// A file outside of the test's directory, gone when dropped.
pub(crate) struct Outside(PathBuf);

impl Outside {
    /// Writes a program there.
    pub(crate) fn program(path: &str, content: &str) -> Result<Self> {
        let outside = Self(path.into());
        fs::write(&outside.0, content)?;
        fs::set_permissions(&outside.0, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        Ok(outside)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}
