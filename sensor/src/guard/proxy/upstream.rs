//! The engine's side.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{Either, Full, channel::Channel};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustix::net::sockopt::set_socket_send_buffer_size_force;
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Bodies that are longer are written at once, rather than in pieces of what the kernel usually keeps.
const USUAL: usize = 128 * 1024;
/// Most bytes that the kernel is to keep for the engine.
const MOST: usize = 8 << 20;
/// Most bytes of an answer's headers.
const MAX_HEADERS: usize = 64 * 1024;

/// A body on its way to the engine: whole, or as it comes.
pub(super) type Outgoing = Either<Full<Bytes>, Channel<Bytes, BrokeOff>>;

/// A body that comes did not come to its end.
#[derive(Debug, thiserror::Error)]
#[error("the client's body broke off")]
pub(super) struct BrokeOff;

/// Why there is no answer of the engine.
#[derive(Debug, thiserror::Error)]
pub(super) enum UpstreamError {
    /// Nobody listens.
    #[error("cannot reach the engine at {path}: {source}", path = path.display())]
    Unreachable {
        /// The socket.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// Its backlog is full.
    #[error("the engine at {path} does not take connections", path = path.display())]
    TimedOut {
        /// The socket.
        path: PathBuf,
    },
    /// It is not HTTP, or none at all.
    #[error("the engine's answer is not HTTP: {0}")]
    Http(#[from] hyper::Error),
    /// It tells of a container that it made, and not to its end.
    #[error("the engine's answer cannot be read: {0}")]
    Answer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It tells of a container that it made, but not of which.
    #[error("the engine does not say which container it made")]
    Nameless,
    /// It could not be asked.
    #[error("the request cannot be written: {0}")]
    Request(#[from] hyper::http::Error),
}

/// Where the engine listens.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    pub(super) path: PathBuf,
    pub(super) connect: Duration,
}

/// An answer, and the connection it comes over.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) response: Response<Incoming>,
    pub(super) connection: Connection,
}

impl Upstream {
    /// A connection for one request.
    pub(super) async fn connect(&self) -> Result<UnixStream, UpstreamError> {
        let path = || self.path.clone();
        match timeout(self.connect, UnixStream::connect(&self.path)).await {
            Ok(connected) => connected.map_err(|source| UpstreamError::Unreachable { path: path(), source }),
            Err(_) => Err(UpstreamError::TimedOut { path: path() }),
        }
    }
}

/// Makes room for all of a long body, so that writing it does not wait for the engine piece by piece.
pub(super) fn make_room(stream: &UnixStream, body: usize) {
    if body > USUAL {
        // Who may not has to wait.
        set_socket_send_buffer_size_force(stream, body.saturating_add(USUAL).min(MOST)).unwrap_or_default();
    }
}

/// Sends the request, and waits for the answer's head as long as it takes.
pub(super) async fn send(stream: UnixStream, request: Request<Outgoing>) -> Result<Answer, UpstreamError> {
    let (mut sender, connection) =
        http1::Builder::new().max_buf_size(MAX_HEADERS).handshake(TokioIo::new(stream)).await?;
    // An error of the connection reaches the answer that is read from it.
    let task = tokio::spawn(async move { drop(connection.with_upgrades().await) });
    let connection = Connection(task);
    let response = sender.send_request(request).await?;
    Ok(Answer { response, connection })
}

/// A connection being served; dropping it closes it.
#[derive(Debug)]
pub(super) struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}
