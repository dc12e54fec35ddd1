//! Rows 76 to 78: bodies that are not where they should be, and every way to smuggle a request.

use super::place::Place;

/// A privileged container, padded to this many bytes.
fn create(privileged: bool, length: usize) -> String {
    let frame = format!("{{\"Image\":\"\",\"HostConfig\":{{\"Privileged\":{privileged}}}}}").len();
    let pad = "a".repeat(length.saturating_sub(frame));
    format!("{{\"Image\":\"{pad}\",\"HostConfig\":{{\"Privileged\":{privileged}}}}}")
}

/// A request to create a container, with these headers and this body.
fn post(headers: &str, body: &str) -> Vec<u8> {
    let kind = "Host: d\r\nContent-Type: application/json\r\n";
    format!("POST /v1.41/containers/create HTTP/1.1\r\n{kind}{headers}\r\n{body}").into_bytes()
}

fn chunked(body: &str) -> Vec<u8> {
    post("Transfer-Encoding: chunked\r\n", body)
}

/// A privileged container in one chunk.
fn chunk() -> String {
    let body = create(true, 0);
    format!("{:x}\r\n{body}\r\n", body.len())
}

/// What each is, what is sent, and the status of the answer; behind it the connection is closed.
#[expect(clippy::too_many_lines, reason = "a table")]
fn refused() -> Vec<(&'static str, Vec<u8>, u16)> {
    let (body, chunk) = (create(true, 0), chunk());
    let (one, two) = (body.len(), body.len() + 1);
    let line = |line: &str| format!("{line}\r\nHost: d\r\n\r\n").into_bytes();
    vec![
        // Row 76.
        ("a body on GET", line("GET /info HTTP/1.1\r\nContent-Length: 5"), 400),
        (
            "chunks on GET",
            [line("GET /info HTTP/1.1\r\nTransfer-Encoding: chunked"), chunk.clone().into_bytes()].concat(),
            400,
        ),
        ("a body on DELETE", line("DELETE /containers/x HTTP/1.1\r\nContent-Length: 5"), 400),
        ("a body on start", line("POST /containers/x/start HTTP/1.1\r\nContent-Length: 5"), 400),
        // Row 77.
        ("9 MiB", post("Content-Length: 9437184\r\n", ""), 413),
        ("9 MiB in chunks", chunked(&format!("900000\r\n{}\r\n0\r\n\r\n", create(true, 9 << 20))), 413),
        // Row 78.
        ("a chunk extension", chunked(&chunk.replacen("\r\n", ";a=b\r\n", 1)), 400),
        ("a space behind the size", chunked(&chunk.replacen("\r\n", " \r\n", 1)), 400),
        ("a trailer", chunked(&format!("{chunk}0\r\nHost: e\r\n\r\n")), 400),
        ("a trailer of a length", chunked(&format!("{chunk}0\r\nContent-Length: 3\r\n\r\n")), 400),
        ("a chunk longer than it says", chunked(&format!("1\r\n{body}\r\n0\r\n\r\n")), 400),
        ("a size of too many digits", chunked(&format!("00000000{chunk}0\r\n\r\n")), 400),
        ("a negative size", chunked(&format!("-{chunk}0\r\n\r\n")), 400),
        ("a size with 0x", chunked(&format!("0x{chunk}0\r\n\r\n")), 400),
        ("bare line feeds in chunks", chunked(&format!("{chunk}0\r\n\r\n").replace("\r\n", "\n")), 400),
        (
            "a length and chunks",
            post(&format!("Content-Length: {one}\r\nTransfer-Encoding: chunked\r\n"), &body),
            400,
        ),
        (
            "chunks and no length",
            post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", &format!("{chunk}0\r\n\r\n")),
            400,
        ),
        ("two lengths", post(&format!("Content-Length: {one}\r\nContent-Length: {two}\r\n"), &body), 400),
        ("the same length twice", post(&format!("Content-Length: {one}\r\nContent-Length: {one}\r\n"), &body), 400),
        ("a list of lengths", post(&format!("Content-Length: {one}, {one}\r\n"), &body), 400),
        ("a signed length", post(&format!("Content-Length: +{one}\r\n"), &body), 400),
        ("a length in hexadecimal", post(&format!("Content-Length: 0x{one:x}\r\n"), &body), 400),
        ("an odd encoding", post("Transfer-Encoding: xchunked\r\n", &chunk), 400),
        ("two encodings", post("Transfer-Encoding: gzip, chunked\r\n", &chunk), 400),
        ("an encoding twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", &chunk), 400),
        ("an encoding in capitals", post("Transfer-Encoding: Chunked\r\n", &chunk), 400),
        ("an encoding behind a tab", post("Transfer-Encoding: \u{b}chunked\r\n", &chunk), 400),
        ("a space before the colon", post("Transfer-Encoding : chunked\r\n", &chunk), 400),
        ("a folded encoding", post("Transfer-Encoding:\r\n chunked\r\n", &chunk), 400),
        ("a folded header", post("A: b\r\n\tc\r\n", ""), 400),
        ("a first header that is folded", line("GET /info HTTP/1.1\r\n A: b"), 400),
        ("bare line feeds", b"GET /info HTTP/1.1\nHost: d\n\n".to_vec(), 400),
        ("one bare line feed", post("A: b\nContent-Length: 0\r\n", ""), 400),
        ("a bare carriage return", post("A: b\rContent-Length: 0\r\n", ""), 400),
        ("NUL in a header", post("A: b\0c\r\n", ""), 400),
        ("NUL in a name", post("A\0: b\r\n", ""), 400),
        ("a header without a colon", post("Content-Length\r\n", ""), 400),
        ("a header without a name", post(": b\r\n", ""), 400),
        ("two hosts", post("Host: e\r\n", ""), 400),
        ("no host", b"GET /info HTTP/1.1\r\n\r\n".to_vec(), 400),
        ("a header for this hop", post("Connection: Content-Type\r\n", ""), 400),
        ("an empty line first", b"\r\nGET /info HTTP/1.1\r\nHost: d\r\n\r\n".to_vec(), 400),
        ("no version", b"GET /info\r\n\r\n".to_vec(), 400),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), 400),
        ("version 2 in words", line("GET /info HTTP/2.0"), 505),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), 400),
        ("an odd expectation", post("Expect: 200-ok\r\nContent-Length: 2\r\n", "{}"), 417),
        ("64 KiB of headers", post(&format!("A: {}\r\n", "a".repeat(64 << 10)), ""), 431),
        ("200 headers", post(&"A: b\r\n".repeat(200), ""), 431),
        ("a target of 20 KiB", line(&format!("GET /{} HTTP/1.1", "a".repeat(20 << 10))), 414),
        // What is no JSON, or is not called so.
        ("no type", b"POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n\r\n{}".to_vec(), 400),
        ("trailing garbage", post("Content-Length: 3\r\n", "{}x"), 400),
        ("a name twice", post("Content-Length: 13\r\n", "{\"A\":1,\"A\":2}"), 400),
        (
            "a form",
            b"POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/x-www-form-urlencoded\r\n\
              Content-Length: 3\r\n\r\na=b"
                .to_vec(),
            400,
        ),
    ]
}

#[test]
fn every_ambiguous_request_is_refused_and_closed_and_the_daemon_gets_nothing() {
    let place = Place::strict();
    let cases = refused();
    for (what, bytes, status) in &cases {
        let mut client = place.client();
        client.send(bytes);
        let answer = client.answer();
        assert_eq!(answer.status, *status, "{what}: {answer:?}");
        assert!(answer.message().starts_with("vigie: "), "{what}: {answer:?}");
        assert!(client.all().is_empty(), "{what}: there is more behind the answer");
    }
    assert_eq!(place.daemon().lines(), [""; 0]);
    assert_eq!(place.judged(), []);
    assert_eq!(place.refused(), cases.iter().map(|(_, _, status)| *status).collect::<Vec<_>>());
}

#[test]
fn a_body_behind_a_length_of_zero_is_not_one() {
    let place = Place::strict();
    let mut client = place.client();
    client.send(post("Content-Length: 0\r\n", &create(true, 0)));
    let answer = client.answer();
    assert_eq!(answer.status, 400, "a container of which nothing is said is none: {answer:?}");
    assert!(client.all().is_empty(), "what is behind it is no request");
    assert_eq!(place.client().get("POST /containers/create").status, 400, "no body at all");
    assert_eq!(place.daemon().lines(), [""; 0]);
}

#[test]
fn a_long_body_is_judged_to_its_end() {
    let place = Place::strict();
    let mut client = place.client();
    let length = (1 << 20) + 1;
    client.send(post(&format!("Content-Length: {length}\r\n"), &create(true, length)));
    let answer = client.answer();
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (403, "vigie: denied by rule \"no \"host\" access\": privileged")
    );
    // The connection is still good.
    let body = create(false, length);
    client.send(post("Transfer-Encoding: chunked\r\n", &format!("{length:x}\r\n{body}\r\n0\r\n\r\n")));
    assert_eq!(client.answer().status, 200);
    let records = place.daemon().records();
    assert_eq!(records.len(), 1, "the first one did not arrive");
    assert_eq!(records[0].rest(), body.as_bytes());
    place.assert_only_judged_arrived();
}

#[test]
fn what_arrives_was_written_by_the_guard() {
    let place = Place::strict();
    let mut client = place.client();
    let body = "{ \"Image\" : \"\\u0061\" }";
    let length = body.len();
    client.send(format!(
        "POST /v1.41/containers/create?name=%61+b HTTP/1.1\r\nHOST: elsewhere\r\nX-Evil: 1\r\nAccept: */*\r\n\
         User-Agent: test\r\nContent-Type: application/json; charset=utf-8\r\nX-Registry-Auth: secret\r\n\
         Connection: keep-alive\r\nKeep-Alive: 5\r\nContent-Length: {length}\r\nAuthorization: x\r\n\r\n{body}"
    ));
    assert_eq!(client.answer().status, 200);
    let records = place.daemon().records();
    let head = records[0].head().to_ascii_lowercase();
    let mut lines: Vec<_> = head.lines().collect();
    lines[1..].sort_unstable();
    let wanted = [
        "post /v1.41/containers/create?name=a%20b http/1.1",
        "accept: */*",
        "content-length: 13",
        "content-type: application/json",
        "host: docker",
        "user-agent: test",
        "x-registry-auth: secret",
    ];
    assert_eq!(lines, wanted);
    assert_eq!(records[0].rest(), b"{\"Image\":\"a\"}");
}
