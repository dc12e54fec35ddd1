//! The guard at work: takes connections until it is told to stop.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::Listener;
use super::answer::{Asked, message};
use super::census::{Crowded, Seat};
use super::connection::Connection;
use super::parts::Guard;
use crate::guard::{Identify, Judge, Witness};

/// How long nothing is taken after the kernel refused to give a connection, such as for want of descriptors.
const PAUSE: Duration = Duration::from_millis(50);

impl<I, J, W> Guard<I, J, W>
where
    I: Identify,
    J: Judge<I::Caller>,
    W: Witness<I::Caller>,
{
    /// Serves until `stop` is done, at several listeners if need be. Requests that are running then may go on for
    /// [`Limits::grace`]; nothing new begins.
    pub async fn serve(self: Arc<Self>, listener: Listener, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some(ended) = tasks.join_next() => self.ended(ended),
                stream = listener.accept() => match stream {
                    Ok(stream) => self.admit(stream, &mut tasks, &stopped),
                    Err(error) => self.cannot_accept(&error).await,
                },
            }
        }
        drop(listener);
        stopping.send_replace(true);
        let all = async {
            while let Some(ended) = tasks.join_next().await {
                self.ended(ended);
            }
            self.fresh.all_seen().await;
        };
        if timeout(self.limits.grace, all).await.is_err() {
            tracing::warn!("{} connections of the guard were cut off", tasks.len());
        }
        tasks.shutdown().await;
    }

    fn admit(self: &Arc<Self>, stream: UnixStream, tasks: &mut JoinSet<()>, stop: &watch::Receiver<bool>) {
        match self.seat(&stream) {
            Ok(seat) => {
                self.counters.connections.add();
                tasks.spawn(Arc::clone(self).connection(stream, stop.clone(), seat));
            }
            Err(problem) => {
                match problem {
                    Crowded::All(_) => self.counters.busy.add(),
                    Crowded::User { user: _, count: _ } => self.counters.busy_user.add(),
                }
                tell(&stream, StatusCode::SERVICE_UNAVAILABLE, &format!("vigie: {problem}"));
            }
        }
    }

    /// A user whom the kernel does not tell is nobody in particular; the caller's identity is looked for later.
    fn seat(&self, stream: &UnixStream) -> Result<Seat, Crowded> {
        let user = stream.peer_cred().map_or(u32::MAX, |peer| peer.uid());
        self.census.seat(user, self.limits.connections, self.limits.per_user)
    }

    /// Holds its seat to its end.
    async fn connection(self: Arc<Self>, stream: UnixStream, stop: watch::Receiver<bool>, _seat: Seat) {
        let limit = self.limits.connect;
        let problem = match timeout(limit, self.identify.identify(&stream)).await {
            Ok(Ok(caller)) => match Connection::new(Arc::clone(&self), caller, stream) {
                Ok(connection) => return connection.run(stop).await,
                Err(error) => return tracing::warn!("a connection of the guard cannot be watched: {error}"),
            },
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("that took longer than {limit:?}"),
        };
        self.counters.unidentified.add();
        tracing::warn!("the guard cannot tell a client: {problem}");
        tell(&stream, StatusCode::FORBIDDEN, &format!("vigie: it cannot be told who asks: {problem}"));
    }

    fn ended(&self, ended: Result<(), tokio::task::JoinError>) {
        self.counters.ended.add();
        if let Err(error) = ended {
            tracing::error!("a connection of the guard ended abnormally: {error}");
        }
    }

    async fn cannot_accept(&self, error: &io::Error) {
        self.counters.accept_errors.add();
        tracing::warn!("the guard cannot take a connection: {error}");
        sleep(PAUSE).await;
    }
}

/// Writes an answer to a client from whom nothing was read; it fits into any socket's buffer.
fn tell(stream: &UnixStream, status: StatusCode, text: &str) {
    // A client that is gone does not need it.
    stream.try_write(&message(status, text, Asked::unknown())).unwrap_or_default();
}
