//! The request that the engine gets, written out of what was judged.

use bytes::Bytes;
use hyper::header::{
    ACCEPT, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN,
    SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
    USER_AGENT,
};
use hyper::{Method, Request};

use super::upstream::Outgoing;
use crate::guard::framing::{Head, Length};
use crate::guard::{Request as Judged, Target};

/// Headers that reach the engine as they are. Those that frame the request, and those that say what its body is, are
/// the guard's own.
const PASSED: [HeaderName; 4] = [
    ACCEPT,
    USER_AGENT,
    HeaderName::from_static("x-registry-auth"),
    HeaderName::from_static("x-registry-config"),
];
/// What headers of a build's session begin with.
const SESSION: &str = "x-docker-expose-session-";
/// Headers of a WebSocket.
const WEBSOCKET: [HeaderName; 5] =
    [SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_EXTENSIONS, ORIGIN];

/// What a request brings, once it is known.
#[derive(Debug)]
pub(super) enum Load {
    /// No body.
    Nothing,
    /// JSON, as the guard wrote it.
    Json(Bytes),
    /// Whatever comes, of this length.
    Stream(Length),
}

/// What a connection may become, and whether the client asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Upgrade {
    pub(super) protocol: &'static str,
    /// Clients of old do not ask, and take the stream behind a 200.
    pub(super) asked: bool,
}

impl Upgrade {
    /// What the engine is asked for. An endpoint speaks one protocol only: a client that asks for another one, or an
    /// endpoint that speaks none, gets none.
    pub(super) fn of(head: &Head, request: &Judged) -> Option<Self> {
        let protocol = protocol(&request.target, head);
        // An endpoint that is not known may do what it likes if it gets this far.
        let may = request.operation.is_none_or(|operation| operation.upgrades);
        match head.upgrade.as_deref() {
            _ if !may => None,
            Some(asked) => (asked == protocol).then_some(Self { protocol, asked: true }),
            None => is_raw(&request.target).then_some(Self { protocol, asked: false }),
        }
    }
}

/// `h2c` leads to a server for HTTP/2 with endpoints of its own, so only where that is what is asked for.
fn protocol(target: &Target, head: &Head) -> &'static str {
    match target.segments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["session" | "grpc"] => "h2c",
        [.., "ws"] if head.method == Method::GET => "websocket",
        _ => "tcp",
    }
}

/// The endpoints that hijack a connection unasked.
fn is_raw(target: &Target) -> bool {
    let segments: Vec<&str> = target.segments.iter().map(String::as_str).collect();
    matches!(segments.as_slice(), ["containers", _, "attach"] | ["exec", _, "start"])
}

/// The request for the engine.
pub(super) fn request(
    head: &Head,
    judged: &Judged,
    load: &Load,
    upgrade: Option<Upgrade>,
    body: Outgoing,
) -> Result<Request<Outgoing>, hyper::http::Error> {
    let mut request =
        Request::builder().method(head.method.clone()).uri(judged.target.to_uri()).body(body)?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_static("docker"));
    pass(&head.headers, headers, |name| PASSED.contains(name) || name.as_str().starts_with(SESSION));
    describe(headers, head, judged, load);
    if let Some(upgrade) = upgrade {
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static(upgrade.protocol));
        if upgrade.protocol == "websocket" {
            pass(&head.headers, headers, |name| WEBSOCKET.contains(name));
        }
    }
    Ok(request)
}

fn pass(from: &HeaderMap, to: &mut HeaderMap, which: impl Fn(&HeaderName) -> bool) {
    for (name, value) in from.iter().filter(|(name, _)| which(name)) {
        to.append(name.clone(), value.clone());
    }
}

/// Says what the body is. The client's word for it is not passed on: a form would be read as if it were the query.
fn describe(headers: &mut HeaderMap, head: &Head, judged: &Judged, load: &Load) {
    match load {
        Load::Nothing if matches!(head.method, Method::POST | Method::PUT | Method::PATCH) => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Load::Nothing => {}
        Load::Json(bytes) => {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Load::Stream(length) => {
            match length {
                Length::Exactly(length) => drop(headers.insert(CONTENT_LENGTH, HeaderValue::from(*length))),
                Length::Chunked | Length::None => {}
            }
            let own =
                head.headers.get(CONTENT_TYPE).filter(|kind| judged.operation.is_none() && !is_form(kind));
            let archive = HeaderValue::from_static("application/x-tar");
            headers.insert(CONTENT_TYPE, own.cloned().unwrap_or(archive));
        }
    }
}

fn is_form(kind: &HeaderValue) -> bool {
    let kind = kind.as_bytes().to_ascii_lowercase();
    kind.windows(4).any(|window| window == b"form")
}
