//! Following what the runtimes tell while it happens.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::counters::{Count, Counters};
use super::docker::http::Engine;
use super::docker::model::{Driver, Event, Info};
use super::docker::stream::{Line, Stream};
use super::facts::Happening;
use super::grpc::{GrpcError, Socket, Subscription};
use super::{containerd, cri};

/// Shortest and longest time between attempts to open a stream of events.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// What the streams of events bring.
#[derive(Debug)]
pub enum News {
    /// Docker's is open.
    Docker(Option<Driver>),
    /// Another runtime's is open.
    Runtime,
    /// Docker tells of something.
    Event(Box<Event>),
    /// Another runtime tells of a container.
    Happened(Box<Happening>),
}

/// The time between attempts, growing while they fail.
struct Backoff {
    pause: Duration,
    begun: Instant,
}

impl Backoff {
    fn new() -> Self {
        Self { pause: BACKOFF.0, begun: Instant::now() }
    }

    /// Waits for the next attempt; not long if the last one went well for a while.
    async fn wait(&mut self) {
        let pause = if self.begun.elapsed() > BACKOFF.1 { BACKOFF.0 } else { self.pause };
        sleep(pause).await;
        self.pause = BACKOFF.1.min(pause * 2);
        self.begun = Instant::now();
    }
}

/// Follows Docker's events, and opens the stream again whenever it ends, where it left off.
pub async fn follow_docker(docker: Engine, news: mpsc::Sender<News>, counters: Arc<Counters>) {
    let mut last = None;
    let mut backoff = Backoff::new();
    loop {
        if let Ok(mut stream) = Stream::open(&docker, last).await {
            counters.add(Count::StreamOpened);
            let driver = docker.get::<Info>("/info").await.ok().and_then(|info| info.driver());
            if news.send(News::Docker(driver)).await.is_err() {
                return;
            }
            if !relay(&mut stream, &news, &mut last, &counters).await {
                return;
            }
        }
        counters.add(Count::StreamLost);
        backoff.wait().await;
    }
}

/// Passes on the events of one stream until it ends; false once nobody wants them.
async fn relay(
    stream: &mut Stream,
    news: &mpsc::Sender<News>,
    last: &mut Option<Timestamp>,
    counters: &Counters,
) -> bool {
    while let Some(line) = stream.next().await {
        match line {
            Line::Event(event) => {
                counters.add(Count::StreamEvents);
                *last = Some(event.time());
                if news.send(News::Event(event)).await.is_err() {
                    return false;
                }
            }
            Line::Garbage => counters.add(Count::StreamGarbage),
            Line::TooLong => counters.add(Count::StreamTooLong),
        }
    }
    true
}

/// A runtime's stream.
enum Events {
    /// containerd's own, of every namespace.
    Containerd(Subscription<containerd::model::Envelope>),
    /// That of CRI.
    Cri(Subscription<cri::model::ContainerEvent>),
}

impl Events {
    async fn open(socket: &Socket) -> Result<Self, GrpcError> {
        match containerd::stream::open(socket).await {
            Err(error) if error.is_unspoken() => cri::stream::open(socket).await.map(Self::Cri),
            result => result.map(Self::Containerd),
        }
    }

    /// What the next event tells, which may be nothing to us; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Result<Option<Happening>, prost::DecodeError>> {
        match self {
            Self::Containerd(stream) => {
                let envelope = stream.next().await?;
                Some(containerd::stream::happening(&envelope))
            }
            Self::Cri(stream) => Some(Ok(cri::stream::happening(stream.next().await?))),
        }
    }
}

/// Follows another runtime's events, and opens the stream again whenever it ends. What happened meanwhile is not
/// repeated; the claims still open are asked about again.
pub async fn follow_runtime(socket: Socket, news: mpsc::Sender<News>) {
    let mut backoff = Backoff::new();
    loop {
        if let Ok(mut events) = Events::open(&socket).await {
            socket.counters().add(Count::CriStreamOpened);
            if news.send(News::Runtime).await.is_err()
                || !pass_on(&mut events, &news, socket.counters()).await
            {
                return;
            }
        }
        socket.counters().add(Count::CriStreamLost);
        backoff.wait().await;
    }
}

/// Passes on the events of one stream until it ends; false once nobody wants them.
async fn pass_on(events: &mut Events, news: &mpsc::Sender<News>, counters: &Counters) -> bool {
    while let Some(event) = events.next().await {
        counters.add(Count::CriStreamEvents);
        match event {
            Ok(Some(happening)) => {
                if news.send(News::Happened(Box::new(happening))).await.is_err() {
                    return false;
                }
            }
            Ok(None) => {}
            Err(error) => {
                tracing::debug!("an event of a runtime's: {error}");
                counters.add(Count::CriStreamGarbage);
            }
        }
    }
    true
}
