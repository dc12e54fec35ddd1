//! A Docker Engine of a test's own: started by hand in a temporary directory, with an image made on the spot,
//! and gone with everything it left when dropped.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use tempfile::TempDir;

/// The image of [`Engine::import_busybox`]: a registry with a port, so that a wrong split shows.
pub(crate) const IMAGE: &str = "registry.vigie.test:5000/team/box:1.0";
/// Its repository.
pub(crate) const REPOSITORY: &str = "registry.vigie.test:5000/team/box";
/// Its tag.
pub(crate) const TAG: &str = "1.0";

/// Storage drivers in the order they are tried; `vfs` works anywhere, slowly.
const STORAGE: [&str; 2] = ["overlay2", "vfs"];
/// How often a starting engine is asked whether it is ready.
const TRIES: usize = 600;
/// How long each time waits for the engine to die instead.
const INTERVAL: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
/// How long a stopping engine may take before it is killed.
const GRACE: Timespec = Timespec { tv_sec: 30, tv_nsec: 0 };
/// How much of an engine's log is shown.
const LOG_LINES: usize = 20;
/// Applets that the image has as commands.
const APPLETS: [&str; 8] = ["sh", "cat", "sleep", "true", "false", "echo", "ls", "id"];

/// A running engine.
#[derive(Debug)]
pub(crate) struct Engine {
    daemon: Child,
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
        let daemon = Command::new("dockerd")
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
            .stderr(log)
            .spawn()
            .context("cannot start dockerd; install docker.io")?;
        let mut engine = Self { daemon, directory };
        engine.wait_until_ready()?;
        Ok(engine)
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.directory.path().join("docker.sock")
    }

    /// Imports an image of a static busybox and a few files, among them `/etc/shadow`, as [`IMAGE`]. Answers
    /// with its id.
    pub(crate) fn import_busybox(&self) -> Result<String> {
        let root = self.directory.path().join("rootfs");
        for folder in ["bin", "etc", "tmp", "proc"] {
            fs::create_dir_all(root.join(folder))?;
        }
        fs::copy(busybox()?, root.join("bin/busybox"))?;
        for applet in APPLETS {
            symlink("busybox", root.join("bin").join(applet))?;
        }
        fs::write(root.join("etc/shadow"), "root:*:19000:0:99999:7:::\n")?;
        fs::write(root.join("etc/passwd"), "root:x:0:0:root:/:/bin/sh\n")?;
        let tar = self.directory.path().join("rootfs.tar");
        run(Command::new("tar").arg("-C").arg(&root).arg("-cf").arg(&tar).arg("."))?;
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

    /// The end of its log, for a failing test to show.
    pub(crate) fn log(&self) -> String {
        let bytes = fs::read(self.directory.path().join("log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().rev().take(LOG_LINES).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
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

    /// Ends the daemon, which ends its containerd. Once it was waited for, its pid may be another's.
    fn stop(&mut self) -> Result<()> {
        if self.daemon.try_wait()?.is_some() {
            return Ok(());
        }
        if let Some(pid) = pid(&self.daemon) {
            kill_process(pid, Signal::TERM)?;
        }
        if !wait_for(&mut self.daemon, GRACE)? {
            self.daemon.kill()?;
            self.daemon.wait()?;
        }
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // What fails keeps nothing else from being cleaned up.
        let (containers, daemon) = (self.clear(), self.stop());
        for result in [containers, daemon, unmount_below(self.directory.path())] {
            if let Err(error) = result {
                report(&format!("stopping a Docker Engine: {error:#}"));
            }
        }
    }
}

/// Tells what went wrong where nothing can be returned.
fn report(what: &str) {
    // There is nobody left to tell that this could not be told.
    drop(writeln!(std::io::stderr(), "{what}"));
}

/// Whether the process ended within `time`.
fn wait_for(child: &mut Child, time: Timespec) -> Result<bool> {
    if let Some(pid) = pid(child).filter(|_| matches!(child.try_wait(), Ok(None))) {
        let descriptor = pidfd_open(pid, PidfdFlags::empty())?;
        poll(&mut [PollFd::new(&descriptor, PollFlags::IN)], Some(&time))?;
    }
    Ok(child.try_wait()?.is_some())
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
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

/// Runs a command to its end.
fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let errors = output.stderr.escape_ascii();
    ensure!(output.status.success(), "{command:?}: {}: {errors}", output.status);
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// The host's static busybox.
fn busybox() -> Result<PathBuf> {
    let places = ["/usr/bin/busybox", "/bin/busybox"].map(PathBuf::from);
    places.into_iter().find(|place| place.exists()).context("no busybox; install busybox-static")
}

/// Unmounts what an engine left mounted below its directory.
fn unmount_below(directory: &Path) -> Result<()> {
    let table = fs::read("/proc/self/mountinfo")?;
    let points = table.split(|&b| b == b'\n').filter_map(|line| line.split(|&b| b == b' ').nth(4));
    let mut below: Vec<&[u8]> =
        points.filter(|point| Path::new(OsStr::from_bytes(point)).starts_with(directory)).collect();
    below.sort_unstable();
    for point in below.iter().rev() {
        run(Command::new("umount").arg("--lazy").arg(OsStr::from_bytes(point)))?;
    }
    Ok(())
}
