//! What becomes of a real engine's socket when its guard is killed at work, or the engine started anew behind it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use sensor::sys::socket::Node;

use super::client::Client;
use super::command::vigie;
use super::common::engine::Engine;
use super::common::image::IMAGE;
use super::daemon::PATIENCE;

/// Clients that ask one thing after the other.
const BUSY: usize = 16;

/// `vigie guard --take`, and what it says.
struct Guard {
    child: Child,
    lines: Receiver<String>,
}

impl Guard {
    /// Takes the place of this socket.
    fn take(socket: &Path, options: &[&str]) -> Result<Self> {
        let mut command = vigie();
        command.args(["guard", "--take"]).arg(socket).args(options);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let lines = lines(child.stderr.take().context("no errors")?);
        let guard = Self { child, lines };
        guard.wait_for("mode enforce")?;
        Ok(guard)
    }

    /// Waits until it says so.
    fn wait_for(&self, what: &str) -> Result<()> {
        while !self
            .lines
            .recv_timeout(PATIENCE)
            .with_context(|| format!("{what} was not said"))?
            .contains(what)
        {}
        Ok(())
    }

    /// `kill -9`.
    fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Ends it as a service manager does.
    fn end(mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        ensure!(self.child.wait()?.success(), "it ended badly");
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // A test that failed before its end leaves it running.
        drop(self.child.kill().and_then(|()| self.child.wait()));
    }
}

fn lines(errors: ChildStderr) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(errors).lines().map_while(Result::ok) {
            // Nobody may listen any more.
            sender.send(line).unwrap_or_default();
        }
    });
    lines
}

/// What is in a directory: inode, mode and owner by name.
type Listing = BTreeMap<String, (u64, u32, u32, u32)>;

fn listing(directory: &Path) -> Result<Listing> {
    let mut listing = Listing::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let found = match entry.metadata() {
            Ok(found) => found,
            // It went while this looks: somebody is putting things back.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        let name = entry.file_name().to_string_lossy().into_owned();
        listing.insert(name, (found.ino(), found.mode(), found.uid(), found.gid()));
    }
    Ok(listing)
}

/// The engine's socket, and what is beside it.
fn state(socket: &Path) -> Result<(Option<Node>, Listing)> {
    Ok((Node::at(socket)?, listing(socket.parent().context("no directory")?)?))
}

/// Asks one thing after the other until that fails, and says when it has begun.
fn ask_for_ever(socket: &Path) -> Result<JoinHandle<()>> {
    let (socket, (begun, begins)) = (socket.to_owned(), channel());
    let asking = std::thread::spawn(move || {
        while let Ok(mut stream) = UnixStream::connect(&socket) {
            let asked = std::io::Write::write_all(&mut stream, b"GET /_ping HTTP/1.0\r\n\r\n");
            let answered = asked.and_then(|()| stream.read_to_end(&mut Vec::new()));
            if !matches!(answered, Ok(1..)) {
                return;
            }
            begun.send(()).unwrap_or_default();
        }
    });
    begins.recv_timeout(PATIENCE)?;
    // What follows fills a queue that nobody empties; it is short.
    std::mem::forget(begins);
    Ok(asking)
}

/// A guard of a real engine that is killed at work, with these options; what the socket and its directory were before.
fn kill_at_work(engine: &Engine, options: &[&str]) -> Result<(Option<Node>, Listing)> {
    let socket = engine.socket();
    let before = state(&socket)?;
    let guard = Guard::take(&socket, options)?;
    ensure!(state(&socket)? != before, "the name is the guard's");
    let asking: Vec<_> = (0..BUSY).map(|_| ask_for_ever(&socket)).collect::<Result<_>>()?;
    let mut attached = Client::connect(&socket);
    let stream = "POST /containers/held/attach?stream=1&stdin=1&stdout=1&logs=1 HTTP/1.1\r\nHost: d\r\n";
    attached.send(format!("{stream}Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"));
    ensure!(attached.head().status == 101, "no stream");
    // Eight bytes say which stream it is.
    ensure!(attached.exactly(13).ends_with(b"here\n"), "not what the container says");
    let mut waiting = Client::connect(&socket);
    waiting.send("POST /containers/held/wait HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n");
    ensure!(waiting.head().status == 200, "the engine waits");
    let mut half = Client::connect(&socket);
    let length = 1 << 20;
    half.send(format!(
        "POST /containers/create?name=half HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{{\"Image\":\"{}",
        "x".repeat(length / 2)
    ));
    guard.kill()?;
    for one in asking {
        ensure!(one.join().is_ok(), "a client failed");
    }
    for mut client in [attached, waiting, half] {
        client.all();
    }
    Ok(before)
}

fn engine() -> Result<Engine> {
    let engine = Engine::start()?;
    engine.import_busybox()?;
    engine.run_detached(&["--name", "held", "--interactive", IMAGE, "sh", "-c", "echo here; cat"])?;
    Ok(engine)
}

#[test]
fn a_guard_killed_at_work_leaves_nobody_a_way_to_the_engine_until_it_is_restored_as_it_was() -> Result<()> {
    let engine = engine()?;
    let socket = engine.socket();
    let before = kill_at_work(&engine, &[])?;
    for _ in 0..BUSY {
        let refused = UnixStream::connect(&socket).map_err(|error| error.kind());
        ensure!(matches!(refused, Err(ErrorKind::ConnectionRefused)), "{refused:?}");
    }
    let restored = restore(&socket)?;
    ensure!(restored, "it was not restored");
    ensure!(state(&socket)? == before, "{:?} instead of {before:?}", state(&socket)?);
    ensure!(engine.docker(&["ps", "--all", "--quiet"])?.lines().count() == 1, "something was made");
    Ok(())
}

/// `vigie guard restore`, away from what may be installed on this host.
fn restore(socket: &Path) -> Result<bool> {
    let mut restore: Command = vigie();
    let elsewhere = tempfile::tempdir()?;
    restore.args(["guard", "restore", "--root"]).arg(elsewhere.path()).arg("--socket").arg(socket);
    Ok(restore.status()?.success())
}

#[test]
fn a_guard_that_fails_open_and_is_killed_at_work_leaves_the_engines_socket_as_it_was() -> Result<()> {
    let engine = engine()?;
    let socket = engine.socket();
    let before = kill_at_work(&engine, &["--fail", "open"])?;
    let deadline = Instant::now() + PATIENCE;
    while state(&socket)? != before {
        ensure!(Instant::now() < deadline, "{:?} instead of {before:?}", state(&socket)?);
        std::thread::yield_now();
    }
    ensure!(engine.docker(&["ps", "--all", "--quiet"])?.lines().count() == 1, "something was made");
    Ok(())
}

#[test]
fn who_stands_by_goes_with_a_guard_that_ends_well() -> Result<()> {
    let engine = Engine::start()?;
    let before = state(&engine.socket())?;
    let guard = Guard::take(&engine.socket(), &["--fail", "open"])?;
    let children = format!("/proc/{0}/task/{0}/children", guard.child.id());
    let child = fs::read_to_string(children)?.trim().to_owned();
    ensure!(!child.is_empty(), "nobody stands by");
    let stat = fs::read_to_string(format!("/proc/{child}/stat"))?;
    let session = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(3));
    ensure!(session == Some(child.as_str()), "its session is its own: {stat}");
    guard.end()?;
    ensure!(!Path::new("/proc").join(child).exists(), "it is still there");
    ensure!(state(&engine.socket())? == before, "it is as it was");
    Ok(())
}

#[test]
fn an_engine_that_is_started_anew_behind_its_guard_is_taken_again_and_told() -> Result<()> {
    let mut engine = Engine::start()?;
    let socket = engine.socket();
    let alerts = tempfile::tempdir()?;
    let file = alerts.path().join("alerts");
    let guard = Guard::take(&socket, &["--file", file.to_str().context("not UTF-8")?])?;
    engine.restart()?;
    guard.wait_for("clients do not come to the guard any more")?;
    guard.wait_for("clients come to the guard again")?;
    let denied = Client::connect(&socket)
        .post("/containers/create", r#"{"Image":"i","HostConfig":{"Privileged":true}}"#);
    ensure!(denied.status == 403, "{denied:?}");
    ensure!(Client::connect(&socket).get("GET /_ping").status == 200, "the new engine answers");
    guard.end()?;
    let told = fs::read_to_string(&file)?;
    let place: Vec<_> = told.lines().filter(|line| line.contains("the guard")).collect();
    ensure!(place.len() == 2, "{told}");
    ensure!(engine.docker(&["ps", "--quiet"])?.is_empty(), "the new engine's socket works");
    ensure!(!socket.with_file_name("vigie-guard").exists(), "something is left");
    Ok(())
}
