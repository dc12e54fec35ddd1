//! The guard under test, its engine's stand-in, and programs that connect.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::{
        ffi::OsStrExt,
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{Assembly, Kept, Place, call, ended, in_guest, vigie_path};

/// `EPERM`, as the exit code of a program that connects.
pub(crate) const EPERM: i32 = 1;

/// `vigie guard` that runs.
#[derive(Debug)]
pub(crate) struct Guard {
    child: Child,
    errors: BufReader<ChildStderr>,
    /// What it said until it listened.
    pub(crate) said: Vec<String>,
    /// Where clients connect.
    pub(crate) socket: PathBuf,
    alerts: PathBuf,
    audit: PathBuf,
}

/// What a guard that has ended left.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) said: Vec<String>,
    pub(crate) alerts: Vec<Value>,
    pub(crate) verdicts: Vec<Value>,
}

impl Guard {
    /// Starts it with a lock-down and these options before this engine, and waits until it listens.
    pub(crate) fn start(place: &Place, engine: &Path, options: &[&str]) -> Self {
        let [socket, alerts, audit] = ["guard.sock", "alerts", "audit"].map(|name| place.join(name));
        let mut command = Command::new(vigie_path());
        command.args(["guard", "--lock-down", "--output", "json"]).args(options);
        command.arg("--listen").arg(&socket).arg("--upstream").arg(engine);
        command.arg("--file").arg(&alerts).arg("--audit-log").arg(&audit);
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let mut guard = Self { child, errors, said: Vec::new(), socket, alerts, audit };
        guard.wait_until_it_listens();
        guard
    }

    fn wait_until_it_listens(&mut self) {
        loop {
            let mut line = String::new();
            assert!(self.errors.read_line(&mut line).unwrap() > 0, "it did not start: {:?}", self.said);
            let listens = line.contains(" -> ");
            self.said.push(line);
            if listens {
                return;
            }
        }
    }

    /// Whether it says that others are kept out. Every kernel of the guests can do it.
    pub(crate) fn is_on(&self) -> bool {
        let says = |word: &str| self.said.iter().any(|line| line.contains(word));
        let (on, off) = (says("lock-down: on"), says("lock-down: off: "));
        assert!(on != off, "{:?}", self.said);
        assert!(on || !in_guest(), "{:?}", self.said);
        on
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Kills it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends it as a service manager does.
    pub(crate) fn end(mut self) -> Left {
        self.signal(Signal::TERM);
        let mut rest = String::new();
        self.errors.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
        let mut said = std::mem::take(&mut self.said);
        said.extend(rest.lines().map(str::to_owned));
        let lines = |path: &Path| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        Left { said, alerts: lines(&self.alerts), verdicts: lines(&self.audit) }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // A test that failed leaves it running; one that ended has been waited for.
        if let Ok(None) = self.child.try_wait() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// The rule that tells of those who go past the guard.
const RULE: &str = "Connection to a container engine past the guard";

impl Left {
    /// The alerts on these processes, in order: who, whether refused, at which socket.
    pub(crate) fn past(&self) -> Vec<(u32, bool, &str)> {
        let ours = self.alerts.iter().filter(|alert| alert["rule"] == RULE);
        let each = ours.map(|alert| &alert["output_fields"]).map(|fields| {
            let pid = u32::try_from(fields["proc.pid"].as_u64().unwrap()).unwrap();
            (pid, fields["vigie.guard.stopped"].as_bool().unwrap(), fields["fd.name"].as_str().unwrap())
        });
        each.collect()
    }

    /// A counter of the last line.
    #[track_caller]
    pub(crate) fn count(&self, name: &str) -> u64 {
        let last = self.said.last().unwrap();
        let word = last.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        word.unwrap_or_else(|| panic!("no {name} in {last}")).parse().unwrap()
    }
}

/// A `sockaddr_un`.
pub(crate) fn address(program: &mut Assembly, path: &Path) -> (u64, u64) {
    let bytes = [&1_u16.to_le_bytes(), path.as_os_str().as_bytes(), b"\0"].concat();
    (program.bytes(&bytes), bytes.len() as u64)
}

/// Connects a new socket, which is kept; a failure is the exit code.
pub(crate) fn connect(program: &mut Assembly, path: &Path) {
    let (address, len) = address(program, path);
    program.must(call::SOCKET, &[1.into(), 1.into(), 0.into()]);
    program.keep();
    program.must(call::CONNECT, &[Kept.into(), address.into(), len.into()]);
}

/// A program of its own that connects by this name and ends.
pub(crate) fn client(place: &Place, name: &str, path: &Path) -> PathBuf {
    let mut program = Assembly::default();
    connect(&mut program, path);
    program.exit(0);
    place.program(name, &program)
}

/// Runs it: who it was, and what came of it.
pub(crate) fn outcome(client: &Path) -> (u32, i32) {
    let ended = ended(&mut Command::new(client));
    (ended.pid, ended.status.code().unwrap())
}

/// Listens like an engine, and answers whatever is asked with 200.
pub(crate) fn stand_in(path: &Path) {
    let listener = UnixListener::bind(path).unwrap();
    std::thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(answer));
}

fn answer(stream: UnixStream) {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    // Those who only connect have nothing to say.
    while stream.read_line(&mut line).is_ok_and(|len| len > 0) {
        if line == "\r\n" {
            // Who asked may be gone.
            drop(stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"));
            return;
        }
        line.clear();
    }
}

/// What a client asks the engine.
pub(crate) const PING: &[u8] = b"GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n";

/// Asks the engine through the guard.
#[track_caller]
pub(crate) fn ping(guard: &Guard) {
    let mut client = UnixStream::connect(&guard.socket).unwrap();
    client.write_all(PING).unwrap();
    let mut said = String::new();
    client.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 200 "), "{said}");
}
