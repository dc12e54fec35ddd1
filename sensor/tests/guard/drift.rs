//! What a guard does with a container that is not what was allowed. No real engine makes such a one, so this one is a
//! mock: it answers every create with a privileged container.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal, kill_process};

use super::client::Client;

const CREATED: &str = r#"{"Id":"c0ffee","Warnings":[]}"#;
const PRIVILEGED: &str = r#"{"Id":"c0ffee","Config":{"Image":"i"},"HostConfig":{"Privileged":true,"MaskedPaths":["/proc/kcore"],"ReadonlyPaths":["/proc/sys"]}}"#;

/// Answers requests for as long as there are any, and notes their first lines.
fn lie(listener: &UnixListener, lines: &Mutex<Vec<String>>) {
    for stream in listener.incoming() {
        let mut reader = BufReader::new(stream.unwrap());
        let mut line = String::new();
        // A look at whether anybody listens sends nothing.
        if reader.read_line(&mut line).unwrap_or_default() == 0 {
            continue;
        }
        let (mut length, mut header) = (0, String::new());
        while reader.read_line(&mut header).unwrap() > 2 {
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap();
            }
            header.clear();
        }
        reader.by_ref().take(length).read_to_end(&mut Vec::new()).unwrap();
        let (status, body) = match line.split(' ').collect::<Vec<_>>()[..2] {
            ["POST", "/containers/create"] => ("201 Created", CREATED),
            ["GET", "/containers/c0ffee/json"] => ("200 OK", PRIVILEGED),
            ["DELETE", "/containers/c0ffee?force=1"] => ("204 No Content", ""),
            _ => ("404 Not Found", r#"{"message":"no"}"#),
        };
        lines.lock().unwrap().push(line.trim_end().to_owned());
        answer(reader.into_inner(), status, body);
    }
}

fn answer(mut stream: UnixStream, status: &str, body: &str) {
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).unwrap();
}

/// What came of a create in this mode: the answer's status and body, the alerts, and what the engine was asked.
fn create(mode: &str) -> (u16, String, String, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let (listener, noted) = (UnixListener::bind(at("engine.sock")).unwrap(), Arc::clone(&lines));
    std::thread::spawn(move || lie(&listener, &noted));
    let mut guard = start(&at("guard.sock"), &at("engine.sock"), &at("alerts"), mode);
    let answer =
        Client::connect(&at("guard.sock")).post("/containers/create", r#"{"Image":"i","HostConfig":{}}"#);
    kill_process(Pid::from_child(&guard), Signal::TERM).unwrap();
    assert!(guard.wait().unwrap().success());
    let lines =
        lines.lock().unwrap().iter().map(|line| line.trim_end_matches(" HTTP/1.1").to_owned()).collect();
    (answer.status, answer.body, std::fs::read_to_string(at("alerts")).unwrap(), lines)
}

fn start(listen: &Path, engine: &Path, alerts: &Path, mode: &str) -> std::process::Child {
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

const CREATE: &str = "POST /containers/create";
const LOOK: &str = "GET /containers/c0ffee/json";

#[test]
fn a_container_of_a_mock_engine_that_makes_more_than_was_allowed_is_removed_and_told() {
    let (status, body, alerts, lines) = create("enforce");
    assert_eq!(status, 403, "{body}");
    assert!(body.contains("Privileged: true, which was not asked for; it was removed"), "{body}");
    assert_eq!(lines, [CREATE, LOOK, "DELETE /containers/c0ffee?force=1"]);
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
fn in_an_audit_a_container_of_a_mock_engine_that_makes_more_is_only_told() {
    let (status, body, alerts, lines) = create("audit");
    assert_eq!((status, body.as_str()), (201, CREATED));
    assert_eq!(lines, [CREATE, LOOK]);
    let alert: serde_json::Value = serde_json::from_str(&alerts).unwrap();
    assert_eq!(alert["output_fields"]["vigie.guard.stopped"], false);
}
