//! A client's connection: one request after the other, or a stream.

use std::sync::Arc;

use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::sync::watch::Receiver;
use tokio::time::timeout;

use super::answer::{Asked, Writer};
use super::exchange::{Exchange, Next};
use super::forward::Upgrade;
use super::parts::Guard;
use super::pipe::{End, pipe};
use super::reader::Reader;
use super::relay;
use super::upstream::Answer;
use crate::guard::{Identify, Judge, Witness};
use crate::sys::hangup::Watch;

/// A client's connection.
pub(super) struct Connection<I: Identify, J, W> {
    guard: Arc<Guard<I, J, W>>,
    caller: Arc<I::Caller>,
    reader: Reader,
    writer: Writer,
    watch: Watch,
}

impl<I, J, W> Connection<I, J, W>
where
    I: Identify,
    J: Judge<I::Caller>,
    W: Witness<I::Caller>,
{
    /// A connection of this client's.
    pub(super) fn new(
        guard: Arc<Guard<I, J, W>>,
        caller: I::Caller,
        stream: UnixStream,
    ) -> std::io::Result<Self> {
        let watch = Watch::new(&stream)?;
        let (read, write) = stream.into_split();
        let (reader, writer) = (Reader::new(read), Writer { half: write, started: false });
        Ok(Self { guard, caller: Arc::new(caller), reader, writer, watch })
    }

    /// Serves it to its end. Once `stop` says so, the request that is running is the last.
    pub(super) async fn run(mut self, mut stop: Receiver<bool>) {
        loop {
            let head = tokio::select! {
                biased;
                head = self.reader.head(&self.guard.limits) => head,
                // A sender that is gone stops, too.
                _ = stop.wait_for(|stop| *stop) => return,
            };
            let next = match head {
                Ok(Some(head)) => self.exchange().run(&head).await,
                Ok(None) => return,
                Err(error) => self.exchange().refuse(&error.into(), Asked::unknown()).await,
            };
            match next {
                Next::Another if *stop.borrow() => return,
                Next::Another => {}
                Next::Close => return self.close().await,
                Next::Abort => return,
                Next::Stream(answer, upgrade) => return self.stream(*answer, upgrade).await,
            }
        }
    }

    fn exchange(&mut self) -> Exchange<'_, I, J, W> {
        let Self { guard, caller, reader, writer, watch } = self;
        Exchange { guard, caller, reader, writer, watch }
    }

    /// Lets the client read the answer: were its own bytes left unread, it would get an error instead.
    async fn close(mut self) {
        if self.writer.half.shutdown().await.is_ok() {
            // A client that sends for longer has its end taken away.
            timeout(self.guard.limits.linger, self.reader.drain()).await.unwrap_or_default();
        }
    }

    /// The engine has agreed to something that is not HTTP: nothing is looked at any more.
    async fn stream(mut self, answer: Answer, upgrade: Upgrade) {
        let Answer { response, connection } = answer;
        let head = relay::upgraded(&response, upgrade);
        let Ok(upgraded) = hyper::upgrade::on(response).await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<UnixStream>>() else { return };
        // It has given its stream away.
        drop(connection);
        let engine = parts.io.into_inner();
        let (Ok(watch), Ok(())) = (Watch::new(&engine), self.writer.half.write_all(&head).await) else {
            return;
        };
        self.guard.counters.upgraded.add();
        let (read, write) = engine.into_split();
        let (early, from_client) = self.reader.into_parts();
        let client = End { early, read: from_client, write: self.writer.half, watch: self.watch };
        pipe(client, End { early: parts.read_buf, read, write, watch }).await;
    }
}
