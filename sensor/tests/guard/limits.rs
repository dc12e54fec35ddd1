//! Row 84: clients that are slow, too many, or gone.

use std::time::Duration;

use sensor::guard::Mode;
use sensor::guard::proxy::Limits;

use super::place::Place;

/// Short enough to be waited for.
const SHORT: Duration = Duration::from_millis(50);

fn with(limits: Limits) -> Place {
    Place::recording(Mode::Enforce, limits)
}

#[test]
fn a_head_that_does_not_come_is_not_waited_for_and_others_are_served() {
    let place = with(Limits { head: SHORT, ..Limits::default() });
    let mut slow = place.client();
    slow.send("GET /_ping HTTP/1.1\r\nHos");
    assert_eq!(place.client().get("GET /_ping").status, 200);
    let answer = slow.answer();
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (408, "vigie: the head of the request did not come in time")
    );
    assert!(slow.all().is_empty());
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let create = "POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    for limits in [Limits { pause: SHORT, ..Limits::default() }, Limits { body: SHORT, ..Limits::default() }]
    {
        let place = with(limits);
        let mut slow = place.client();
        slow.send(create);
        assert_eq!(slow.answer().status, 408);
        assert!(slow.all().is_empty());
        assert_eq!(place.daemon().lines(), [""; 0]);
    }
}

#[test]
fn long_bodies_wait_for_room_and_short_ones_do_not() {
    let place = with(Limits { large: 0, body: SHORT, ..Limits::default() });
    let create = |length: usize| {
        let mut client = place.client();
        let body = format!("{{\"Image\":\"{}\"}}", "a".repeat(length));
        let kind = "Content-Type: application/json";
        client.send(format!(
            "POST /containers/create HTTP/1.1\r\nHost: d\r\n{kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        client.answer().status
    };
    assert_eq!(create(100 << 10), 408);
    assert_eq!(create(1 << 10), 200);
    assert_eq!(place.daemon().lines().len(), 1);
}

#[test]
fn a_stream_that_stops_coming_is_cut_off_for_the_engine_too() {
    let place = with(Limits { pause: SHORT, ..Limits::default() });
    let mut slow = place.client();
    slow.send("PUT /containers/x/archive HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\nabc");
    assert_eq!(slow.answer().status, 408);
    assert!(slow.all().is_empty());
    let records = place.daemon().wait(|records| records.iter().all(|record| record.ended));
    assert!(records[0].rest().len() < 100, "it is not whole: {records:?}");
}

#[test]
fn a_connection_without_a_request_is_closed() {
    let place = with(Limits { idle: SHORT, ..Limits::default() });
    let mut client = place.client();
    assert!(client.all().is_empty());
    let mut client = place.client();
    assert_eq!(client.get("GET /_ping").status, 200);
    assert!(client.all().is_empty());
    assert_eq!(place.refused(), [0; 0]);
}

#[test]
fn a_client_too_many_is_told_and_the_next_one_is_served() {
    let place = with(Limits { connections: 2, ..Limits::default() });
    let (mut one, mut two) = (place.client(), place.client());
    assert_eq!([one.get("GET /_ping").status, two.get("GET /_ping").status], [200, 200]);
    let mut three = place.client();
    let answer = three.answer();
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (503, "vigie: 2 connections are open already; try again later")
    );
    assert!(three.all().is_empty());
    drop(one);
    place.wait_for_end_of_one();
    assert_eq!(place.client().get("GET /_ping").status, 200);
    assert_eq!(place.guard.counters.busy.get(), 1);
}

#[test]
fn a_client_too_many_of_one_user_is_told_and_the_next_one_is_served() {
    let place = with(Limits { per_user: 1, ..Limits::default() });
    let mut one = place.client();
    assert_eq!(one.get("GET /_ping").status, 200);
    let mut two = place.client();
    let answer = two.answer();
    let user = rustix::process::geteuid().as_raw();
    let wanted = format!("vigie: user {user} has 1 connections open already; try again later");
    assert_eq!((answer.status, answer.message()), (503, wanted));
    drop(one);
    place.wait_for_end_of_one();
    assert_eq!(place.client().get("GET /_ping").status, 200);
    assert_eq!((place.guard.counters.busy.get(), place.guard.counters.busy_user.get()), (0, 1));
}

#[test]
fn a_client_that_goes_within_a_body_takes_the_engines_request_with_it() {
    let place = Place::strict();
    for (count, head) in ["Content-Length: 100", "Transfer-Encoding: chunked"].into_iter().enumerate() {
        let mut client = place.client();
        client.send(format!("PUT /containers/x/archive HTTP/1.1\r\nHost: d\r\n{head}\r\n\r\n5\r\nhello\r\n"));
        // Some of it is there before the client goes.
        place
            .daemon()
            .wait(|records| records.get(count).is_some_and(|record| !record.rest_or_nothing().is_empty()));
        drop(client);
        let records = place.daemon().wait(|records| records.iter().all(|record| record.ended));
        assert!(!records[count].bytes.ends_with(b"0\r\n\r\n"), "it does not look whole: {records:?}");
    }
    let mut client = place.client();
    client.send("POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\n{");
    drop(client);
    place.wait_for_ends(3);
    assert_eq!(place.daemon().records().len(), 2);
}

#[test]
fn a_client_that_waits_to_be_told_is_told_once_it_is_allowed() {
    let place = Place::strict();
    let mut client = place.client();
    client.send(
        "PUT /containers/x/archive HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
    );
    assert_eq!(client.head().status, 100);
    client.send("abc");
    assert_eq!(client.answer().status, 200);
    let create = "POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n";
    client.send(format!("{create}Content-Length: 13\r\n\r\n"));
    assert_eq!(client.head().status, 100);
    client.send("{\"Image\":\"a\"}");
    assert_eq!(client.answer().status, 200);
    // Too long, and not allowed: it is not told to send anything.
    client.send(format!("{create}Content-Length: 9999999\r\n\r\n"));
    assert_eq!(client.answer().status, 413);
    let mut client = place.client();
    client.send("POST /build HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    assert_eq!(client.answer().status, 403);
    assert!(client.all().is_empty());
    let records = place.daemon().records();
    assert_eq!(records.len(), 2);
    assert!(records.iter().all(|record| !record.head().contains("xpect")));
}

#[test]
fn an_archive_that_is_denied_is_not_read() {
    let place = Place::strict();
    let mut client = place.client();
    client
        .send("POST /build HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    assert_eq!(client.answer().status, 403);
    assert!(client.all().is_empty());
    assert_eq!(place.daemon().lines(), [""; 0]);
}

#[test]
fn an_archive_is_passed_on_whole_and_called_one() {
    let place = Place::strict();
    let mut client = place.client();
    let archive = vec![b'x'; 3 << 20];
    let form = "Content-Type: application/x-www-form-urlencoded";
    client.send(format!(
        "PUT /containers/x/archive?path=%2F HTTP/1.1\r\nHost: d\r\n{form}\r\nContent-Length: {}\r\n\r\n",
        archive.len()
    ));
    client.send(&archive);
    assert_eq!(client.answer().status, 200);
    assert_eq!(client.get("GET /_ping").status, 200);
    let records = place.daemon().records();
    assert_eq!(records[0].rest(), archive);
    let head = records[0].head().to_ascii_lowercase();
    assert!(head.contains("content-type: application/x-tar") && !head.contains("form"), "{head}");
    place.assert_only_judged_arrived();
}
