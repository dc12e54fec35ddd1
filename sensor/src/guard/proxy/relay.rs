//! The engine's answer, on its way to the client.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
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

/// Pieces that are longer are written as they are, and shorter ones with what is before and behind them.
const LONG: usize = 16 * 1024;

/// Writes the answer as it comes: whatever is there is written before anything is waited for.
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
    let mut waiting = head;
    let ended = loop {
        let frame = if let Some(frame) = at_once(&mut body).await {
            frame
        } else {
            write(writer, &mut waiting).await?;
            body.frame().await
        };
        match frame {
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    add(writer, &mut waiting, &data, ending).await?;
                }
            }
            Some(Err(error)) => break Err(error.into()),
            None => break Ok(()),
        }
    };
    if ended.is_ok() && ending == Ending::Chunk {
        waiting.extend_from_slice(b"0\r\n\r\n");
    }
    write(writer, &mut waiting).await?;
    ended
}

/// The next piece, if it is there.
async fn at_once<B: Body + Unpin>(body: &mut B) -> Option<Option<Result<Frame<B::Data>, B::Error>>> {
    poll_fn(|context| match Pin::new(&mut *body).poll_frame(context) {
        Poll::Ready(frame) => Poll::Ready(Some(frame)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Puts a piece behind what waits to be written.
async fn add(writer: &mut Writer, waiting: &mut Vec<u8>, data: &[u8], ending: Ending) -> io::Result<()> {
    if data.is_empty() || ending == Ending::NoBody {
        return Ok(());
    }
    if ending == Ending::Chunk {
        waiting.extend_from_slice(format!("{:x}\r\n", data.len()).as_bytes());
    }
    if data.len() > LONG {
        write(writer, waiting).await?;
        writer.half.write_all(data).await?;
    } else {
        waiting.extend_from_slice(data);
    }
    if ending == Ending::Chunk {
        waiting.extend_from_slice(b"\r\n");
    }
    if waiting.len() > LONG { write(writer, waiting).await } else { Ok(()) }
}

async fn write(writer: &mut Writer, waiting: &mut Vec<u8>) -> io::Result<()> {
    writer.half.write_all(waiting).await?;
    waiting.clear();
    Ok(())
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
