//! What a client sends, part by part, in time.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::StatusCode;
use tokio::io::{self, AsyncReadExt};
use tokio::net::unix::OwnedReadHalf;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::Limits;
use super::limits::SMALL;
use crate::guard::framing::{Framing, Head, Length, Part, Violation};

/// Bytes that are read at a time: of a head, and of a body.
const PIECE: usize = 16 * 1024;
const BODY_PIECE: usize = 128 * 1024;

/// What a client is late with.
const NEXT_PIECE: &str = "next piece of the body";

/// Why there is no request, or no more of one.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// It has no reading, or more than one.
    #[error(transparent)]
    Violation(#[from] Violation),
    /// The body is longer than it may be.
    #[error("the body is longer than {0} bytes")]
    TooLarge(usize),
    /// The client is slower than it may be.
    #[error("the {0} did not come in time")]
    Slow(&'static str),
    /// The connection ended within a request.
    #[error("the connection ended within a request")]
    BrokeOff,
    /// The connection failed.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
}

impl ReadError {
    /// The status that tells the client, if it is still there.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Violation(violation) => Some(violation.status()),
            Self::TooLarge(_) => Some(StatusCode::PAYLOAD_TOO_LARGE),
            Self::Slow(_) => Some(StatusCode::REQUEST_TIMEOUT),
            Self::BrokeOff | Self::Io(_) => None,
        }
    }
}

/// A body that was read.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) bytes: Bytes,
    /// Held as long as the body, or what was made of it, is.
    pub(super) place: Option<OwnedSemaphorePermit>,
}

/// The client's half of a connection.
#[derive(Debug)]
pub(super) struct Reader {
    half: OwnedReadHalf,
    buffer: BytesMut,
    framing: Framing,
}

impl Reader {
    pub(super) fn new(half: OwnedReadHalf) -> Self {
        Self { half, buffer: BytesMut::new(), framing: Framing::default() }
    }

    /// Whether all of the last request was read.
    pub(super) fn is_between_requests(&self) -> bool {
        self.framing.is_between_requests()
    }

    /// The head of the next request; `None` if the client wants no more, or has not wanted any for too long.
    pub(super) async fn head(&mut self, limits: &Limits) -> Result<Option<Box<Head>>, ReadError> {
        if self.buffer.is_empty() {
            match timeout(limits.idle, self.fill()).await {
                Ok(Ok(1..)) => {}
                Ok(Ok(0)) | Err(_) => return Ok(None),
                Ok(Err(error)) => return Err(error.into()),
            }
        }
        match in_time(limits.head, "head of the request", self.part()).await? {
            Part::Head(head) => Ok(Some(head)),
            Part::Data(_) | Part::End => Err(ReadError::BrokeOff),
        }
    }

    /// All of the body, and its place among the large ones if it is one.
    pub(super) async fn whole(
        &mut self,
        length: Length,
        limits: &Limits,
        room: &Arc<Semaphore>,
    ) -> Result<Whole, ReadError> {
        in_time(limits.body, "body", async {
            match length {
                Length::Exactly(length) => self.gathered(length, limits, room).await,
                Length::None | Length::Chunked => self.joined(limits, room).await,
            }
        })
        .await
    }

    /// A body of known length, which is read to where it stays.
    async fn gathered(
        &mut self,
        length: u64,
        limits: &Limits,
        room: &Arc<Semaphore>,
    ) -> Result<Whole, ReadError> {
        let most = limits.json;
        let length =
            usize::try_from(length).ok().filter(|length| *length <= most).ok_or(ReadError::TooLarge(most))?;
        let place = if length > SMALL { Arc::clone(room).acquire_owned().await.ok() } else { None };
        self.buffer.reserve(length.saturating_sub(self.buffer.len()));
        while self.buffer.len() < length {
            let read = async { Ok(self.half.read_buf(&mut self.buffer).await?) };
            if in_time(limits.pause, NEXT_PIECE, read).await? == 0 {
                return Err(ReadError::BrokeOff);
            }
        }
        let mut bytes = Bytes::new();
        while let Some(all) = self.piece(limits).await? {
            bytes = all;
        }
        // The next request does not keep this one's memory.
        self.buffer = BytesMut::from(&*self.buffer);
        Ok(Whole { bytes, place })
    }

    /// A body that comes in pieces.
    async fn joined(&mut self, limits: &Limits, room: &Arc<Semaphore>) -> Result<Whole, ReadError> {
        let most = limits.json;
        let (mut whole, mut place) = (BytesMut::new(), None);
        while let Some(piece) = self.piece(limits).await? {
            if whole.len() + piece.len() > most {
                return Err(ReadError::TooLarge(most));
            }
            if place.is_none() && whole.len() + piece.len() > SMALL {
                place = Arc::clone(room).acquire_owned().await.ok();
            }
            whole.extend_from_slice(&piece);
        }
        Ok(Whole { bytes: whole.freeze(), place })
    }

    /// The next piece of the body; `None` at its end.
    pub(super) async fn piece(&mut self, limits: &Limits) -> Result<Option<Bytes>, ReadError> {
        match in_time(limits.pause, NEXT_PIECE, self.part()).await? {
            Part::Data(data) => Ok(Some(data)),
            Part::End => Ok(None),
            Part::Head(_) => Err(ReadError::BrokeOff),
        }
    }

    /// The bytes that were read and belong to no request, and where more come from.
    pub(super) fn into_parts(self) -> (Bytes, OwnedReadHalf) {
        (self.buffer.freeze(), self.half)
    }

    /// Reads what still comes, for nothing.
    pub(super) async fn drain(&mut self) {
        self.buffer.clear();
        while matches!(self.fill().await, Ok(1..)) {
            self.buffer.clear();
        }
    }

    async fn part(&mut self) -> Result<Part, ReadError> {
        loop {
            if let Some(part) = self.framing.next(&mut self.buffer)? {
                return Ok(part);
            }
            if self.fill().await? == 0 {
                return Err(ReadError::BrokeOff);
            }
        }
    }

    async fn fill(&mut self) -> io::Result<usize> {
        self.buffer.reserve(if self.is_between_requests() { PIECE } else { BODY_PIECE });
        self.half.read_buf(&mut self.buffer).await
    }
}

async fn in_time<T>(
    limit: Duration,
    what: &'static str,
    read: impl Future<Output = Result<T, ReadError>>,
) -> Result<T, ReadError> {
    timeout(limit, read).await.unwrap_or(Err(ReadError::Slow(what)))
}
