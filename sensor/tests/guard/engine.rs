//! `docker` through a guard that allows everything says what it says to the engine itself.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use anyhow::{Context, Result, ensure};

use super::common::engine::Engine;
use super::common::image::IMAGE;
use super::place::Place;

/// A `docker` command for the engine at this socket.
pub(crate) fn docker(socket: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("docker");
    command.env_remove("DOCKER_HOST").env_remove("DOCKER_CONTEXT").env("DOCKER_CONFIG", "/nonexistent/vigie");
    command.arg("--host").arg(format!("unix://{}", socket.display())).args(arguments);
    command
}

/// Starts it.
fn piped(socket: &Path, arguments: &[&str]) -> Result<(Child, ChildStdin)> {
    let mut command = docker(socket, arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdin = child.stdin.take().context("no input")?;
    Ok((child, stdin))
}

/// Runs it with this as the beginning of an input that does not end before it does.
fn with_open_input(socket: &Path, arguments: &[&str], input: &[u8]) -> Result<Output> {
    let (child, mut stdin) = piped(socket, arguments)?;
    stdin.write_all(input)?;
    let output = child.wait_with_output()?;
    drop(stdin);
    Ok(output)
}

/// Runs it with this as its input.
pub(crate) fn with_input(socket: &Path, arguments: &[&str], input: &[u8]) -> Result<Output> {
    let (child, mut stdin) = piped(socket, arguments)?;
    let input = input.to_vec();
    // A command that ends early does not read all of it.
    let writing = std::thread::spawn(move || stdin.write_all(&input).unwrap_or_default());
    let output = child.wait_with_output()?;
    ensure!(writing.join().is_ok(), "the input was not written");
    Ok(output)
}

/// Runs a command on a socket.
type Runner<'r> = &'r dyn Fn(&Path, &[&str]) -> Result<Output>;

/// An engine, and a guard before it.
struct Pair {
    engine: Engine,
    guard: Place,
}

impl Pair {
    fn start() -> Result<Self> {
        let engine = Engine::start()?;
        engine.import_busybox()?;
        let guard = Place::permissive(&engine.socket());
        Ok(Self { engine, guard })
    }

    /// Runs a command on the engine's socket and through the guard, and compares what it says and how it ends.
    fn same(&self, arguments: &[&str], input: &[u8]) -> Result<Output> {
        let direct = with_input(&self.engine.socket(), arguments, input)?;
        let guarded = with_input(&self.guard.socket, arguments, input)?;
        let name = arguments.join(" ");
        ensure!(direct.status.code() == guarded.status.code(), "{name}: {direct:?} and {guarded:?}");
        ensure!(direct.stdout == guarded.stdout, "{name}: {direct:?} and {guarded:?}");
        Ok(guarded)
    }

    /// Runs a command on either, in containers of their own: `{}` in the arguments is their name.
    fn same_in(&self, container: &[&str], arguments: &[&str], input: &[u8]) -> Result<Output> {
        self.same_in_by(container, arguments, &|socket, arguments| with_input(socket, arguments, input))
    }

    /// The same, run in this way.
    fn same_in_by(&self, container: &[&str], arguments: &[&str], run: Runner<'_>) -> Result<Output> {
        let mut outputs = Vec::new();
        for (name, socket) in [("direct", self.engine.socket()), ("guarded", self.guard.socket.clone())] {
            let start = [&["run", "--detach", "--network", "none", "--name", name], container].concat();
            let started = docker(&socket, &start).output()?;
            ensure!(started.status.success(), "{started:?}");
            let arguments: Vec<_> = arguments.iter().map(|word| word.replace("{}", name)).collect();
            let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
            outputs.push(run(&socket, &arguments)?);
            self.engine.docker(&["rm", "--force", name])?;
        }
        let (guarded, direct) = (outputs.pop().context("none")?, outputs.pop().context("none")?);
        let name = arguments.join(" ");
        ensure!(direct.status.code() == guarded.status.code(), "{name}: {direct:?} and {guarded:?}");
        ensure!(direct.stdout == guarded.stdout, "{name}: {direct:?} and {guarded:?}");
        Ok(guarded)
    }
}

const RUN: [&str; 4] = ["run", "--rm", "--network", "none"];
const IDLE: [&str; 3] = [IMAGE, "sleep", "1000"];

#[test]
fn docker_says_the_same_through_the_guard() -> Result<()> {
    let pair = Pair::start()?;
    let version = pair.same(&["version"], b"")?;
    ensure!(version.status.success() && !version.stdout.is_empty(), "{version:?}");
    pair.same(&["images"], b"")?;
    pair.same(&["inspect", IMAGE], b"")?;
    let run = |arguments: &[&'static str]| [&RUN[..], arguments].concat();
    ensure!(pair.same(&run(&[IMAGE, "echo", "hello"]), b"")?.stdout == b"hello\n", "no hello");
    ensure!(pair.same(&run(&[IMAGE, "sh", "-c", "exit 3"]), b"")?.status.code() == Some(3), "not 3");
    ensure!(!pair.same(&run(&["no.such/image"]), b"")?.status.success(), "there is no such image");
    // The input's end goes through, and more of it than fits into any buffer on the way.
    let input: Vec<u8> = (0..5_000_000_u32).flat_map(u32::to_le_bytes).take(5_000_000).collect();
    ensure!(pair.same(&run(&["-i", IMAGE, "cat"]), &input)?.stdout == input, "not what went in");
    // A command that ends before its input does.
    pair.same(&run(&["-i", IMAGE, "true"]), &input)?;
    let both = pair.same(&run(&[IMAGE, "sh", "-c", "echo out; echo err >&2"]), b"")?;
    ensure!((&*both.stdout, &*both.stderr) == (b"out\n", b"err\n"), "{both:?}");
    Ok(())
}

#[test]
fn streams_end_as_they_do_without_the_guard() -> Result<()> {
    let pair = Pair::start()?;
    let input: Vec<u8> = b"0123456789abcdef".repeat(100_000);
    let exec = pair.same_in(&IDLE, &["exec", "-i", "{}", "cat"], &input)?;
    ensure!(exec.stdout == input, "{} bytes came back", exec.stdout.len());
    ensure!(
        pair.same_in(&IDLE, &["exec", "{}", "sh", "-c", "exit 5"], b"")?.status.code() == Some(5),
        "not 5"
    );
    let speaking = [IMAGE, "sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done"];
    ensure!(pair.same_in(&speaking, &["logs", "-f", "{}"], b"")?.stdout == b"1\n2\n3\n", "logs");
    // With the end of the input the engine ends the output of a container that was started before.
    let answering = ["-i", IMAGE, "sh", "-c", "read line; echo got $line; exit 6"];
    let talk: Runner<'_> = &|socket, arguments| with_open_input(socket, arguments, b"to a container\n");
    let attached = pair.same_in_by(&answering, &["attach", "{}"], talk)?;
    ensure!(
        (attached.status.code(), &*attached.stdout) == (Some(6), b"got to a container\n"),
        "{attached:?}"
    );
    ensure!(pair.same_in(&[IMAGE, "sh", "-c", "exit 4"], &["wait", "{}"], b"")?.stdout == b"4\n", "wait");
    Ok(())
}

#[test]
fn files_go_in_and_come_out_as_they_are() -> Result<()> {
    let pair = Pair::start()?;
    let directory = tempfile::tempdir()?;
    let (file, back) = (directory.path().join("file"), directory.path().join("back"));
    let content: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(&file, &content)?;
    let name = |path: &Path| path.to_str().map(str::to_owned).context("not UTF-8");
    pair.same_in(&IDLE, &["cp", &name(&file)?, "{}:/tmp/file"], b"")?;
    let socket = &pair.guard.socket;
    pair.engine.run_detached(&["--name", "copy", IMAGE, "sleep", "1000"])?;
    for arguments in [["cp", &name(&file)?, "copy:/tmp/file"], ["cp", "copy:/tmp/file", &name(&back)?]] {
        let copied = docker(socket, &arguments).output()?;
        ensure!(copied.status.success(), "{copied:?}");
    }
    ensure!(fs::read(&back)? == content, "it is not the same file");
    let saved = pair.same(&["save", IMAGE], b"")?;
    let loaded = with_input(socket, &["load"], &saved.stdout)?;
    ensure!(loaded.status.success(), "{loaded:?}");
    Ok(())
}

#[test]
fn events_come_while_they_happen() -> Result<()> {
    let pair = Pair::start()?;
    let mut events =
        docker(&pair.guard.socket, &["events", "--format", "{{.Action}}", "--filter", "type=container"]);
    let mut child = events.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    // Until the command listens, nothing tells that it does: containers are made until one is seen.
    let seen = std::thread::scope(|scope| {
        let waiting = scope.spawn(move || lines.next());
        while !waiting.is_finished() {
            pair.engine.docker(&["rm", &pair.engine.docker(&["create", IMAGE, "true"])?])?;
        }
        waiting.join().ok().context("the reader failed")?.context("no events")?.map_err(Into::into)
    });
    child.kill()?;
    child.wait()?;
    let seen: String = seen.map_err(|error: anyhow::Error| error)?;
    ensure!(["create", "destroy"].contains(&&*seen), "{seen}");
    // The engine's own list of what was.
    let until = pair.engine.docker(&["info", "--format", "{{.SystemTime}}"])?;
    let past = pair.same(&["events", "--since", "0", "--until", &until], b"")?;
    ensure!(past.status.success() && !past.stdout.is_empty(), "{past:?}");
    Ok(())
}
