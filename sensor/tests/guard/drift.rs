//! What a guard does with a container that is not what was allowed. No real engine makes such a one, so this one is a
//! mock: it answers every create with a privileged container.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::client::Client;

const CREATED: &str = r#"{"Id":"c0ffee","Warnings":[]}"#;
const PRIVILEGED: &str = r#"{"Id":"c0ffee","Created":"NOW","Config":{"Image":"i"},"HostConfig":{"Privileged":true,"MaskedPaths":["/proc/kcore"],"ReadonlyPaths":["/proc/sys"]}}"#;

/// An engine that makes privileged containers. What is sent to it is noted, and answered once the test says so.
struct Liar {
    lines: Arc<Mutex<Vec<String>>>,
    heard: Receiver<String>,
}

impl Liar {
    /// Answers each create once something can be received.
    fn listen(at: &Path, release: Receiver<()>) -> Self {
        let listener = UnixListener::bind(at).unwrap();
        let (hear, heard) = channel();
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let (noted, release) = (Arc::clone(&lines), Arc::new(Mutex::new(release)));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (noted, hear, release) = (Arc::clone(&noted), hear.clone(), Arc::clone(&release));
                let is_gone = noted.lock().unwrap().iter().any(|line| line == REMOVE);
                std::thread::spawn(move || {
                    // A look at whether anybody listens sends nothing.
                    let Some((line, stream)) = read(stream.unwrap()) else { return };
                    noted.lock().unwrap().push(line.clone());
                    // A test that is over hears nothing more.
                    drop(hear.send(line.clone()));
                    if line.starts_with(CREATE) {
                        // A test that is over lets it go.
                        release.lock().unwrap().recv().unwrap_or_default();
                    }
                    lie(&line, is_gone, stream);
                });
            }
        });
        Self { lines, heard }
    }

    /// Waits until it is asked for this.
    fn hears(&self, what: &str) {
        while self.heard.recv().unwrap() != what {}
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

/// A request's line, without the protocol, and where its answer goes.
fn read(stream: UnixStream) -> Option<(String, UnixStream)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).unwrap_or_default() == 0 {
        return None;
    }
    let (mut length, mut header) = (0, String::new());
    while reader.read_line(&mut header).unwrap() > 2 {
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        header.clear();
    }
    reader.by_ref().take(length).read_to_end(&mut Vec::new()).unwrap();
    Some((line.trim_end().trim_end_matches(" HTTP/1.1").to_owned(), reader.into_inner()))
}

fn lie(line: &str, is_gone: bool, mut stream: UnixStream) {
    let (status, body) = match line {
        CREATE | CREATE_NAMED => ("201 Created", CREATED.to_owned()),
        LOOK | LOOK_BY_NAME if !is_gone => {
            ("200 OK", PRIVILEGED.replace("NOW", &jiff::Timestamp::now().to_string()))
        }
        LOOK_AT_OLD => ("200 OK", r#"{"Id":"01d","Created":"2020-01-01T00:00:00Z"}"#.to_owned()),
        REMOVE | START | START_OLD => ("204 No Content", String::new()),
        _ => ("404 Not Found", r#"{"message":"no"}"#.to_owned()),
    };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    // A client that is gone gets none.
    drop(stream.write_all(answer.as_bytes()));
}

/// A guard before such an engine.
struct Guarded {
    directory: TempDir,
    guard: Child,
    liar: Liar,
    /// Lets it answer a create.
    release: Sender<()>,
}

impl Guarded {
    fn start(mode: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let (release, released) = channel();
        let liar = Liar::listen(&at("engine.sock"), released);
        let guard = start(&at("guard.sock"), &at("engine.sock"), &at("alerts"), mode);
        Self { directory, guard, liar, release }
    }

    fn client(&self) -> Client {
        Client::connect(&self.directory.path().join("guard.sock"))
    }

    /// Stops the guard, which first looks at everything that was made; gives what it told, and what the engine was asked.
    fn stop(mut self) -> (String, Vec<String>) {
        kill_process(Pid::from_child(&self.guard), Signal::TERM).unwrap();
        assert!(self.guard.wait().unwrap().success());
        (std::fs::read_to_string(self.directory.path().join("alerts")).unwrap(), self.liar.lines())
    }
}

fn start(listen: &Path, engine: &Path, alerts: &Path, mode: &str) -> Child {
    let binary = std::env::var("VIGIE_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_vigie").to_owned());
    let mut command = Command::new(binary);
    command.arg("guard").arg("--listen").arg(listen).arg("--upstream").arg(engine);
    command.args(["--mode", mode, "--output", "json", "--file"]).arg(alerts);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut errors = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(errors.any(|line| line.unwrap().contains("mode ")), "it did not start");
    std::thread::spawn(move || errors.for_each(drop));
    child
}

const BODY: &str = r#"{"Image":"i","HostConfig":{}}"#;
const CREATE: &str = "POST /containers/create";
const CREATE_NAMED: &str = "POST /containers/create?name=web";
const LOOK: &str = "GET /containers/c0ffee/json";
const LOOK_BY_NAME: &str = "GET /containers/web/json";
const LOOK_AT_OLD: &str = "GET /containers/01d/json";
const REMOVE: &str = "DELETE /containers/c0ffee?force=1";
const START: &str = "POST /containers/c0ffee/start";
const START_OLD: &str = "POST /containers/01d/start";

#[test]
fn a_container_of_a_mock_engine_that_makes_more_than_was_allowed_is_removed_and_told() {
    let guarded = Guarded::start("enforce");
    guarded.release.send(()).unwrap();
    let answer = guarded.client().post("/containers/create", BODY);
    assert_eq!((answer.status, answer.body.as_str()), (201, CREATED));
    let started = guarded.client().get(START);
    assert_eq!(started.status, 403, "{started:?}");
    assert!(
        started.body.contains("Privileged: true, which was not asked for; it was removed"),
        "{started:?}"
    );
    let (alerts, lines) = guarded.stop();
    assert_eq!(lines, [CREATE, LOOK, REMOVE, LOOK], "the last one is the rules'");
    let alert: serde_json::Value = serde_json::from_str(&alerts).unwrap();
    assert_eq!(alert["rule"], "Docker container other than allowed");
    let fields = &alert["output_fields"];
    assert_eq!(fields["vigie.guard.drift"], "Privileged: true, which was not asked for");
    assert_eq!(
        (&fields["vigie.guard.stopped"], &fields["proc.pid"]),
        (&true.into(), &std::process::id().into())
    );
}

#[test]
fn a_container_of_a_mock_engine_is_looked_at_also_when_its_maker_is_gone() {
    let guarded = Guarded::start("enforce");
    let mut client = guarded.client();
    client.send(format!(
        "POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    ));
    guarded.liar.hears(CREATE);
    drop(client);
    // Before it can answer, somebody asks for it.
    let mut other = guarded.client();
    other.send(format!("{START} HTTP/1.1\r\nHost: d\r\n\r\n"));
    guarded.liar.hears(LOOK);
    guarded.release.send(()).unwrap();
    assert_eq!(other.answer().status, 403);
    let (_, lines) = guarded.stop();
    assert_eq!(lines, [CREATE, LOOK, LOOK, REMOVE, LOOK], "for its age, for what it is, and for the rules");
}

#[test]
fn nobody_uses_a_container_of_a_mock_engine_by_its_name_before_it_was_looked_at() {
    let guarded = Guarded::start("enforce");
    let maker = guarded.client();
    std::thread::scope(|scope| {
        scope.spawn(move || maker.post("/containers/create?name=web", BODY));
        guarded.liar.hears(CREATE_NAMED);
        let mut other = guarded.client();
        other.send("POST /containers/web/start HTTP/1.1\r\nHost: d\r\n\r\n");
        guarded.liar.hears(LOOK_BY_NAME);
        // Those that were there before are used meanwhile, and none that is not there.
        assert_eq!(guarded.client().get(START_OLD).status, 204);
        let missing = guarded.client().get("POST /containers/abc/start");
        assert_eq!((missing.status, missing.message().as_str()), (404, "No such container: abc"));
        guarded.release.send(()).unwrap();
        assert_eq!(other.answer().status, 404, "it is gone");
    });
    let (_, lines) = guarded.stop();
    let place = |line: &str| lines.iter().position(|known| known == line);
    assert!(place(REMOVE).is_some() && place(REMOVE) < place("POST /containers/web/start"), "{lines:?}");
}

#[test]
fn in_an_audit_a_container_of_a_mock_engine_that_makes_more_is_only_told() {
    let guarded = Guarded::start("audit");
    guarded.release.send(()).unwrap();
    assert_eq!(guarded.client().post("/containers/create", BODY).status, 201);
    let (alerts, lines) = guarded.stop();
    assert_eq!(lines, [CREATE, LOOK]);
    let alert: serde_json::Value = serde_json::from_str(&alerts).unwrap();
    assert_eq!(alert["output_fields"]["vigie.guard.stopped"], false);
}
