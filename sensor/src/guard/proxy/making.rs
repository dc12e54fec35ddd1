//! Having the engine make a container, and looking at what it made: to its end, whether the client waits for it or not.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::Request;
use tokio::net::UnixStream;
use tokio::runtime::Handle;

use super::arrival::Arrival;
use super::fresh::Place;
use super::made::{self, Made};
use super::parts::Guard;
use super::upstream::{self, Answer, Outgoing, UpstreamError};
use crate::guard::{Identify, Judge, Witness};

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

/// An answer that is to come. If nobody waits for it any more, what is left to do goes on by itself.
pub(super) struct Replying {
    rest: Option<Pin<Box<Rest>>>,
    runtime: Handle,
}

type Rest = dyn Future<Output = Result<Reply, UpstreamError>> + Send;

impl<I, J, W> Making<I, J, W>
where
    I: Identify,
    J: Judge<I::Caller>,
    W: Witness<I::Caller>,
{
    /// Sends the request over this connection.
    pub(super) fn start(self, stream: UnixStream, request: Request<Outgoing>) -> Replying {
        let place = self.guard.fresh.begin(self.arrival.request.query("name"));
        let rest = async move {
            let reply = ask(stream, request).await;
            if let Ok(Reply::Made(made)) = &reply {
                place.made(&made.id);
                // Beside the client's connection, which has an answer to pass on.
                tokio::spawn(self.look(made.id.clone(), place));
            }
            reply
        };
        Replying { rest: Some(Box::pin(rest)), runtime: Handle::current() }
    }

    async fn look(self, id: String, place: Place) {
        let Self { guard, caller, arrival, memory } = self;
        if let Some(reason) = guard.judge.made(&arrival.request, &caller, &memory, &id).await {
            place.removed(&id, &reason);
        }
    }
}

impl Future for Replying {
    type Output = Result<Reply, UpstreamError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(rest) = &mut self.rest else { return Poll::Pending };
        let reply = ready!(rest.as_mut().poll(context));
        self.rest = None;
        Poll::Ready(reply)
    }
}

impl Drop for Replying {
    fn drop(&mut self) {
        if let Some(rest) = self.rest.take() {
            self.runtime.spawn(rest);
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
