//! What the engine says, and what is said for an engine that says nothing: row 84, the daemon's side.

use super::place::Place;

#[test]
fn answers_come_as_the_engine_gave_them() {
    let place = Place::strict();
    let mut client = place.client();
    let ping = client.get("GET /_ping");
    assert_eq!((ping.status, ping.body.as_str()), (200, "OK"));
    assert!(ping.head.contains("api-version: 1.41\r\n"), "{ping:?}");
    let head = client.get("HEAD /_ping");
    assert!(
        head.head.contains("content-length: 2\r\n") && head.head.contains("api-version: 1.41\r\n"),
        "{head:?}"
    );
    let list = client.get("GET /containers/json");
    assert_eq!((list.status, list.body.as_str()), (200, "[]"));
    let failed = client.get("GET /exec/failed/json");
    assert_eq!((failed.status, failed.message().as_str()), (500, "bad"));
    assert_eq!(client.get("GET /_ping").status, 200);
    place.assert_only_judged_arrived();
}

#[test]
fn an_old_client_gets_the_end_of_the_connection() {
    let place = Place::strict();
    let mut client = place.client();
    client.send("GET /containers/json HTTP/1.0\r\n\r\n");
    let answer = client.answer();
    assert_eq!((answer.status, answer.body.as_str()), (200, "[]"));
    assert!(answer.head.contains("connection: close\r\n") && !answer.head.contains("chunked"), "{answer:?}");
}

#[test]
fn a_client_that_says_it_is_the_last_is_believed() {
    let place = Place::strict();
    let mut client = place.client();
    client.send(
        "GET /info HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\nGET /info HTTP/1.1\r\nHost: d\r\n\r\n",
    );
    assert!(client.answer().head.contains("connection: close\r\n"));
    assert!(client.all().is_empty());
    assert_eq!(place.daemon().lines().len(), 1);
}

#[test]
fn an_engine_that_makes_no_sense_is_told_and_the_next_request_is_served() {
    let place = Place::strict();
    let mut client = place.client();
    for path in ["rubbish", "nothing", "unasked"] {
        let answer = client.get(&format!("GET /exec/{path}/json"));
        assert_eq!(answer.status, 502, "{path}: {answer:?}");
        assert!(answer.message().contains("the engine"), "{path}: {answer:?}");
        assert_eq!(client.get("GET /_ping").status, 200, "{path}");
    }
    assert_eq!(place.guard.counters.engine_errors.get(), 3);
}

#[test]
fn an_answer_that_breaks_off_is_not_made_whole() {
    let place = Place::strict();
    let mut client = place.client();
    client.send("GET /exec/short/json HTTP/1.1\r\nHost: d\r\n\r\n");
    let head = client.head();
    assert!(head.head.contains("content-length: 100\r\n"), "{head:?}");
    assert_eq!(client.all(), b"short");
}

#[test]
fn an_engine_that_is_gone_is_told() {
    let place = Place::permissive("/nonexistent/vigie/engine.sock".as_ref());
    let mut client = place.client();
    for _ in 0..2 {
        let answer = client.get("GET /_ping");
        assert_eq!(answer.status, 502);
        let message = answer.message();
        assert!(
            message.starts_with("vigie: cannot reach the engine at /nonexistent/vigie/engine.sock: "),
            "{message}"
        );
    }
    // A body that was not read cannot be followed by a request.
    client.send("PUT /containers/x/archive HTTP/1.1\r\nHost: d\r\nContent-Length: 9\r\n\r\n");
    assert_eq!(client.answer().status, 502);
    assert!(client.all().is_empty());
}
