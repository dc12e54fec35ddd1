//! Off, audit, enforce; and the end.

use sensor::guard::Mode;
use sensor::guard::proxy::Limits;

use super::place::Place;

const PRIVILEGED: &str = "POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n\
                          Content-Length: 34\r\n\r\n{\"HostConfig\":{\"Privileged\":true}}";

#[test]
fn audit_tells_and_passes_on_but_for_what_has_no_reading() {
    let place = Place::recording(Mode::Audit, Limits::default());
    let mut client = place.client();
    client.send(PRIVILEGED);
    assert_eq!(client.answer().status, 200);
    client
        .send("POST /nothing/known HTTP/1.1\r\nHost: d\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nxx");
    assert_eq!(client.answer().status, 200);
    assert_eq!(client.get("get /info").status, 400);
    assert!(client.all().is_empty());
    let judged = [("container.create", "/containers/create"), ("unknown", "/nothing/known")];
    assert_eq!(place.judged(), judged.map(|(name, uri)| (name.to_owned(), uri.to_owned(), false)));
    let records = place.daemon().records();
    assert_eq!(records.len(), 2);
    assert!(records[1].head().to_ascii_lowercase().contains("content-type: a/b"));
    assert_eq!((place.guard.counters.passed_in_audit.get(), place.guard.counters.denied.get()), (2, 0));
}

#[test]
fn off_judges_nothing_and_still_refuses_what_has_no_reading() {
    let place = Place::recording(Mode::Off, Limits::default());
    let mut client = place.client();
    client.send(PRIVILEGED);
    assert_eq!(client.answer().status, 200);
    assert_eq!(client.get("GET /info?;").status, 400);
    assert_eq!((place.judged(), place.refused()), (vec![], vec![400]));
    assert_eq!(place.daemon().lines(), ["POST /containers/create HTTP/1.1"]);
}

#[test]
fn a_guard_that_stops_ends_what_runs_and_takes_nothing_new() {
    let mut place = Place::strict();
    let (mut idle, mut running) = (place.client(), place.client());
    assert_eq!(idle.get("GET /_ping").status, 200);
    running.send("GET /events HTTP/1.1\r\nHost: d\r\n\r\n");
    assert_eq!(running.head().status, 200);
    place.stop();
    assert!(idle.all().is_empty(), "a connection without a request is closed");
    assert!(!place.socket.exists(), "the socket is gone");
    place.daemon().go_on.add_permits(3);
    for piece in ["one\n", "two\n", "three\n", ""] {
        assert_eq!(running.chunk(), piece.as_bytes());
    }
    assert!(running.all().is_empty());
    place.join();
}

#[test]
fn a_guard_that_stops_waits_for_nobody_for_long() {
    let mut place =
        Place::recording(Mode::Enforce, Limits { grace: std::time::Duration::ZERO, ..Limits::default() });
    let mut client = place.client();
    client.send("GET /events HTTP/1.1\r\nHost: d\r\n\r\n");
    assert_eq!(client.head().status, 200);
    place.stop();
    place.join();
    assert!(client.all().is_empty());
}
