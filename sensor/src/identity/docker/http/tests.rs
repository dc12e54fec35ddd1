//! The client against fake engines that do everything wrong. Time is tokio's own, paused: it runs ahead only
//! when nothing else can happen, so a limit is reached exactly if the client would wait for ever.

use tokio::runtime::{Builder, Runtime};

use super::*;
use crate::identity::docker::fake::{FakeEngine, Reply, Script};
use crate::identity::docker::model::Info;
use crate::identity::docker::stream::{Line, Stream};

fn engine(fake: &FakeEngine, counters: &Arc<Counters>) -> Engine {
    let limits = Limits { body: 1000, line: 100, ..Limits::default() };
    Engine::new(fake.socket(), limits, Arc::clone(counters))
}

/// Asks a fake engine that answers everything with `reply`, and checks what is counted.
async fn ask(reply: Reply, count: Option<Count>) -> Result<Info, RequestError> {
    let counters = Arc::new(Counters::default());
    let fake = FakeEngine::start(Script::from([("/", reply)]));
    let answer = engine(&fake, &counters).get("/info").await;
    assert_eq!(counters.get(Count::Requests), 1);
    if let Some(count) = count {
        assert_eq!(counters.get(count), 1, "{count:?}, not {:?}", answer.as_ref().err());
    }
    answer
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

fn check(reply: Reply, count: Count, reason: Reason) {
    let error = current_thread().block_on(ask(reply, Some(count))).unwrap_err();
    assert_eq!(error.reason(), reason, "{error}");
    assert!(!error.to_string().is_empty());
}

#[test]
fn a_fake_engine_that_answers_is_read() {
    let whole = Reply::json(r#"{"CgroupDriver":"systemd"}"#);
    let chunked = Reply::Bytes(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"CgroupDriver\":\r\n\
          A\r\n\"systemd\"}\r\n0\r\n\r\n"
            .to_vec(),
    );
    for reply in [whole, chunked] {
        let info = current_thread().block_on(ask(reply, None)).unwrap();
        assert_eq!(info.cgroup_driver, "systemd");
    }
}

#[test]
fn a_fake_engine_that_hangs_is_given_up() {
    check(Reply::Open(Vec::new()), Count::TimedOut, Reason::TimedOut);
    check(Reply::Open(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()), Count::TimedOut, Reason::TimedOut);
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"Cgroup".to_vec();
    check(Reply::Open(half), Count::TimedOut, Reason::TimedOut);
}

#[test]
fn a_fake_engine_that_sends_garbage_is_counted() {
    for bytes in [
        &b"\xff\xfe\x00\x1b[2J\r\n\r\n"[..],
        b"SSH-2.0-OpenSSH\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{{{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n17x",
        b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n{\"CgroupDriver\":\"\xff\xfe\"}    ",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ] {
        check(Reply::Bytes(bytes.to_vec()), Count::Garbage, Reason::Garbage);
    }
}

#[test]
fn a_fake_engine_that_closes_early_is_counted() {
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"Cgroup".to_vec();
    check(Reply::Bytes(half), Count::Garbage, Reason::Garbage);
    let head = b"HTTP/1.1 200 OK\r\nContent-".to_vec();
    check(Reply::Bytes(head), Count::Garbage, Reason::Garbage);
}

#[test]
fn a_fake_engine_with_an_endless_answer_is_cut_off() {
    let chunk = b"10\r\n                \r\n".to_vec();
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    check(Reply::Endless(head, chunk), Count::TooLarge, Reason::Garbage);
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n".to_vec();
    check(Reply::Endless(announced, vec![b' '; 4096]), Count::TooLarge, Reason::Garbage);
    let headers = b"HTTP/1.1 200 OK\r\n".to_vec();
    check(Reply::Endless(headers, b"X-More: and more\r\n".to_vec()), Count::Garbage, Reason::Garbage);
}

#[test]
fn a_fake_engine_that_refuses_is_told_from_one_that_does_not_know() {
    check(Reply::status("404 Not Found"), Count::NotFound, Reason::UnknownId);
    check(Reply::status("500 Internal Server Error"), Count::Refused, Reason::Refused);
    check(Reply::status("301 Moved Permanently"), Count::Refused, Reason::Refused);
}

#[test]
fn no_engine_is_unreachable() {
    let counters = Arc::new(Counters::default());
    let directory = tempfile::tempdir().unwrap();
    let engine = Engine::new(directory.path().join("none.sock"), Limits::default(), Arc::clone(&counters));
    let error = current_thread().block_on(engine.get::<Info>("/info")).unwrap_err();
    assert_eq!((error.reason(), counters.get(Count::Unreachable)), (Reason::Unreachable, 1));
    assert!(error.to_string().contains("none.sock"), "{error}");
}

#[test]
fn a_fake_engine_streams_events_among_garbage() {
    current_thread().block_on(async {
        let counters = Arc::new(Counters::default());
        let long = "x".repeat(500);
        let lines = format!("{{\"Action\":\"create\"}}\n17\n{long}\n{{\"Action\":\"die\"}}\n{{\"Act");
        let reply = format!("HTTP/1.1 200 OK\r\n\r\n{lines}").into_bytes();
        let fake = FakeEngine::start(Script::from([("/events", Reply::Bytes(reply))]));
        let mut stream = Stream::open(&engine(&fake, &counters), None).await.unwrap();
        let mut seen = Vec::new();
        while let Some(line) = stream.next().await {
            seen.push(match line {
                Line::Event(event) => event.action,
                Line::Garbage => "garbage".to_owned(),
                Line::TooLong => "too long".to_owned(),
            });
        }
        assert_eq!(seen, ["create", "garbage", "too long", "die"]);
    });
}
