//! One runtime's socket, and a connection to it.

use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tonic::client::Grpc;
use tonic::codec::Streaming;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::metadata::MetadataValue;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_prost::ProstCodec;

use super::error::GrpcError;
use crate::identity::counters::{Count, Counters};
use crate::identity::docker::http::Limits;

/// Most bytes of an answer's headers.
const MAX_HEADERS: u32 = 64 << 10;
/// How long a runtime that does not know a question without end may take to say so.
const REFUSAL: Duration = Duration::from_millis(200);

/// The runtime at a socket. Each question about a container has a connection of its own, so that none waits for
/// another.
#[derive(Clone, Debug)]
pub struct Socket {
    path: Arc<PathBuf>,
    limits: Limits,
    counters: Arc<Counters>,
}

impl Socket {
    /// The runtime that listens at `path`, if one does.
    pub fn new(path: PathBuf, limits: Limits, counters: Arc<Counters>) -> Self {
        Self { path: Arc::new(path), limits, counters }
    }

    /// Where counts go.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Connects, asks what `questions` asks within the time that one answer may take, and counts how it went.
    pub async fn ask<T>(
        &self,
        questions: impl AsyncFnOnce(Session) -> Result<T, GrpcError>,
    ) -> Result<T, GrpcError> {
        self.counters.add(Count::CriRequests);
        let limit = self.limits.answer;
        let whole = async { questions(self.connect().await?).await };
        let answer = match timeout(limit, whole).await {
            Ok(answer) => answer,
            Err(source) => Err(GrpcError::TimedOut { limit, source }),
        };
        answer.inspect_err(|error| self.counters.add(error.count()))
    }

    /// Connects, and asks for answers without end.
    pub async fn subscribe<Q, A>(
        &self,
        method: &'static str,
        question: Q,
    ) -> Result<Subscription<A>, GrpcError>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let session = self.ask(async |session| Ok(session)).await?;
        let mut opening: Opening<A> = Box::pin(session.open(method, question));
        match timeout(REFUSAL, &mut opening).await {
            Ok(stream) => Ok(Subscription::Open(Box::new(stream?))),
            Err(_) => Ok(Subscription::Silent(opening)),
        }
    }

    async fn connect(&self) -> Result<Session, GrpcError> {
        let unreachable = |source| GrpcError::Unreachable { socket: self.path.as_ref().clone(), source };
        let address = format!("unix://{}", self.path.display());
        let endpoint = Endpoint::from_shared(address).map_err(unreachable)?;
        let channel =
            endpoint.http2_max_header_list_size(MAX_HEADERS).connect().await.map_err(unreachable)?;
        Ok(Session { grpc: Grpc::new(channel).max_decoding_message_size(self.limits.body) })
    }
}

/// The first answer on its way.
type Opening<A> = Pin<Box<dyn Future<Output = Result<Streaming<A>, GrpcError>> + Send>>;

/// Answers without end. A runtime may say nothing at all until it has the first of them.
pub enum Subscription<A> {
    /// None has come yet.
    Silent(Opening<A>),
    /// They come.
    Open(Box<Streaming<A>>),
}

impl<A> fmt::Debug for Subscription<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Silent(_) => "Silent",
            Self::Open(_) => "Open",
        })
    }
}

impl<A> Subscription<A> {
    /// The next answer; `None` at the end, whatever ended them. Must be awaited to its end.
    pub async fn next(&mut self) -> Option<A> {
        loop {
            match self {
                Self::Open(stream) => return stream.message().await.ok()?,
                Self::Silent(opening) => {
                    let stream = opening.await.ok()?;
                    *self = Self::Open(Box::new(stream));
                }
            }
        }
    }
}

/// A connection.
#[derive(Debug)]
pub struct Session {
    grpc: Grpc<Channel>,
}

impl Session {
    /// Asks `method` (`/package.Service/Method`); containerd wants to know in which of its namespaces.
    pub async fn call<Q, A>(
        &mut self,
        method: &'static str,
        namespace: Option<&str>,
        question: Q,
    ) -> Result<A, GrpcError>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        self.ready().await?;
        let codec = ProstCodec::<Q, A>::default();
        let answer =
            self.grpc.unary(request(question, namespace)?, PathAndQuery::from_static(method), codec).await?;
        Ok(answer.into_inner())
    }

    /// Asks for answers without end; resolves with the first of them.
    async fn open<Q, A>(mut self, method: &'static str, question: Q) -> Result<Streaming<A>, GrpcError>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        self.ready().await?;
        let codec = ProstCodec::<Q, A>::default();
        let path = PathAndQuery::from_static(method);
        let answers = self.grpc.server_streaming(request(question, None)?, path, codec).await?;
        Ok(answers.into_inner())
    }

    async fn ready(&mut self) -> Result<(), GrpcError> {
        Ok(self.grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?)
    }
}

fn request<Q>(question: Q, namespace: Option<&str>) -> Result<Request<Q>, GrpcError> {
    let mut request = Request::new(question);
    if let Some(namespace) = namespace {
        let value = MetadataValue::try_from(namespace)
            .map_err(|error| Status::invalid_argument(format!("a namespace's name: {error}")))?;
        request.metadata_mut().insert("containerd-namespace", value);
    }
    Ok(request)
}
