//! Having the engine make a container, and looking at what it made: to its end, whether the client waits for it or not.

use std::sync::Arc;

use hyper::Request;
use tokio::net::UnixStream;
use tokio::sync::oneshot;

use super::arrival::Arrival;
use super::fresh::Place;
use super::made::{self, Made};
use super::server::Guard;
use super::upstream::{self, Answer, Outgoing, UpstreamError};
use crate::guard::{Identify, Judge, Witness, facts};

/// What the engine says.
#[derive(Debug)]
pub(super) enum Reply {
    /// It has made one.
    Made(Made),
    /// It has not.
    Other(Answer),
}

/// A create that was allowed.
pub(super) struct Making<I: Identify, J: Judge<I::Caller>, W> {
    pub(super) guard: Arc<Guard<I, J, W>>,
    pub(super) caller: Arc<I::Caller>,
    pub(super) arrival: Arrival,
    pub(super) memory: J::Memory,
}

/// An answer that is to come.
pub(super) type Replying = oneshot::Receiver<Result<Reply, UpstreamError>>;

impl<I, J, W> Making<I, J, W>
where
    I: Identify,
    J: Judge<I::Caller>,
    W: Witness<I::Caller>,
{
    /// Sends the request over this connection.
    pub(super) fn start(self, stream: UnixStream, request: Request<Outgoing>) -> Replying {
        let (told, replying) = oneshot::channel();
        let place = self.guard.fresh.begin(facts::first(&self.arrival.request, "name"));
        tokio::spawn(async move {
            let reply = ask(stream, request).await;
            let id = match &reply {
                Ok(Reply::Made(made)) => Some(made.id.clone()),
                Ok(Reply::Other(_)) | Err(_) => None,
            };
            if let Some(id) = &id {
                place.made(id);
            }
            // A client that is gone needs no answer.
            drop(told.send(reply));
            if let Some(id) = id {
                self.look(&id, &place).await;
            }
        });
        replying
    }

    async fn look(&self, id: &str, place: &Place) {
        let Self { guard, caller, arrival, memory } = self;
        if let Some(reason) = guard.judge.made(&arrival.request, caller, memory, id).await {
            place.removed(id, &reason);
        }
    }
}

async fn ask(stream: UnixStream, request: Request<Outgoing>) -> Result<Reply, UpstreamError> {
    let answer = upstream::send(stream, request).await?;
    if !made::is_made(&answer.response) {
        return Ok(Reply::Other(answer));
    }
    let Answer { response, connection } = answer;
    let made = made::read(response).await?;
    drop(connection);
    Ok(Reply::Made(made))
}
