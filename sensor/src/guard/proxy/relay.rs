//! The engine's answer, on its way to the client.

use bytes::{Buf, Bytes};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, PROXY_AUTHENTICATE, TE, TRAILER, TRANSFER_ENCODING,
    UPGRADE,
};
use hyper::{Response, StatusCode};
use tokio::io::{self, AsyncWriteExt};

use super::answer::{Asked, Writer};
use super::forward::Upgrade;

/// Headers that are about the connection to the engine, not about the answer.
const HOP_BY_HOP: [HeaderName; 6] = [CONNECTION, TRANSFER_ENCODING, UPGRADE, TE, TRAILER, PROXY_AUTHENTICATE];

/// Why an answer ended before its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum RelayError {
    /// The client does not take it.
    #[error(transparent)]
    Client(#[from] io::Error),
    /// The engine stopped in the middle.
    #[error("the engine's answer broke off: {0}")]
    Engine(#[from] hyper::Error),
}

/// How the end of an answer's body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// There is none.
    NoBody,
    /// The engine said its length.
    Length,
    /// By an empty chunk.
    Chunk,
    /// By the end of the connection.
    Close,
}

/// Writes the answer as it comes: each piece when it is there.
pub(super) async fn relay<B: Body<Data = Bytes, Error = hyper::Error> + Unpin>(
    response: Response<B>,
    asked: Asked,
    writer: &mut Writer,
) -> Result<(), RelayError> {
    let (parts, mut body) = response.into_parts();
    let ending = ending(parts.status, &parts.headers, asked);
    let close = asked.last || ending == Ending::Close;
    let head = head(parts.status, &parts.headers, &framing(ending, close));
    writer.started = true;
    if ending == Ending::NoBody || body.is_end_stream() {
        let end: &[u8] = if ending == Ending::Chunk { b"0\r\n\r\n" } else { b"" };
        return Ok(writer.half.write_all(&[&*head, end].concat()).await?);
    }
    writer.half.write_all(&head).await?;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            write_piece(writer, data, ending).await?;
        }
    }
    if ending == Ending::Chunk {
        writer.half.write_all(b"0\r\n\r\n").await?;
    }
    Ok(())
}

async fn write_piece(writer: &mut Writer, data: Bytes, ending: Ending) -> io::Result<()> {
    match ending {
        _ if data.is_empty() => Ok(()),
        Ending::Chunk => {
            let size = Bytes::from(format!("{:x}\r\n", data.len()));
            writer.half.write_all_buf(&mut size.chain(data).chain(&b"\r\n"[..])).await
        }
        Ending::Length | Ending::Close => writer.half.write_all(&data).await,
        Ending::NoBody => Ok(()),
    }
}

fn ending(status: StatusCode, headers: &HeaderMap, asked: Asked) -> Ending {
    let bodiless =
        matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) || status.is_informational();
    match () {
        () if asked.head_only || bodiless => Ending::NoBody,
        () if headers.contains_key(CONTENT_LENGTH) => Ending::Length,
        () if asked.old => Ending::Close,
        () => Ending::Chunk,
    }
}

fn framing(ending: Ending, close: bool) -> String {
    let chunked = if ending == Ending::Chunk { "Transfer-Encoding: chunked\r\n" } else { "" };
    let close = if close { "Connection: close\r\n" } else { "" };
    format!("{chunked}{close}")
}

/// The head of an answer that turns the connection into a stream. A client that did not ask gets it as the body of an
/// answer without end, as from the engine itself.
pub(super) fn upgraded(response: &Response<Incoming>, upgrade: Upgrade) -> Vec<u8> {
    let Upgrade { protocol, asked } = upgrade;
    if asked {
        let switch = format!("Connection: Upgrade\r\nUpgrade: {protocol}\r\n");
        head(StatusCode::SWITCHING_PROTOCOLS, response.headers(), &switch)
    } else {
        head(StatusCode::OK, response.headers(), "")
    }
}

fn head(status: StatusCode, headers: &HeaderMap, framing: &str) -> Vec<u8> {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in headers.iter().filter(|(name, _)| !is_hop_by_hop(name)) {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            head.extend_from_slice(part);
        }
    }
    head.extend_from_slice(framing.as_bytes());
    head.extend_from_slice(b"\r\n");
    head
}

fn is_hop_by_hop(name: &HeaderName) -> bool {
    HOP_BY_HOP.contains(name) || name == "keep-alive" || name == "proxy-connection"
}
