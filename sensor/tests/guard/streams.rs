//! Row 79: requests behind each other, and what is no request any more; streams, and how they end.

use super::place::Place;

const ATTACH: &str =
    "POST /containers/x/attach?stream=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
const FORBIDDEN: &str = "POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n\
                         Content-Length: 34\r\n\r\n{\"HostConfig\":{\"Privileged\":true}}";

#[test]
fn a_forbidden_request_behind_an_allowed_one_is_judged_for_itself() {
    let place = Place::strict();
    let mut client = place.client();
    let ping = "GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n";
    client.send(format!("{ping}{FORBIDDEN}{ping}"));
    assert_eq!([client.answer().status, client.answer().status, client.answer().status], [200, 403, 200]);
    // The same, one after the other.
    client.send(FORBIDDEN);
    assert_eq!(client.answer().status, 403);
    assert_eq!(client.get("GET /info").status, 200);
    assert_eq!(place.daemon().lines(), ["GET /_ping HTTP/1.1", "GET /_ping HTTP/1.1", "GET /info HTTP/1.1"]);
    place.assert_only_judged_arrived();
}

#[test]
fn a_request_within_a_stream_is_bytes() {
    let place = Place::strict();
    for together in [true, false] {
        let mut client = place.client();
        if together {
            client.send(format!("{ATTACH}{FORBIDDEN}"));
        } else {
            client.send(ATTACH);
        }
        let answer = client.head();
        assert_eq!(answer.status, 101);
        assert!(
            answer.head.contains("upgrade: tcp\r\n") && answer.head.contains("raw-stream\r\n"),
            "{answer:?}"
        );
        if !together {
            client.send(FORBIDDEN);
        }
        client.finish();
        assert_eq!(client.all(), format!("hello {FORBIDDEN}").into_bytes(), "it came back as it went");
    }
    assert_eq!(place.judged().len(), 2, "only the two requests to attach were judged");
    let records = place.daemon().records();
    assert_eq!(records.len(), 2);
    for record in records {
        assert_eq!(record.line(), "POST /containers/x/attach?stream=1 HTTP/1.1");
        assert_eq!(record.rest(), FORBIDDEN.as_bytes());
    }
}

#[test]
fn a_stream_that_was_not_allowed_is_none() {
    let place = Place::strict();
    let mut client = place.client();
    // An upgrade where there is none: an ordinary request, of which the daemon sees nothing of the sort.
    client.send("GET /info HTTP/1.1\r\nHost: d\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    // A protocol that the endpoint does not speak.
    client.send(ATTACH.replace("tcp", "h2c"));
    assert_eq!(client.answer().status, 502, "the daemon switches, but nobody asked it");
    for record in place.daemon().records() {
        let head = record.head().to_ascii_lowercase();
        assert!(!head.contains("upgrade") && !head.contains("http2"), "{head}");
    }
    assert_eq!(client.get("GET /_ping").status, 200);
}

#[test]
fn a_build_session_speaks_its_own_protocol_once_it_is_allowed() {
    let place = Place::strict();
    let mut client = place.client();
    client.send(
        "POST /session HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\
         X-Docker-Expose-Session-Uuid: 7\r\nX-Docker-Expose-Session-Grpc-Method: /a\r\n\
         X-Docker-Expose-Session-Grpc-Method: /b\r\n\r\n",
    );
    assert_eq!(client.head().status, 101);
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert_eq!(client.exactly(24), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    let head = place.daemon().records()[0].head().to_ascii_lowercase();
    for wanted in ["upgrade: h2c", "session-uuid: 7", "grpc-method: /a", "grpc-method: /b"] {
        assert!(head.contains(wanted), "{head}");
    }
}

#[test]
fn an_old_client_gets_the_stream_behind_a_plain_answer() {
    let place = Place::strict();
    let mut client = place.client();
    client.send("POST /containers/x/attach HTTP/1.1\r\nHost: d\r\n\r\n");
    let answer = client.head();
    assert_eq!(answer.status, 200);
    assert!(answer.head.contains("raw-stream\r\n") && !answer.head.contains("upgrade"), "{answer:?}");
    client.send("in");
    client.finish();
    assert_eq!(client.all(), b"hello in");
}

#[test]
fn a_stream_ends_for_the_engine_when_the_client_is_gone() {
    let place = Place::strict();
    let mut client = place.client();
    client.send(ATTACH);
    assert_eq!(client.head().status, 101);
    drop(client);
    place.daemon().wait(|records| records.iter().all(|record| record.ended));
    place.wait_for_ends(1);
}

#[test]
fn every_piece_of_an_answer_comes_when_it_is_there() {
    let place = Place::strict();
    let mut client = place.client();
    client.send("GET /events HTTP/1.1\r\nHost: d\r\n\r\n");
    assert_eq!(client.head().status, 200);
    for piece in ["one\n", "two\n", "three\n"] {
        place.daemon().go_on.add_permits(1);
        assert_eq!(client.chunk(), piece.as_bytes());
    }
    assert_eq!(client.chunk(), b"");
    assert_eq!(client.get("GET /_ping").status, 200);
}

#[test]
fn the_engine_learns_that_a_silent_clients_answer_is_for_nobody() {
    let place = Place::strict();
    let mut client = place.client();
    client.send("GET /events HTTP/1.1\r\nHost: d\r\n\r\n");
    assert_eq!(client.head().status, 200);
    drop(client);
    place.daemon().wait(|records| records.iter().all(|record| record.ended));
    place.wait_for_ends(1);
}

#[test]
fn a_client_that_has_said_everything_gets_its_answer() {
    let place = Place::strict();
    let mut client = place.client();
    client.send("GET /events HTTP/1.1\r\nHost: d\r\n\r\n");
    client.finish();
    place.daemon().go_on.add_permits(3);
    assert_eq!(client.answer().body, "one\ntwo\nthree\n");
    assert!(client.all().is_empty());
}
