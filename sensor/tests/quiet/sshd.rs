//! An ssh server on loopback, with keys of its own.

use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

const START: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(crate) struct Sshd {
    daemon: Child,
    keys: PathBuf,
    port: u16,
}

impl Sshd {
    /// Starts it and waits until it listens.
    pub(crate) fn start(home: &Path) -> Result<Self> {
        let keys = home.join("ssh");
        fs::create_dir_all(&keys)?;
        fs::create_dir_all("/run/sshd")?;
        for key in ["host", "user"] {
            run(Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(keys.join(key)))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new("/usr/sbin/sshd");
        command
            .args(["-D", "-e", "-f", "/dev/null", "-p", &port.to_string()])
            .arg("-h")
            .arg(keys.join("host"));
        for option in
            ["ListenAddress=127.0.0.1", "PermitRootLogin=yes", "StrictModes=no", "UsePAM=yes", "PidFile=none"]
        {
            command.args(["-o", option]);
        }
        command.args(["-o", "Subsystem=sftp /usr/lib/openssh/sftp-server", "-o"]);
        command.arg(format!("AuthorizedKeysFile={}", keys.join("user.pub").display()));
        let daemon = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let daemon = daemon.context("cannot start sshd; install openssh-server")?;
        let mut sshd = Self { daemon, keys, port };
        sshd.wait()?;
        Ok(sshd)
    }

    fn wait(&mut self) -> Result<()> {
        let end = Instant::now() + START;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            ensure!(Instant::now() < end, "sshd does not listen");
            ensure!(self.daemon.try_wait()?.is_none(), "sshd ended");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// The client, about to run this there as this user: options, and the command as the last one.
    pub(crate) fn ssh(&self, user: &str, arguments: &[&str]) -> Command {
        let mut command = self.client("ssh", "-p");
        let (options, remote) = arguments.split_at(arguments.len().saturating_sub(1));
        command.args(options).arg(format!("{user}@127.0.0.1")).args(remote);
        command
    }

    /// The copying client.
    pub(crate) fn scp(&self) -> Command {
        self.client("scp", "-P")
    }

    /// A path there.
    pub(crate) fn remote(path: &Path) -> OsString {
        let mut remote = OsString::from("root@127.0.0.1:");
        remote.push(path);
        remote
    }

    fn client(&self, program: &str, port: &str) -> Command {
        let mut command = Command::new(program);
        command
            .args(["-q", "-F", "/dev/null", port, &self.port.to_string(), "-i"])
            .arg(self.keys.join("user"));
        for option in ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=yes"] {
            command.args(["-o", option]);
        }
        command
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {command:?}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {}: {errors}", output.status);
    Ok(())
}
