//! Fake runtimes that hang, babble, lie and flood, at a socket of a test's own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderValue};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

use super::*;
use crate::identity::counters::{Count, Counters};
use crate::identity::cri::facts::gather;
use crate::identity::cri::model::{ContainerStatus, ContainerStatusResponse};
use crate::identity::docker::http::Limits;
use crate::identity::facts::Facts;
use crate::identity::state::Reason;

const ID: &str = "585ce23b66e221e0bbc70375a37311bbb7fa3d838555d2fd84a6e9c1b024d455";

/// What a fake runtime does with a connection.
#[derive(Clone, Debug)]
enum Manners {
    /// Takes it and says nothing.
    Hangs,
    /// Says this, which is no HTTP.
    Babbles(Vec<u8>),
    /// Answers every question with this message, said to be so long, and this outcome.
    Answers(Vec<u8>, u32, &'static str),
}

/// A fake runtime, gone when dropped.
#[derive(Debug)]
struct FakeRuntime {
    directory: TempDir,
    task: JoinHandle<()>,
}

impl FakeRuntime {
    fn start(manners: Manners) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join("fake.sock")).unwrap();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, manners.clone()));
            }
        });
        Self { directory, task }
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("fake.sock")
    }
}

impl Drop for FakeRuntime {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: UnixStream, manners: Manners) {
    match manners {
        Manners::Hangs => std::future::pending().await,
        Manners::Babbles(bytes) => while stream.write_all(&bytes).await.is_ok() {},
        Manners::Answers(message, length, status) => {
            let answer = service_fn(move |_: Request<Incoming>| {
                let body = framed(&message, length);
                async move { Ok::<_, std::convert::Infallible>(answer(body, status)) }
            });
            let served =
                http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), answer);
            // A client that hangs up is its own business.
            drop(served.await);
        }
    }
}

fn framed(message: &[u8], length: u32) -> Bytes {
    [&[0], length.to_be_bytes().as_slice(), message].concat().into()
}

fn answer(
    body: Bytes,
    status: &'static str,
) -> Response<impl hyper::body::Body<Data = Bytes, Error = std::convert::Infallible>> {
    let trailers = HeaderMap::from_iter([("grpc-status".parse().unwrap(), HeaderValue::from_static(status))]);
    let body = Full::new(body).with_trailers(async move { Some(Ok(trailers)) });
    Response::builder().header("content-type", "application/grpc").body(body).unwrap()
}

/// Asks the runtime at `path` about [`ID`].
async fn ask(path: PathBuf, patience: Duration) -> (Result<Facts, Reason>, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    let limits = Limits { answer: patience, body: 1 << 16, ..Limits::default() };
    let socket = Socket::new(path, limits, Arc::clone(&counters));
    let facts = socket.ask(async |mut session| gather(&mut session, |_| None, ID).await).await;
    (facts.map_err(|error| error.reason()), counters)
}

fn message(id: &str) -> (Vec<u8>, u32) {
    let status = Some(ContainerStatus { id: id.to_owned(), ..ContainerStatus::default() });
    let message = ContainerStatusResponse { status, ..ContainerStatusResponse::default() }.encode_to_vec();
    let length = u32::try_from(message.len()).unwrap();
    (message, length)
}

#[tokio::test]
async fn a_fake_runtime_that_behaves_is_understood() {
    let (message, length) = message(ID);
    let runtime = FakeRuntime::start(Manners::Answers(message, length, "0"));
    let (facts, counters) = ask(runtime.socket(), Duration::from_mins(1)).await;
    assert!(facts.unwrap().cgroups.is_empty(), "it did not say where");
    assert_eq!(counters.get(Count::CriRequests), 1);
}

#[tokio::test]
async fn a_fake_runtime_that_lies_floods_or_refuses_is_not_believed() {
    let (other, length) = message("another");
    let gigabyte = 1 << 30;
    for (manners, reason, count) in [
        (Manners::Answers(other, length, "0"), Reason::Garbage, Count::CriGarbage),
        (Manners::Answers(vec![0; 1 << 16], gigabyte, "0"), Reason::Garbage, Count::CriTooLarge),
        (Manners::Answers(vec![0xff; 64], 64, "0"), Reason::Garbage, Count::CriGarbage),
        (Manners::Answers(Vec::new(), 0, "7"), Reason::Refused, Count::CriRefused),
        (Manners::Answers(Vec::new(), 0, "5"), Reason::UnknownId, Count::CriNotFound),
    ] {
        let runtime = FakeRuntime::start(manners.clone());
        let (facts, counters) = ask(runtime.socket(), Duration::from_mins(1)).await;
        assert_eq!((facts.err(), counters.get(count)), (Some(reason), 1), "{manners:?}");
    }
}

#[tokio::test]
async fn a_fake_runtime_that_hangs_babbles_or_is_gone_costs_no_more_than_the_time_it_gets() {
    let hanging = FakeRuntime::start(Manners::Hangs);
    let (facts, _) = ask(hanging.socket(), Duration::from_millis(50)).await;
    assert_eq!(facts.err(), Some(Reason::TimedOut));
    let babbling = FakeRuntime::start(Manners::Babbles(b"HTTP/1.1 200 OK\r\n\r\n\0\xff".repeat(100)));
    let (facts, _) = ask(babbling.socket(), Duration::from_mins(1)).await;
    assert!(facts.is_err());
    let (facts, counters) = ask(PathBuf::from("/nonexistent/fake.sock"), Duration::from_mins(1)).await;
    assert_eq!((facts.err(), counters.get(Count::CriUnreachable)), (Some(Reason::Unreachable), 1));
}
