//! `vigie guard` as users run it.

use std::io::{BufRead, BufReader, Lines, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::client::Client;
use super::daemon::Daemon;

pub(crate) fn vigie() -> Command {
    Command::new(std::env::var("VIGIE_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_vigie").to_owned()))
}

/// `vigie guard` that runs.
pub(crate) struct Running {
    child: Child,
    errors: Lines<BufReader<ChildStderr>>,
    pub(crate) socket: PathBuf,
    directory: TempDir,
}

impl Running {
    /// Starts it with these options before this engine, and waits until it listens.
    pub(crate) fn start(engine: &Path, options: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("guard.sock");
        let mut command = vigie();
        command.arg("guard").arg("--listen").arg(&socket).arg("--upstream").arg(engine).args(options);
        command.arg("--file").arg(directory.path().join("alerts"));
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
        let started = errors.find_map(|line| line.ok().filter(|line| line.contains("guard: ")));
        assert!(started.is_some_and(|line| line.contains("mode ")), "it did not start");
        Self { child, errors, socket, directory }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where its socket and its alerts are.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Sends SIGHUP, and waits until it says this.
    fn hang_up(&mut self, said: &str) {
        kill_process(Pid::from_child(&self.child), Signal::HUP).unwrap();
        assert!(self.errors.by_ref().any(|line| line.unwrap().contains(said)), "it did not say: {said}");
    }

    /// Ends it as a service manager does: what it said, alerts included, once it has ended well.
    pub(crate) fn end(mut self) -> Vec<String> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
        assert!(!self.socket.exists(), "the socket is left");
        let alerts = std::fs::read_to_string(self.directory.path().join("alerts")).unwrap();
        let alerts = alerts.lines().map(str::to_owned);
        self.errors.by_ref().map_while(Result::ok).chain(alerts).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed before its end leaves it running.
        drop(self.child.kill().and_then(|()| self.child.wait()));
    }
}

/// A daemon that records, and what keeps it there.
pub(crate) fn daemon() -> (tokio::runtime::Runtime, TempDir, PathBuf, std::sync::Arc<Daemon>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let engine = directory.path().join("engine.sock");
    let daemon = runtime.block_on(async { Daemon::start(&engine) });
    (runtime, directory, engine, daemon)
}

#[test]
fn what_is_not_allowed_is_denied_and_told() {
    let (_runtime, _directory, engine, daemon) = daemon();
    let running = Running::start(&engine, &[]);
    assert_eq!(running.socket.metadata().unwrap().permissions().mode() & 0o777, 0o660);
    let mut client = Client::connect(&running.socket);
    assert_eq!(client.get("GET /_ping").body, "OK");
    let denied = client.get("GET /unheard/of?secret=1");
    assert_eq!(
        (denied.status, denied.message().starts_with("vigie: denied by rule \"Unknown Docker operation\"")),
        (403, true),
        "{denied:?}"
    );
    assert_eq!(client.get("GET /containers//json").status, 400);
    let told = running.end();
    assert_eq!(daemon.lines(), ["GET /_ping HTTP/1.1"]);
    let uid = rustix::process::geteuid().as_raw();
    let line = |words: &[&str]| told.iter().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(line(&["Unknown Docker operation", "/unheard/of", &format!("uid={uid} ")]), "{told:?}");
    assert!(line(&["refused with 400", &format!("uid {uid}")]), "{told:?}");
    assert!(!line(&["secret"]), "{told:?}");
    assert!(line(&["guard_requests=2", "guard_allowed=1", "guard_denied=1", "guard_refused=1"]), "{told:?}");
}

#[test]
fn an_audit_passes_on_what_it_tells() {
    let (_runtime, _directory, engine, daemon) = daemon();
    let running = Running::start(&engine, &["--mode", "audit", "--max-body", "1K", "--group", "0"]);
    let mut client = Client::connect(&running.socket);
    client.get("GET /unheard/of");
    client.send("POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 1025\r\n\r\n");
    assert_eq!(client.answer().status, 413);
    let told = running.end();
    assert!(told.iter().any(|line| line.contains("Unknown Docker operation")), "{told:?}");
    assert!(told.iter().any(|line| line.contains("guard_passed_in_audit=1")), "{told:?}");
    assert_eq!(daemon.lines(), ["GET /unheard/of HTTP/1.1"]);
}

#[test]
fn a_hangup_loads_the_rules_anew_and_bad_ones_leave_those_in_force() {
    let (_runtime, _directory, engine, daemon) = daemon();
    let place = tempfile::tempdir().unwrap();
    let rules = place.path().join("rules.yaml");
    let denying = |operation: &str| {
        let rule =
            "- rule: Not today\n  desc: d\n  source: docker\n  action: deny\n  output: o\n  priority: info\n";
        std::fs::write(&rules, format!("{rule}  condition: docker.operation = {operation}\n")).unwrap();
    };
    denying("system.info");
    let mut running = Running::start(&engine, &["--rules", rules.to_str().unwrap()]);
    let mut client = Client::connect(&running.socket);
    let mut asks = |path: &str| client.get(&format!("GET {path}")).status;
    assert_eq!((asks("/info"), asks("/version")), (403, 200));
    denying("system.version");
    running.hang_up("guard: 1 rules loaded anew");
    assert_eq!((asks("/info"), asks("/version")), (200, 403));
    denying("system.version and no.such.field = 1");
    running.hang_up("guard: the rules in force stay; the new ones cannot be used:");
    assert_eq!((asks("/info"), asks("/version")), (200, 403));
    let told = running.end();
    assert!(told.iter().any(|line| line.contains("unknown field `no.such.field`")), "{told:?}");
    assert_eq!(daemon.lines().len(), 3);
}

#[test]
fn what_cannot_be_done_is_told_with_the_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let name = |name: &str| directory.path().join(name).into_os_string().into_string().unwrap();
    std::fs::write(name("file"), "not a socket").unwrap();
    let (here, nothing, file) = (name("here"), name("nothing"), name("file"));
    for (arguments, wanted) in [
        (vec!["--listen", &here, "--upstream", &here], "the guard cannot listen at the engine's own socket"),
        (vec!["--listen", &here, "--upstream", &nothing], "is the engine running?"),
        (vec!["--listen", &file, "--upstream", &nothing, "--group", "0"], "this is not a socket; remove it"),
        (
            vec!["--listen", &here, "--upstream", &nothing, "--group", "no such group"],
            "make it with `groupadd`",
        ),
    ] {
        let mut child = vigie().arg("guard").args(&arguments).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = String::new();
        child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1), "{arguments:?}: {told}");
        assert!(told.contains(wanted), "{arguments:?}: {told}");
    }
    assert_eq!(std::fs::read(file).unwrap(), b"not a socket");
}

/// Starts a guard that takes the place of the socket, and waits until it has it.
fn take(socket: &Path) -> Child {
    let mut command = vigie();
    command.args(["guard", "--mode", "audit", "--take"]).arg(socket);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(errors.any(|line| line.unwrap().contains("mode audit")), "it did not start");
    std::thread::spawn(move || errors.for_each(drop));
    child
}

#[test]
fn a_killed_guard_is_put_right_by_whoever_waits_for_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("engine.sock");
    let engine = UnixListener::bind(&path).unwrap();
    let file =
        || std::fs::symlink_metadata(&path).map(|file| (file.dev(), file.ino(), file.mode(), file.uid()));
    let before = file().unwrap();
    let mut guard = take(&path);
    assert_ne!(file().unwrap(), before, "the name is the guard's");
    let second = vigie().args(["guard", "--take"]).arg(&path).output().unwrap();
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success() && told.contains("another guard has taken"), "{told}");
    let mut restore = vigie();
    restore.args(["guard", "restore", "--root"]).arg(directory.path()).arg("--socket").arg(&path);
    let mut restore = restore.args(["--after", &guard.id().to_string()]).spawn().unwrap();
    guard.kill().unwrap();
    restore.wait().unwrap();
    guard.wait().unwrap();
    assert_eq!(file().unwrap(), before);
    drop(UnixStream::connect(&path).unwrap());
    assert!(engine.accept().is_ok());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "something is left");
}

#[test]
fn after_a_killed_guard_nobody_is_reached_until_it_is_put_right() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("engine.sock");
    let _engine = UnixListener::bind(&path).unwrap();
    let mut guard = take(&path);
    guard.kill().unwrap();
    guard.wait().unwrap();
    assert_eq!(UnixStream::connect(&path).unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    // The next guard puts it right before it begins.
    let mut next = take(&path);
    assert!(UnixStream::connect(&path).is_ok());
    kill_process(Pid::from_child(&next), Signal::TERM).unwrap();
    assert!(next.wait().unwrap().success());
    assert!(UnixStream::connect(&path).is_ok(), "the engine's again");
}
