//! Requests to the Docker Engine over its unix socket, with a limit on everything.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::identity::counters::{Count, Counters};
use crate::identity::state::Reason;

/// How long and how much an answer may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first byte of a request to the last of its answer; for a stream, to the end of its headers.
    pub answer: Duration,
    /// Most bytes of an answer.
    pub body: usize,
    /// Most bytes of one event in a stream.
    pub line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { answer: Duration::from_secs(2), body: 4 << 20, line: 256 << 10 }
    }
}

/// Most bytes of an answer's headers.
const MAX_HEADERS: usize = 64 << 10;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Nobody listens.
    #[error("cannot connect to the Docker Engine at {path}: {source}", path = socket.display())]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// No whole answer in time.
    #[error("the Docker Engine did not answer within {limit:?}")]
    TimedOut {
        /// The time it had.
        limit: Duration,
        /// The timer's word.
        source: tokio::time::error::Elapsed,
    },
    /// The request could not be put together.
    #[error("not a request: {0}")]
    Request(#[source] hyper::http::Error),
    /// Not HTTP, or it ended too early.
    #[error("the Docker Engine's answer is not HTTP: {0}")]
    Http(#[source] hyper::Error),
    /// The answer's body ended too early, or was not as announced.
    #[error("the Docker Engine's answer broke off: {0}")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Too much.
    #[error("the Docker Engine's answer is longer than {limit} bytes")]
    TooLarge {
        /// What it was allowed.
        limit: usize,
    },
    /// It does not have that.
    #[error("the Docker Engine has no such object")]
    NotFound,
    /// It does not want to.
    #[error("the Docker Engine refused: {0}")]
    Refused(StatusCode),
    /// Not the JSON that was expected.
    #[error("the Docker Engine's answer makes no sense: {0}")]
    Json(#[source] serde_json::Error),
    /// An answer about something else.
    #[error("the Docker Engine answered about another object than it was asked for")]
    WrongObject,
}

impl RequestError {
    /// What this means for a claim.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Unreachable { .. } => Reason::Unreachable,
            Self::TimedOut { .. } => Reason::TimedOut,
            Self::NotFound => Reason::UnknownId,
            Self::Refused(_) => Reason::Refused,
            Self::Request(_)
            | Self::Http(_)
            | Self::Body(_)
            | Self::TooLarge { .. }
            | Self::Json(_)
            | Self::WrongObject => Reason::Garbage,
        }
    }

    /// What it is counted as.
    pub const fn count(&self) -> Count {
        match self {
            Self::Unreachable { .. } => Count::Unreachable,
            Self::TimedOut { .. } => Count::TimedOut,
            Self::NotFound => Count::NotFound,
            Self::Refused(_) => Count::Refused,
            Self::TooLarge { .. } => Count::TooLarge,
            Self::Request(_) | Self::Http(_) | Self::Body(_) | Self::Json(_) | Self::WrongObject => {
                Count::Garbage
            }
        }
    }
}

/// The engine at a socket. Each request has a connection of its own, so that none waits for another.
#[derive(Clone, Debug)]
pub struct Engine {
    socket: Arc<PathBuf>,
    limits: Limits,
    counters: Arc<Counters>,
}

impl Engine {
    /// The engine that listens at `socket`, if one does.
    pub fn new(socket: PathBuf, limits: Limits, counters: Arc<Counters>) -> Self {
        Self { socket: Arc::new(socket), limits, counters }
    }

    /// The limits it is held to.
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// Reads the answer to a GET as JSON.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RequestError> {
        let body = self.get_bytes(path).await?;
        serde_json::from_slice(&body)
            .map_err(RequestError::Json)
            .inspect_err(|error| self.counters.add(error.count()))
    }

    /// Reads the answer to a GET.
    pub async fn get_bytes(&self, path: &str) -> Result<Bytes, RequestError> {
        let whole = async {
            let (response, connection) = self.send(path).await?;
            let body = Limited::new(response.into_body(), self.limits.body).collect().await;
            drop(connection);
            body.map(http_body_util::Collected::to_bytes).map_err(|error| self.body_error(error))
        };
        self.counted(whole).await
    }

    /// Opens the answer to a GET that has no end.
    pub async fn open(&self, path: &str) -> Result<(Incoming, Connection), RequestError> {
        let (response, connection) = self.counted(self.send(path)).await?;
        Ok((response.into_body(), connection))
    }

    /// Has something deleted. What is not there need not be.
    pub async fn delete(&self, path: &str) -> Result<(), RequestError> {
        match self.counted(self.ask(Method::DELETE, path)).await {
            Ok(_) | Err(RequestError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Holds a request to its time, and counts how it went.
    async fn counted<T>(
        &self,
        request: impl Future<Output = Result<T, RequestError>>,
    ) -> Result<T, RequestError> {
        self.counters.add(Count::Requests);
        let limit = self.limits.answer;
        let answer = match timeout(limit, request).await {
            Ok(answer) => answer,
            Err(source) => Err(RequestError::TimedOut { limit, source }),
        };
        answer.inspect_err(|error| self.counters.add(error.count()))
    }

    async fn send(&self, path: &str) -> Result<(Response<Incoming>, Connection), RequestError> {
        self.ask(Method::GET, path).await
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
    ) -> Result<(Response<Incoming>, Connection), RequestError> {
        let socket = || self.socket.as_ref().clone();
        let stream = UnixStream::connect(self.socket.as_ref())
            .await
            .map_err(|source| RequestError::Unreachable { socket: socket(), source })?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(MAX_HEADERS)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(RequestError::Http)?;
        // An error of the connection reaches the answer that is read from it.
        let connection = Connection(tokio::spawn(async move { drop(connection.await) }));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(hyper::header::HOST, "docker")
            .body(Empty::<Bytes>::new())
            .map_err(RequestError::Request)?;
        let response = sender.send_request(request).await.map_err(RequestError::Http)?;
        match response.status() {
            status if status.is_success() => Ok((response, connection)),
            StatusCode::NOT_FOUND => Err(RequestError::NotFound),
            status => Err(RequestError::Refused(status)),
        }
    }

    fn body_error(&self, error: Box<dyn std::error::Error + Send + Sync>) -> RequestError {
        if error.is::<LengthLimitError>() {
            RequestError::TooLarge { limit: self.limits.body }
        } else {
            RequestError::Body(error)
        }
    }
}

/// A connection being served; dropping it closes it.
#[derive(Debug)]
pub struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests;
