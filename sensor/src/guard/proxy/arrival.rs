//! A request as it arrives: its target understood, and as much of its body read as has to be judged.

use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Limits;
use super::answer::Writer;
use super::forward::Load;
use super::reader::{ReadError, Reader};
use crate::guard::body::{self, BodyError};
use crate::guard::framing::{Head, Length};
use crate::guard::operation::{self, Body, Operation};
use crate::guard::shape::Canonical;
use crate::guard::target::TargetError;
use crate::guard::{Digest, Json, Request, Target};

/// A request that can be judged, and what the engine gets as its body.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) request: Request,
    pub(super) load: Load,
    /// A large body's place among the large ones.
    _place: Option<OwnedSemaphorePermit>,
}

/// Why a request cannot be judged.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// It is not all there.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its path or its query has no reading, or more than one.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// There is a body where none belongs.
    #[error("this endpoint takes no body")]
    Body,
    /// The body is not declared to be JSON.
    #[error("the body is not declared as application/json")]
    ContentType,
    /// The body has no reading, or more than one, or the engine would make nothing of it.
    #[error(transparent)]
    Json(#[from] BodyError),
}

impl Refusal {
    /// The status that tells the client, if it is still there.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Read(error) => error.status(),
            Self::Target(_) | Self::Body | Self::ContentType | Self::Json(_) => Some(StatusCode::BAD_REQUEST),
        }
    }
}

/// Reads what has to be judged of a request.
pub(super) async fn read(
    head: &Head,
    reader: &mut Reader,
    writer: &mut Writer,
    limits: &Limits,
    room: &Arc<Semaphore>,
    stamp: impl FnOnce(&'static Operation, &mut Json),
) -> Result<Arrival, Refusal> {
    let target = Target::parse(&head.target)?;
    let operation = operation::find(&head.method, &target);
    let kind = operation.map_or(Body::Stream, |operation| operation.body);
    let mut place = None;
    let (canonical, load) = match (operation, kind) {
        (Some(operation), Body::Json) => {
            wait_for_json(head, writer, limits).await?;
            let whole = reader.whole(head.length, limits, room).await?;
            place = whole.place;
            json(operation, head, &whole.bytes, stamp)?
        }
        (_, Body::Stream) if head.has_body() => (None, Load::Stream(head.length)),
        (_, Body::Stream | Body::Empty | Body::Json) => {
            nothing(head, reader, limits).await?;
            (None, Load::Nothing)
        }
    };
    let digest = match &load {
        Load::Stream(_) => Digest::default(),
        // An unknown endpoint's body is a stream, also where there is none.
        Load::Nothing if kind == Body::Stream => Digest::default(),
        Load::Nothing => Digest::of(Bytes::new()),
        Load::Json(bytes) => Digest::of(bytes.clone()),
    };
    let method = head.method.clone();
    let (body, dropped) =
        canonical.map_or((None, Vec::new()), |Canonical { json, dropped }| (Some(json), dropped));
    let request = Request { method, target, operation, body, dropped, digest };
    Ok(Arrival { request, load, _place: place })
}

/// The end of a body that is not there.
async fn nothing(head: &Head, reader: &mut Reader, limits: &Limits) -> Result<(), Refusal> {
    if matches!(head.length, Length::Exactly(1..)) {
        return Err(Refusal::Body);
    }
    match reader.piece(limits).await? {
        None => Ok(()),
        Some(_) => Err(Refusal::Body),
    }
}

/// Has the client send its body, if it is not too long.
async fn wait_for_json(head: &Head, writer: &mut Writer, limits: &Limits) -> Result<(), ReadError> {
    let most = limits.json;
    let is_too_long = |length: u64| usize::try_from(length).map_or(true, |length| length > most);
    if matches!(head.length, Length::Exactly(length) if is_too_long(length)) {
        return Err(ReadError::TooLarge(most));
    }
    if head.expects && head.has_body() {
        writer.go_on().await?;
    }
    Ok(())
}

/// A body, and how it is written. It is stamped in between.
fn json(
    operation: &'static Operation,
    head: &Head,
    bytes: &Bytes,
    stamp: impl FnOnce(&'static Operation, &mut Json),
) -> Result<(Option<Canonical>, Load), Refusal> {
    if !bytes.is_empty() && !is_json(head) {
        return Err(Refusal::ContentType);
    }
    let mut canonical = body::read(operation, bytes.clone())?;
    if let Some(canonical) = &mut canonical {
        stamp(operation, &mut canonical.json);
    }
    let written = |body: &Canonical| Load::Json(body.json.to_bytes_of(bytes.len()).into());
    let load = canonical.as_ref().map_or(Load::Nothing, written);
    Ok((canonical, load))
}

/// The engine takes no other type, and would take a form for a part of the query.
fn is_json(head: &Head) -> bool {
    let kind = head.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
