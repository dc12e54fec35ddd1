//! A thread of its own that asks runtimes about containers, so that the engine's thread never waits for one.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use std::{fmt, io};

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::container_id::ContainerId;
use super::counters::{Count, Counters};
use super::desk::{Desk, Task};
use super::docker::facts::{Facts, Host, gather};
use super::docker::http::{Engine, Limits};
use super::docker::model::{Driver, Event, Info};
use super::docker::stream::{Line, Stream};
use super::request::{Answer, Ask, Request};
use super::state::Reason;
use crate::sys::{cgroupfs, clock};

/// Most requests waiting for the thread, and most answers waiting for the engine.
const QUEUE: usize = 1024;
/// Most events waiting for the thread; the stream waits beyond that.
const EVENTS: usize = 256;
/// Most connections to a runtime at once.
const CONNECTIONS: usize = 16;
/// Shortest and longest time between attempts to open the stream of events.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Where the runtimes are and how much patience they get.
#[derive(Clone, Debug)]
pub struct Options {
    /// The Docker Engine's socket.
    pub docker_socket: PathBuf,
    /// `cgroup-parent` in the Docker daemon's configuration, which it does not tell; empty for none.
    pub docker_cgroup_parent: String,
    /// How long and how much an answer may take.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            docker_socket: PathBuf::from("/var/run/docker.sock"),
            docker_cgroup_parent: String::new(),
            limits: Limits::default(),
        }
    }
}

/// Why there is no resolver.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its event loop could not be made.
    #[error("cannot set up the container resolver's event loop: {0}")]
    Runtime(#[source] io::Error),
    /// Its thread could not be made.
    #[error("cannot start the container resolver's thread: {0}")]
    Thread(#[source] io::Error),
}

/// The thread, from the engine's side. Dropping it stops the thread and waits for that, which is at once
/// whatever the runtimes do.
pub struct Resolver {
    asks: Option<mpsc::Sender<Request>>,
    answers: mpsc::Receiver<Answer>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").finish_non_exhaustive()
    }
}

impl Resolver {
    /// Starts the thread. `waker` is called on it whenever an answer is ready.
    pub fn start(
        options: &Options,
        counters: Arc<Counters>,
        waker: impl Fn() + Send + 'static,
    ) -> Result<Self, StartError> {
        let runtime =
            Builder::new_current_thread().enable_io().enable_time().build().map_err(StartError::Runtime)?;
        let (asks, incoming) = mpsc::channel(QUEUE);
        let (outgoing, answers) = mpsc::channel(QUEUE);
        let station = Station::new(options, incoming, outgoing, counters, Box::new(waker));
        let thread = std::thread::Builder::new()
            .name("vigie-identity".to_owned())
            .spawn(move || serve(&runtime, station))
            .map_err(StartError::Thread)?;
        Ok(Self { asks: Some(asks), answers, thread: Some(thread) })
    }
}

impl Ask for Resolver {
    fn ask(&mut self, request: Request) -> Result<(), Request> {
        match &self.asks {
            Some(asks) => asks.try_send(request).map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(request) | mpsc::error::TrySendError::Closed(request) => {
                    request
                }
            }),
            None => Err(request),
        }
    }

    fn try_recv(&mut self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        self.asks = None;
        self.answers.close();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to stop.
            drop(thread.join());
        }
    }
}

fn serve(runtime: &Runtime, station: Station) {
    runtime.block_on(station.serve());
}

/// What the stream of events brings.
enum News {
    /// It is open.
    Connected(Option<Driver>),
    /// Something happened.
    Event(Box<Event>),
}

type Inspected = (ContainerId, Result<Facts, Reason>);

/// The thread, from its own side.
struct Station {
    asks: mpsc::Receiver<Request>,
    answers: mpsc::Sender<Answer>,
    waker: Box<dyn Fn() + Send>,
    desk: Desk,
    docker: Engine,
    connections: Arc<Semaphore>,
    inspections: JoinSet<Inspected>,
    counters: Arc<Counters>,
}

impl Station {
    fn new(
        options: &Options,
        asks: mpsc::Receiver<Request>,
        answers: mpsc::Sender<Answer>,
        counters: Arc<Counters>,
        waker: Box<dyn Fn() + Send>,
    ) -> Self {
        let host = Host {
            driver: None,
            cgroup_parent: options.docker_cgroup_parent.clone(),
            cgroup_of: cgroupfs::of_process,
            now: Timestamp::now,
        };
        Self {
            asks,
            answers,
            waker,
            desk: Desk::new(host, Arc::clone(&counters)),
            docker: Engine::new(options.docker_socket.clone(), options.limits, Arc::clone(&counters)),
            connections: Arc::new(Semaphore::new(CONNECTIONS)),
            inspections: JoinSet::new(),
            counters,
        }
    }

    /// Works until the engine's side is gone.
    async fn serve(mut self) {
        let (sender, mut news) = mpsc::channel(EVENTS);
        let mut follower = JoinSet::new();
        follower.spawn(follow(self.docker.clone(), sender, Arc::clone(&self.counters)));
        loop {
            // Not in any order of preference: no flood on one side keeps the others waiting.
            let tasks = tokio::select! {
                Some(news) = news.recv() => self.take(news),
                Some(Ok((id, result))) = self.inspections.join_next() => self.desk.inspected(&id, result),
                request = self.asks.recv() => match request {
                    Some(request) => {
                        let seen = clock::calendar(request.seen);
                        self.desk.ask(request, seen)
                    }
                    None => return,
                },
            };
            for task in tasks {
                if !self.perform(task).await {
                    return;
                }
            }
        }
    }

    fn take(&mut self, news: News) -> Vec<Task> {
        match news {
            News::Connected(driver) => self.desk.connected(driver),
            News::Event(event) => self.desk.event(&event),
        }
    }

    /// Does one thing; false once nobody wants answers.
    async fn perform(&mut self, task: Task) -> bool {
        match task {
            Task::Inspect(id) => {
                let (docker, host) = (self.docker.clone(), self.desk.host().clone());
                self.inspections.spawn(inspect(docker, host, Arc::clone(&self.connections), id));
                true
            }
            Task::Answer(answer) => {
                let taken = self.answers.send(answer).await.is_ok();
                (self.waker)();
                taken
            }
        }
    }
}

/// Asks Docker about one container, once a connection is free.
async fn inspect(docker: Engine, host: Host, connections: Arc<Semaphore>, id: ContainerId) -> Inspected {
    let Ok(Ok(_permit)) = timeout(docker.limits().answer, connections.acquire()).await else {
        return (id, Err(Reason::Busy));
    };
    let result = match id.hex() {
        Some(hex) => gather(&docker, &host, hex).await.map_err(|error| error.reason()),
        None => Err(Reason::UnknownId),
    };
    (id, result)
}

/// Follows Docker's events, and opens the stream again whenever it ends, where it left off.
async fn follow(docker: Engine, news: mpsc::Sender<News>, counters: Arc<Counters>) {
    let mut last = None;
    let mut pause = BACKOFF.0;
    loop {
        let begun = Instant::now();
        if let Ok(mut stream) = Stream::open(&docker, last).await {
            counters.add(Count::StreamOpened);
            let driver = docker.get::<Info>("/info").await.ok().and_then(|info| info.driver());
            if news.send(News::Connected(driver)).await.is_err() {
                return;
            }
            if !relay(&mut stream, &news, &mut last, &counters).await {
                return;
            }
        }
        counters.add(Count::StreamLost);
        pause = if begun.elapsed() > BACKOFF.1 { BACKOFF.0 } else { pause };
        sleep(pause).await;
        pause = BACKOFF.1.min(pause * 2);
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

#[cfg(test)]
mod tests;
