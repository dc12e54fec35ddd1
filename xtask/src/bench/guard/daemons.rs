//! A Docker Engine and a guard of the bench's own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::client::Client;
use crate::process::Running;

/// How often a daemon that starts is asked, and how long it is left alone in between.
const TRIES: u32 = 600;
const PAUSE: Duration = Duration::from_millis(50);

/// A Docker Engine.
#[derive(Debug)]
pub(super) struct Engine {
    daemon: Running,
    socket: PathBuf,
}

/// `vigie guard` before it.
#[derive(Debug)]
pub(super) struct Guard {
    daemon: Running,
    socket: PathBuf,
}

impl Engine {
    /// Starts one that keeps everything in this directory, and containers in memory: what a disk takes is not measured.
    pub(super) fn start(directory: &Path) -> Result<Self> {
        let at = |name: &str| directory.join(name);
        fs::write(at("daemon.json"), "{}").context("writing the engine's settings")?;
        let log = File::create(at("engine.log")).context("making the engine's log")?;
        let socket = at("docker.sock");
        fs::create_dir(at("data")).context("making the engine's directory")?;
        // What is mounted is gone with the engine, however it ends.
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "/bin/sh", "-c"]);
        command.args(["mount -t tmpfs data \"$0\" && exec dockerd \"$@\""]).arg(at("data"));
        command.args(["--iptables=false", "--ip6tables=false", "--bridge=none"]);
        command.args(["--containerd-namespace", "vigie-bench-containers"]);
        command.args(["--containerd-plugins-namespace", "vigie-bench-plugins"]);
        for (option, name) in [
            ("--config-file", "daemon.json"),
            ("--data-root", "data"),
            ("--exec-root", "exec"),
            ("--pidfile", "pid"),
        ] {
            command.arg(option).arg(at(name));
        }
        command.arg("--host").arg(format!("unix://{}", socket.display()));
        command.stdout(log.try_clone().context("sharing the engine's log")?).stderr(log);
        let daemon = Running::start(&mut command)?;
        wait_for(&socket).with_context(|| {
            format!("the Docker Engine said:\n{}", fs::read_to_string(at("engine.log")).unwrap_or_default())
        })?;
        Ok(Self { daemon, socket })
    }

    /// Where it listens.
    pub(super) fn socket(&self) -> PathBuf {
        self.socket.clone()
    }

    /// Has it end by itself, so that nothing stays mounted.
    pub(super) fn end(self) -> Result<()> {
        self.daemon.end()
    }
}

impl Guard {
    /// Starts one with the default policy, as it is without any option.
    pub(super) fn start(vigie: &Path, engine: &Path, directory: &Path) -> Result<Self> {
        let socket = directory.join("guard.sock");
        let mut command = Command::new(vigie);
        command.args(["guard", "--listen"]).arg(&socket).arg("--upstream").arg(engine);
        command.arg("--file").arg(directory.join("alerts")).stderr(Stdio::null());
        let daemon = Running::start(&mut command)?;
        wait_for(&socket)?;
        Ok(Self { daemon, socket })
    }

    /// Where it listens.
    pub(super) fn socket(&self) -> PathBuf {
        self.socket.clone()
    }

    /// Has it end.
    pub(super) fn end(self) -> Result<()> {
        self.daemon.end()
    }
}

/// Until somebody answers there.
fn wait_for(socket: &Path) -> Result<()> {
    for _ in 0..TRIES {
        if Client::new(socket).expect("GET", "/_ping", b"", 200).is_ok() {
            return Ok(());
        }
        sleep(PAUSE);
    }
    bail!("nobody answers at {}", socket.display())
}
