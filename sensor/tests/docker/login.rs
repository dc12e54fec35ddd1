//! A login from elsewhere: an ssh server on loopback, a user of the test's own who may use sudo, both gone when
//! dropped.

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::sshd::{Sshd, run};

/// A server and a user who may log in there.
#[derive(Debug)]
pub(crate) struct Login {
    sshd: Sshd,
    user: User,
    directory: TempDir,
}

/// A user of this host, and that he may become root.
#[derive(Debug)]
struct User {
    name: String,
    sudoers: PathBuf,
}

/// What a session told of itself.
#[derive(Debug)]
pub(crate) struct Session {
    /// Address and port it came from.
    pub(crate) peer: String,
    /// Audit session id, if it has one.
    pub(crate) id: Option<u32>,
}

impl Login {
    /// Starts the server and makes the user.
    pub(crate) fn start() -> Result<Self> {
        let directory = tempfile::tempdir()?;
        // The server reads the user's key as the user.
        fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755))?;
        let sshd = Sshd::start(directory.path())?;
        let user = User::make(&format!("vigie{}", std::process::id()))?;
        Ok(Self { sshd, user, directory })
    }

    /// A directory of the test's own.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The user's name.
    pub(crate) fn user(&self) -> &str {
        &self.user.name
    }

    /// The user's id.
    pub(crate) fn uid(&self) -> Result<u32> {
        let output = Command::new("id").args(["-u", self.user()]).output()?;
        Ok(String::from_utf8(output.stdout)?.trim().parse()?)
    }

    /// Logs in, and there runs a command as root by sudo.
    pub(crate) fn sudo(&self, command: &Command) -> Result<Session> {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Option<Vec<_>> = words.map(std::ffi::OsStr::to_str).collect();
        let script = format!(
            "echo peer $SSH_CONNECTION; echo session $(cat /proc/self/sessionid); sudo -n {}",
            words.context("not UTF-8")?.join(" ")
        );
        let output = self.sshd.ssh(self.user(), &[&script]).stdin(Stdio::null()).output()?;
        ensure!(output.status.success(), "{output:?}");
        Session::parse(&output)
    }
}

impl Session {
    fn parse(output: &Output) -> Result<Self> {
        let text = std::str::from_utf8(&output.stdout)?;
        let line =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).context(text.to_owned());
        let connection = line("peer ")?;
        let mut words = connection.split(' ');
        let (address, port) = (words.next().context("no address")?, words.next().context("no port")?);
        let id = line("session ")?.parse().ok().filter(|id| *id != u32::MAX);
        Ok(Self { peer: format!("{address}:{port}"), id })
    }
}

impl User {
    fn make(name: &str) -> Result<Self> {
        run(Command::new("useradd").args(["--create-home", "--shell", "/bin/sh", name]))?;
        let user = Self { name: name.to_owned(), sudoers: Path::new("/etc/sudoers.d").join(name) };
        // Without a password the account would be locked for the server.
        run(Command::new("usermod").args(["--password", "*", name]))?;
        let mut rule = fs::File::create(&user.sudoers)?;
        rule.set_permissions(PermissionsExt::from_mode(0o440))?;
        writeln!(rule, "{name} ALL=(ALL) NOPASSWD: ALL")?;
        Ok(user)
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let removed = fs::remove_file(&self.sudoers);
        let deleted = run(Command::new("userdel").args(["--remove", "--force", &self.name]));
        for error in [removed.err().map(anyhow::Error::from), deleted.err()].into_iter().flatten() {
            // There is nobody left to tell that this could not be told.
            drop(writeln!(std::io::stderr(), "removing the test's user: {error:#}"));
        }
    }
}
