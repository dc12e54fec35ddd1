//! A CRI runtime's events (`GetContainerEvents`), for those that have no stream of their own.

use jiff::Timestamp;

use super::facts::time;
use super::model::{ContainerEvent, EventsRequest};
use crate::identity::facts::{Happening, What};
use crate::identity::grpc::{GrpcError, Socket, Subscription};
use crate::identity::source::Source;

const EVENTS: &str = "/runtime.v1.RuntimeService/GetContainerEvents";

/// Opens the stream.
pub async fn open(socket: &Socket) -> Result<Subscription<ContainerEvent>, GrpcError> {
    socket.subscribe(EVENTS, EventsRequest {}).await
}

/// What an event tells; `None` for one of a kind that we do not know.
pub fn happening(event: ContainerEvent) -> Option<Happening> {
    let what = match event.kind {
        0 => What::Created(None),
        1 => What::Started,
        2 | 3 => What::Ended(time(event.created_at).unwrap_or(Timestamp::UNIX_EPOCH)),
        _ => return None,
    };
    Some(Happening { id: event.container_id, source: Source::Cri, what })
}
