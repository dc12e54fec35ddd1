//! One request and its answer.

use std::sync::Arc;

use http_body_util::channel::Channel;
use http_body_util::{Either, Full};
use hyper::StatusCode;
use tokio::net::UnixStream;

use super::answer::{Asked, Writer};
use super::arrival::{self, Arrival, Refusal};
use super::forward::{self, Load, Upgrade};
use super::fresh::Unusable;
use super::making::{Making, Reply, Replying};
use super::parts::Guard;
use super::pump::{Cut, Feed, pump};
use super::reader::Reader;
use super::relay::{RelayError, relay};
use super::upstream::{self, Answer, Outgoing, UpstreamError};
use crate::guard::framing::Head;
use crate::guard::{Identify, Judge, Mode, Request, Verdict, Witness, inspect};
use crate::sys::hangup::Watch;

/// What comes behind an exchange.
#[derive(Debug)]
pub(super) enum Next {
    /// Another one.
    Another,
    /// The end, as soon as the client has read the answer.
    Close,
    /// The end at once: the answer is not whole, and that must show.
    Abort,
    /// A stream.
    Stream(Box<Answer>, Upgrade),
}

/// How far it came.
enum Outcome {
    Relayed,
    Switched(Answer),
}

/// Why it did not come to its end.
enum Failure {
    Engine(UpstreamError),
    Relay(RelayError),
    Cut(Cut),
}

/// The client's connection, and who the client is.
pub(super) struct Exchange<'c, I: Identify, J, W> {
    pub(super) guard: &'c Arc<Guard<I, J, W>>,
    pub(super) caller: &'c Arc<I::Caller>,
    pub(super) reader: &'c mut Reader,
    pub(super) writer: &'c mut Writer,
    pub(super) watch: &'c Watch,
}

impl<I, J, W> Exchange<'_, I, J, W>
where
    I: Identify,
    J: Judge<I::Caller>,
    W: Witness<I::Caller>,
{
    /// Reads the rest of a request, judges it, and answers.
    pub(super) async fn run(mut self, head: &Head) -> Next {
        self.writer.started = false;
        let Guard { limits, room, judge, .. } = &**self.guard;
        let stamp = |operation, body: &mut _| judge.stamp(operation, body, self.caller);
        match arrival::read(head, self.reader, self.writer, limits, room, stamp).await {
            Ok(arrival) => self.judge(head, arrival).await,
            Err(refusal) => self.refuse(&refusal, Asked::by(head)).await,
        }
    }

    /// Tells a client that what it sent is not understood. What else it sends is not looked at.
    pub(super) async fn refuse(&mut self, refusal: &Refusal, asked: Asked) -> Next {
        self.guard.counters.refused.add();
        let Some(status) = refusal.status() else { return Next::Abort };
        let reason = refusal.to_string();
        self.guard.witness.refused(self.caller, status, &reason);
        let told = self.writer.tell(status, &format!("vigie: {reason}"), Asked { last: true, ..asked }).await;
        if told.is_ok() { Next::Close } else { Next::Abort }
    }

    async fn judge(&mut self, head: &Head, arrival: Arrival) -> Next {
        self.guard.counters.requests.add();
        // First, so that what is judged is what will be used.
        let settled = self.settled(&arrival.request).await;
        match self.verdict(&arrival.request).await {
            Ok(memory) => match settled {
                Ok(()) => self.pass(head, arrival, memory).await,
                Err((status, reason)) => self.tell(status, &reason, Asked::by(head)).await,
            },
            Err(reason) => self.tell(StatusCode::FORBIDDEN, &reason, Asked::by(head)).await,
        }
    }

    /// Waits until the containers that a request uses have been looked at, or says why it is not passed on.
    async fn settled(&self, request: &Request) -> Result<(), (StatusCode, String)> {
        let Guard { fresh, judge, mode, limits, .. } = &**self.guard;
        if *mode != Mode::Enforce {
            return Ok(());
        }
        for name in inspect::containers(request) {
            let settled = fresh.settle(&name, limits.making, || judge.age(&name)).await;
            settled.map_err(|problem| match problem {
                Unusable::Removed(reason) => (StatusCode::FORBIDDEN, format!("vigie: {reason}")),
                // As the engine says it.
                Unusable::Missing => (StatusCode::NOT_FOUND, format!("No such container: {name}")),
                Unusable::Unknown => (
                    StatusCode::SERVICE_UNAVAILABLE,
                    format!("vigie: {name} may be a container in the making"),
                ),
            })?;
        }
        Ok(())
    }

    /// What the judge has to know again, or what to tell the client if the request must not reach the engine.
    async fn verdict(&self, request: &Request) -> Result<J::Memory, String> {
        let Guard { judge, mode, counters, .. } = &**self.guard;
        if *mode == Mode::Off {
            counters.unjudged.add();
            return Ok(J::Memory::default());
        }
        let (verdict, memory) = judge.judge(request, self.caller).await;
        match (verdict, mode) {
            (Verdict::Allow, _) => counters.allowed.add(),
            (Verdict::Deny { .. }, Mode::Audit | Mode::Off) => counters.passed_in_audit.add(),
            (Verdict::Deny { rule, reason }, Mode::Enforce) => {
                counters.denied.add();
                return Err(format!("vigie: denied by rule \"{rule}\": {reason}"));
            }
        }
        Ok(memory)
    }

    /// Answers a request that was understood. If its body was not read, there is no next one.
    async fn tell(&mut self, status: StatusCode, text: &str, asked: Asked) -> Next {
        let last = asked.last || !self.reader.is_between_requests();
        match self.writer.tell(status, text, Asked { last, ..asked }).await {
            Ok(()) if last => Next::Close,
            Ok(()) => Next::Another,
            Err(_) => Next::Abort,
        }
    }

    /// Passes an allowed request on, and the answer back.
    async fn pass(&mut self, head: &Head, arrival: Arrival, memory: J::Memory) -> Next {
        let upgrade = Upgrade::of(head, &arrival.request);
        let asked = Asked::by(head);
        match self.attempt(head, arrival, upgrade, asked, memory).await {
            Ok(Outcome::Relayed) if asked.last || !self.reader.is_between_requests() => Next::Close,
            Ok(Outcome::Relayed) => Next::Another,
            Ok(Outcome::Switched(answer)) => match upgrade.filter(|_| self.reader.is_between_requests()) {
                Some(upgrade) => Next::Stream(Box::new(answer), upgrade),
                None => self.engine_failed("the engine switches to another protocol unasked", asked).await,
            },
            Err(Failure::Engine(error)) => self.engine_failed(&error.to_string(), asked).await,
            Err(Failure::Relay(RelayError::Engine(_))) => {
                self.guard.counters.engine_errors.add();
                Next::Abort
            }
            Err(Failure::Relay(RelayError::Client(_)) | Failure::Cut(Cut::Gone)) => Next::Abort,
            Err(Failure::Cut(Cut::Broken(error))) => self.broken(error.into(), asked).await,
        }
    }

    async fn engine_failed(&mut self, error: &str, asked: Asked) -> Next {
        self.guard.counters.engine_errors.add();
        self.tell(StatusCode::BAD_GATEWAY, &format!("vigie: {error}"), asked).await
    }

    /// The client did not send the body that it announced.
    async fn broken(&mut self, refusal: Refusal, asked: Asked) -> Next {
        if self.writer.started {
            self.guard.counters.refused.add();
            return Next::Abort;
        }
        self.refuse(&refusal, asked).await
    }

    async fn attempt(
        &mut self,
        head: &Head,
        arrival: Arrival,
        upgrade: Option<Upgrade>,
        asked: Asked,
        memory: J::Memory,
    ) -> Result<Outcome, Failure> {
        let stream = self.guard.upstream().connect().await.map_err(Failure::Engine)?;
        let (sender, body) = match &arrival.load {
            Load::Nothing => (None, Either::Left(Full::default())),
            Load::Json(bytes) => {
                upstream::make_room(&stream, bytes.len());
                (None, Either::Left(Full::new(bytes.clone())))
            }
            Load::Stream(_) => {
                let (sender, body) = Channel::new(1);
                (Some(Feed::new(sender)), Either::Right(body))
            }
        };
        let request = forward::request(head, &arrival.request, &arrival.load, upgrade, body)
            .map_err(|error| Failure::Engine(UpstreamError::Request(error)))?;
        if sender.is_some() && head.expects {
            self.writer.go_on().await.map_err(|error| Failure::Relay(error.into()))?;
        }
        let Self { guard, caller, reader, writer, watch } = self;
        let answering = async {
            if guard.mode == Mode::Off || !inspect::creates(&arrival.request) {
                return answer(stream, request, asked, writer).await;
            }
            let (guard, caller) = (Arc::clone(guard), Arc::clone(caller));
            let replying = Making { guard, caller, arrival, memory }.start(stream, request);
            reply(replying, asked, writer).await
        };
        tokio::select! {
            outcome = answering => outcome,
            cut = pump(reader, sender, watch, &guard.limits) => Err(Failure::Cut(cut)),
        }
    }
}

/// Sends a request, and passes the answer on.
async fn answer(
    stream: UnixStream,
    request: hyper::Request<Outgoing>,
    asked: Asked,
    writer: &mut Writer,
) -> Result<Outcome, Failure> {
    let answer = upstream::send(stream, request).await.map_err(Failure::Engine)?;
    if answer.response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Ok(Outcome::Switched(answer));
    }
    passed(answer, asked, writer).await
}

/// Passes on what becomes of a container that is being made.
async fn reply(replying: Replying, asked: Asked, writer: &mut Writer) -> Result<Outcome, Failure> {
    match replying.await.map_err(Failure::Engine)? {
        Reply::Made(made) => {
            relay(made.response(), asked, writer).await.map_err(Failure::Relay)?;
            Ok(Outcome::Relayed)
        }
        Reply::Other(answer) => passed(answer, asked, writer).await,
    }
}

async fn passed(answer: Answer, asked: Asked, writer: &mut Writer) -> Result<Outcome, Failure> {
    let Answer { response, connection } = answer;
    relay(response, asked, writer).await.map_err(Failure::Relay)?;
    drop(connection);
    Ok(Outcome::Relayed)
}
