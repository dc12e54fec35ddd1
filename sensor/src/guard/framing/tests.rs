//! Every spelling that is refused, and what is left of those that are not.

use bytes::{Buf, BytesMut};
use hyper::{Method, StatusCode};

use super::*;

/// What came out of a connection's bytes: each request as its line and its body, and what ended it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    requests: Vec<(String, Vec<u8>)>,
    whole: usize,
    refused: Option<Violation>,
}

/// Feeds pieces one after the other, and watches what is kept between them.
fn feed(pieces: &[&[u8]]) -> Seen {
    let (mut framing, mut buffer, mut seen) = (Framing::default(), BytesMut::new(), Seen::default());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            // A body that ended is told without more bytes; a head is not.
            match framing.next(&mut buffer) {
                Ok(None) => break,
                Ok(Some(Part::Head(head))) => {
                    seen.requests.push((format!("{} {}", head.method, head.target), Vec::new()));
                }
                Ok(Some(Part::Data(data))) => {
                    assert!(!data.is_empty());
                    seen.requests.last_mut().unwrap().1.extend_from_slice(&data);
                }
                Ok(Some(Part::End)) => seen.whole += 1,
                Err(violation) => {
                    assert_eq!(framing.next(&mut buffer).unwrap_err(), violation, "it stays refused");
                    seen.refused = Some(violation);
                    return seen;
                }
            }
        }
        assert!(buffer.len() <= MAX_HEAD, "{} bytes are kept", buffer.len());
    }
    seen
}

fn refusal(bytes: &[u8]) -> Option<Violation> {
    feed(&[bytes]).refused
}

fn head(text: &str) -> Head {
    let mut buffer = BytesMut::from(text);
    match Framing::default().next(&mut buffer) {
        Ok(Some(Part::Head(head))) => *head,
        other => panic!("{other:?}"),
    }
}

/// A request whose headers are these lines.
fn with(headers: &str) -> Vec<u8> {
    format!("POST /containers/create HTTP/1.1\r\nHost: d\r\n{headers}\r\n").into_bytes()
}

#[test]
fn every_request_line_with_two_readings_is_refused() {
    for (line, violation) in [
        ("get /info HTTP/1.1", Violation::Method),
        ("Get /info HTTP/1.1", Violation::Method),
        ("GeT /info HTTP/1.1", Violation::Method),
        ("G-T /info HTTP/1.1", Violation::Method),
        ("ABCDEFGHIJKLMNOPQ /info HTTP/1.1", Violation::Method),
        (" GET /info HTTP/1.1", Violation::Method),
        ("\u{16}\u{3}\u{1}", Violation::Method),
        ("GET http://docker/info HTTP/1.1", Violation::Target),
        ("GET //docker/info", Violation::RequestLine),
        ("OPTIONS * HTTP/1.1", Violation::Target),
        ("PRI * HTTP/2.0", Violation::Target),
        ("CONNECT docker:80 HTTP/1.1", Violation::Target),
        ("GET  HTTP/1.1", Violation::Target),
        ("GET /info  HTTP/1.1", Violation::RequestLine),
        ("GET  /info HTTP/1.1", Violation::RequestLine),
        ("GET\t/info HTTP/1.1", Violation::RequestLine),
        ("GET /in fo HTTP/1.1", Violation::RequestLine),
        ("GET /info", Violation::RequestLine),
        ("GET /info HTTP/1.1 ", Violation::RequestLine),
        ("GET /inf\u{f6} HTTP/1.1", Violation::RequestLine),
        ("GET /info http/1.1", Violation::RequestLine),
        ("GET /info HTTP/1.10", Violation::RequestLine),
        ("GET /info HTTP/2.0", Violation::Version),
        ("GET /info HTTP/0.9", Violation::Version),
        ("GET /info\0 HTTP/1.1", Violation::Control),
        ("\r\nGET /info HTTP/1.1", Violation::RequestLine),
    ] {
        let bytes = format!("{line}\r\nHost: d\r\n\r\n");
        assert_eq!(refusal(bytes.as_bytes()), Some(violation), "{line:?}");
    }
}

#[test]
fn every_header_with_two_readings_is_refused() {
    for (headers, violation) in [
        ("A: b\n", Violation::BareLineFeed),
        ("A: b\rC: d\r\n", Violation::BareCarriageReturn),
        ("A: b\r\r\n", Violation::BareCarriageReturn),
        ("A: b\r\n c\r\n", Violation::Folding),
        ("A: b\r\n\tc\r\n", Violation::Folding),
        (" A: b\r\n", Violation::Folding),
        ("A: b\0c\r\n", Violation::Control),
        ("A\0: b\r\n", Violation::Control),
        ("A: \u{7f}\r\n", Violation::Control),
        ("A: \u{b}chunked\r\n", Violation::Control),
        ("A : b\r\n", Violation::HeaderName),
        ("A\t: b\r\n", Violation::HeaderName),
        ("A b: c\r\n", Violation::HeaderName),
        (": b\r\n", Violation::HeaderName),
        ("A\r\n", Violation::HeaderName),
        ("\u{c4}: b\r\n", Violation::HeaderName),
        ("A(: b\r\n", Violation::HeaderName),
        ("Host: d\r\n", Violation::Repeated("host")),
        ("Content-Length: 1\r\nContent-Length: 1\r\n", Violation::Repeated("content-length")),
        ("Content-Length: 1\r\ncontent-length: 2\r\n", Violation::Repeated("content-length")),
        ("Content-Type: a/b\r\nContent-Type: c/d\r\n", Violation::Repeated("content-type")),
        ("Upgrade: tcp\r\nUpgrade: h2c\r\n", Violation::Repeated("upgrade")),
        ("Content-Length: 1, 1\r\n", Violation::ContentLength),
        ("Content-Length: +1\r\n", Violation::ContentLength),
        ("Content-Length: -1\r\n", Violation::ContentLength),
        ("Content-Length: 0x1\r\n", Violation::ContentLength),
        ("Content-Length: 1 0\r\n", Violation::ContentLength),
        ("Content-Length:\r\n", Violation::ContentLength),
        ("Content-Length: 1\u{a0}\r\n", Violation::ContentLength),
        ("Content-Length: 99999999999999999999\r\n", Violation::ContentLength),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", Violation::TwoLengths),
        ("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", Violation::TwoLengths),
        ("Transfer-Encoding: xchunked\r\n", Violation::TransferEncoding),
        ("Transfer-Encoding: Chunked\r\n", Violation::TransferEncoding),
        ("Transfer-Encoding: gzip, chunked\r\n", Violation::TransferEncoding),
        ("Transfer-Encoding: chunked, identity\r\n", Violation::TransferEncoding),
        ("Transfer-Encoding: identity\r\n", Violation::TransferEncoding),
        ("Transfer-Encoding: \"chunked\"\r\n", Violation::TransferEncoding),
        ("Transfer-Encoding:\r\n", Violation::TransferEncoding),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            Violation::Repeated("transfer-encoding"),
        ),
        ("Connection: close, Content-Type\r\n", Violation::Connection),
        ("Connection: Transfer-Encoding\r\n", Violation::Connection),
        ("Expect: 200-ok\r\n", Violation::Expectation),
    ] {
        assert_eq!(refusal(&with(headers)), Some(violation), "{headers:?}");
    }
}

#[test]
fn a_host_is_needed_and_is_one() {
    assert_eq!(refusal(b"GET /info HTTP/1.1\r\n\r\n"), Some(Violation::NoHost));
    assert_eq!(refusal(b"GET /info HTTP/1.0\r\n\r\n"), None);
    assert_eq!(refusal(b"GET /info HTTP/1.1\r\nHost: a b\r\n\r\n"), Some(Violation::Host));
    assert_eq!(refusal(b"GET /info HTTP/1.1\r\nHost: a/../b\r\n\r\n"), Some(Violation::Host));
    assert_eq!(refusal(b"GET /info HTTP/1.1\r\nHost:\r\n\r\n"), None);
    let old = b"POST /info HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(refusal(old), Some(Violation::TransferEncoding));
}

#[test]
fn every_chunk_with_two_readings_is_refused() {
    let chunked = with("Transfer-Encoding: chunked\r\n");
    for (body, violation) in [
        ("5;a=b\r\nhello\r\n0\r\n\r\n", Violation::ChunkExtension),
        ("5 \r\nhello\r\n0\r\n\r\n", Violation::ChunkExtension),
        ("0;a\r\n\r\n", Violation::ChunkExtension),
        ("5\nhello\r\n0\r\n\r\n", Violation::BareLineFeed),
        ("5\rhello\r\n0\r\n\r\n", Violation::BareCarriageReturn),
        ("5\r\nhello!\r\n0\r\n\r\n", Violation::ChunkEnd),
        ("5\r\nhello\n0\r\n\r\n", Violation::ChunkEnd),
        ("5\r\nhello\r0\r\n\r\n", Violation::BareCarriageReturn),
        ("0x5\r\nhello\r\n0\r\n\r\n", Violation::ChunkSize),
        ("+5\r\nhello\r\n0\r\n\r\n", Violation::ChunkSize),
        ("-1\r\n\r\n", Violation::ChunkSize),
        (" 5\r\nhello\r\n0\r\n\r\n", Violation::ChunkSize),
        ("\r\nhello\r\n0\r\n\r\n", Violation::ChunkSize),
        (";a\r\n", Violation::ChunkSize),
        ("000000005\r\nhello\r\n0\r\n\r\n", Violation::ChunkSize),
        ("fffffffff\r\n", Violation::ChunkSize),
        ("5\r\nhello\r\n0\r\nA: b\r\n\r\n", Violation::Trailers),
        ("5\r\nhello\r\n0\r\n\n", Violation::BareLineFeed),
        ("0\r\n\rx", Violation::BareCarriageReturn),
    ] {
        let bytes = [&*chunked, body.as_bytes()].concat();
        assert_eq!(refusal(&bytes), Some(violation), "{body:?}");
    }
}

#[test]
fn what_is_too_long_is_refused_and_what_is_not_is_not() {
    let headers = |bytes: usize| with(&format!("A: {}\r\n", "a".repeat(bytes)));
    let frame = headers(0).len();
    assert_eq!(refusal(&headers(MAX_HEAD - frame)), None);
    assert_eq!(refusal(&headers(MAX_HEAD - frame + 1)), Some(Violation::HeadTooLong));
    assert_eq!(refusal(&headers(64 << 10)), Some(Violation::HeadTooLong));
    assert_eq!(Violation::HeadTooLong.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    assert_eq!(refusal(&with(&"A: b\r\n".repeat(MAX_HEADERS - 1))), None);
    assert_eq!(refusal(&with(&"A: b\r\n".repeat(MAX_HEADERS))), Some(Violation::TooManyHeaders));
    let target = |bytes: usize| format!("GET /{} HTTP/1.1\r\nHost: d\r\n\r\n", "a".repeat(bytes - 1));
    assert_eq!(refusal(target(MAX_TARGET).as_bytes()), None);
    assert_eq!(refusal(target(MAX_TARGET + 1).as_bytes()), Some(Violation::TargetTooLong));
    assert_eq!(refusal(target(2 * MAX_TARGET).as_bytes()), Some(Violation::TargetTooLong));
}

#[test]
fn a_head_says_what_it_says() {
    let create = head(
        "POST /v1.41/containers/create?name=a HTTP/1.1\r\nhost: docker\r\nContent-Length:\t012 \r\n\
         Content-Type: application/json; charset=utf-8\r\nX-Odd: a: b\u{e9}\r\nX-Odd:\r\nExpect: 100-Continue\r\n\r\n",
    );
    assert_eq!((create.method.clone(), &*create.target), (Method::POST, "/v1.41/containers/create?name=a"));
    assert_eq!((create.length, create.last, create.expects), (Length::Exactly(12), false, true));
    assert!(create.has_body() && create.upgrade.is_none());
    assert_eq!(create.headers.get_all("x-odd").iter().count(), 2);
    let attach = head("POST /a HTTP/1.1\r\nHost:\r\nConnection: Upgrade\r\nUpgrade: TCP\r\n\r\n");
    assert_eq!((attach.upgrade.as_deref(), attach.length, attach.last), (Some("tcp"), Length::None, false));
    assert!(head("GET /a HTTP/1.1\r\nHost:\r\nConnection: keep-alive, Close\r\n\r\n").last);
    let old =
        head("GET /a HTTP/1.0\r\nConnection: keep-alive\r\nUpgrade: tcp\r\nExpect: 100-continue\r\n\r\n");
    assert!(old.last && old.upgrade.is_none() && !old.expects);
    assert!(!head("PUT /a HTTP/1.1\r\nHost:\r\nContent-Length: 0\r\n\r\n").has_body());
}

/// Requests behind each other, the last one broken.
const CONVERSATION: &[u8] = b"GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n\
    POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n\r\n{}\
    POST /build HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\n\
    POST /images/load HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n000\r\n\r\n\
    GET /info HTTP/1.1\r\nHost: d\nX: y\r\n\r\n";

#[test]
fn pieces_of_any_size_mean_the_same() {
    let whole = feed(&[CONVERSATION]);
    let wanted = [
        ("GET /_ping", &b""[..]),
        ("POST /containers/create", b"{}"),
        ("POST /build", b"abc0123456789"),
        ("POST /images/load", b""),
    ];
    let seen: Vec<_> = whole.requests.iter().map(|(line, body)| (&**line, &**body)).collect();
    assert_eq!(seen, wanted);
    assert_eq!((whole.whole, whole.refused), (4, Some(Violation::BareLineFeed)));
    for size in 1..CONVERSATION.len() {
        assert_eq!(feed(&CONVERSATION.chunks(size).collect::<Vec<_>>()), whole, "pieces of {size}");
    }
    for cut in 0..CONVERSATION.len() {
        let (left, right) = CONVERSATION.split_at(cut);
        assert_eq!(feed(&[left, right]), whole, "cut at {cut}");
    }
}

#[test]
fn a_refusal_does_not_wait_for_the_end_of_the_head() {
    for bytes in [&b"g"[..], b"GET /\n", b"GET / HTTP/1.1\r\n ", b"GET / HTTP/1.1\r\nA: \0", b"GET /\rx"] {
        assert!(refusal(bytes).is_some(), "{}", bytes.escape_ascii());
    }
}

#[test]
fn between_requests_is_where_no_byte_of_the_next_was_seen() {
    let (mut framing, mut buffer) = (Framing::default(), BytesMut::from(&CONVERSATION[..40]));
    assert!(framing.is_between_requests());
    assert!(matches!(framing.next(&mut buffer), Ok(Some(Part::Head(_)))));
    assert!(!framing.is_between_requests(), "its end was not taken");
    assert!(matches!(framing.next(&mut buffer), Ok(Some(Part::End))));
    assert!(framing.is_between_requests());
    assert!(matches!(framing.next(&mut buffer), Ok(None)));
    assert!(!framing.is_between_requests() && buffer.has_remaining());
}
