//! What the guard itself answers, in the engine's shape.

use bytes::Bytes;
use hyper::{Method, StatusCode, Version};
use tokio::io::{self, AsyncWriteExt};
use tokio::net::unix::OwnedWriteHalf;

use crate::guard::framing::Head;

/// What an answer depends on, of the request it answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// The answer has no body, whatever its headers say.
    pub(super) head_only: bool,
    /// The client does not know chunks.
    pub(super) old: bool,
    /// The connection ends behind the answer.
    pub(super) last: bool,
}

impl Asked {
    pub(super) fn by(head: &Head) -> Self {
        let old = head.version == Version::HTTP_10;
        Self { head_only: head.method == Method::HEAD, old, last: head.last }
    }

    /// An answer to what was not understood.
    pub(super) const fn unknown() -> Self {
        Self { head_only: false, old: false, last: true }
    }
}

/// A client's other half of a connection.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) half: OwnedWriteHalf,
    /// Whether a part of the answer to this request is written.
    pub(super) started: bool,
}

impl Writer {
    /// Writes an answer that says why there is no other.
    pub(super) async fn tell(&mut self, status: StatusCode, text: &str, asked: Asked) -> io::Result<()> {
        self.started = true;
        self.half.write_all(&message(status, text, asked)).await
    }

    /// Tells a client that waits to be told to send the body.
    pub(super) async fn go_on(&mut self) -> io::Result<()> {
        self.half.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await
    }
}

/// An answer of the engine's shape, `{"message": ...}`, which its clients print.
pub(super) fn message(status: StatusCode, text: &str, asked: Asked) -> Bytes {
    let body = format!("{}\n", serde_json::json!({ "message": text }));
    let connection = if asked.last { "Connection: close\r\n" } else { "" };
    let (length, shown) = (body.len(), if asked.head_only { "" } else { &body });
    let reason = status.canonical_reason().unwrap_or_default();
    Bytes::from(format!(
        "HTTP/1.1 {} {reason}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{connection}\r\n{shown}",
        status.as_u16(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_told_is_one_message_in_one_answer() {
        let asked = Asked { head_only: false, old: false, last: true };
        let answer = message(StatusCode::FORBIDDEN, "a \"b\"\r\n\r\nc", asked);
        let text = std::str::from_utf8(&answer).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(body, "{\"message\":\"a \\\"b\\\"\\r\\n\\r\\nc\"}\n");
        let wanted = "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 31\r\nConnection: close";
        assert_eq!(head, wanted);
        let short = message(StatusCode::FORBIDDEN, "a", Asked { head_only: true, last: false, ..asked });
        assert!(short.ends_with(b"Content-Length: 16\r\n\r\n"), "{}", short.escape_ascii());
    }
}
