//! A thread of its own that asks runtimes about containers, so that the engine's thread never waits for one.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use std::{fmt, io};

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::container_id::ContainerId;
use super::counters::{Count, Counters};
use super::desk::{Desk, Task};
use super::docker::facts::{Host, happening};
use super::docker::http::Limits;
use super::facts::Facts;
use super::follow::{News, follow_docker, follow_runtime};
use super::podman::facts::READERS;
use super::request::{Answer, Ask, Request};
use super::source::Source;
use super::state::Reason;
use super::witness::{Places, Question, Witnesses};
use crate::sys::{cgroupfs, clock};

/// Most requests waiting for the thread, and most answers waiting for the engine.
const QUEUE: usize = 1024;
/// Most events waiting for the thread; the stream waits beyond that.
const EVENTS: usize = 256;
/// Most connections to a runtime at once.
const CONNECTIONS: usize = 16;

/// Where the runtimes are and how much patience they get.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where they are.
    pub places: Places,
    /// `cgroup-parent` in the Docker daemon's configuration, which it does not tell; empty for none.
    pub docker_cgroup_parent: String,
    /// How long and how much an answer may take.
    pub limits: Limits,
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
        let mut builder = Builder::new_current_thread();
        let builder = builder.enable_io().enable_time().max_blocking_threads(READERS);
        let runtime = builder.build().map_err(StartError::Runtime)?;
        let (asks, incoming) = mpsc::channel(QUEUE);
        let (outgoing, answers) = mpsc::channel(QUEUE);
        let station = Station::new(options, incoming, outgoing, counters, Box::new(waker));
        let thread = std::thread::Builder::new()
            .name("vigie-identity".to_owned())
            .spawn(move || serve(runtime, station))
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

fn serve(runtime: Runtime, station: Station) {
    runtime.block_on(station.serve());
    // A read that hangs in a file system of a user's is left to itself.
    runtime.shutdown_background();
}

type Inspected = (ContainerId, Result<Facts, Reason>);

/// The thread, from its own side.
struct Station {
    asks: mpsc::Receiver<Request>,
    answers: mpsc::Sender<Answer>,
    waker: Box<dyn Fn() + Send>,
    desk: Desk,
    witnesses: Witnesses,
    patience: Duration,
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
            witnesses: Witnesses::new(options.places.clone(), options.limits, &counters),
            patience: options.limits.answer,
            connections: Arc::new(Semaphore::new(CONNECTIONS)),
            inspections: JoinSet::new(),
            counters,
        }
    }

    /// Works until the engine's side is gone.
    async fn serve(mut self) {
        let (sender, mut news) = mpsc::channel(EVENTS);
        let mut followers = JoinSet::new();
        for socket in self.witnesses.sockets.iter().cloned() {
            followers.spawn(follow_runtime(socket, sender.clone()));
        }
        followers.spawn(follow_docker(self.witnesses.docker.clone(), sender, Arc::clone(&self.counters)));
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
            News::Docker(driver) => self.desk.docker_connected(driver),
            News::Runtime => self.desk.connected(Source::Cri),
            News::Happened(happening) => self.desk.happened(*happening),
            News::Event(event) if event.kind == "container" => {
                let happening = happening(self.desk.host(), &event);
                happening.map_or_else(Vec::new, |happening| self.desk.happened(happening))
            }
            News::Event(_) => {
                self.counters.add(Count::StreamGarbage);
                Vec::new()
            }
        }
    }

    /// Does one thing; false once nobody wants answers.
    async fn perform(&mut self, task: Task) -> bool {
        match task {
            Task::Inspect(question) => {
                let (witnesses, host) = (self.witnesses.clone(), self.desk.host().clone());
                let place = place(Arc::clone(&self.connections), self.patience);
                self.inspections.spawn(inspect(witnesses, host, place, question));
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

/// Waits for a place among those who ask; there is none if it takes too long.
async fn place(connections: Arc<Semaphore>, patience: Duration) -> Option<OwnedSemaphorePermit> {
    timeout(patience, connections.acquire_owned()).await.ok()?.ok()
}

/// Asks about one container, once there is a place.
async fn inspect(
    witnesses: Witnesses,
    host: Host,
    place: impl Future<Output = Option<OwnedSemaphorePermit>>,
    question: Question,
) -> Inspected {
    let result = match place.await {
        Some(_place) => witnesses.gather(&question, &host).await,
        None => Err(Reason::Busy),
    };
    (question.id, result)
}

#[cfg(test)]
mod tests;
