//! A guard at its post: between its two ends, until it is told to stop.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::ends::{Ends, GuardError};
use super::keeper::News;
use super::lockdown::{self, Watching};
use super::make_room;
use super::office::{Callers, Office};
use crate::cli;
use crate::guard::caller::Directory;
use crate::guard::proxy::{Guard, Limits, Listener};
use crate::rules::RuleSet;
use crate::sink::{Inlet, Severity, status};
use crate::sys::memory::keep_freed;

/// What is told of its place.
const LOST: &str = "clients do not come to the guard any more: something else has the name of its socket";
const RETAKEN: &str = "clients come to the guard again";

/// Bytes of memory that long requests used and that are kept for the next ones; without, they would be had from the kernel
/// page by page for each.
const KEPT_MEMORY: u32 = 16 << 20;

/// The guard, as others see it.
pub(super) type Posted = Arc<Guard<Callers, Arc<Office>, Arc<Office>>>;

/// The guard and its ends.
#[derive(Debug)]
pub(super) struct Post {
    ends: Ends,
    guard: Posted,
    lock: Option<lockdown::Shared>,
    watching: Option<Watching>,
    directory: Directory,
}

impl Post {
    /// Takes the ends that the command line names. Alerts go into `alerts`.
    pub(super) fn open(options: &cli::Guard, rules: RuleSet, alerts: Inlet) -> Result<Self, GuardError> {
        // Before the engine is looked at: a lock-down that a killed guard left behind keeps this one out, too.
        let lock = lockdown::prepare(options)?;
        let ends = Ends::open(options)?;
        match man(options, rules, alerts, &ends, lock.as_ref()) {
            Ok((guard, directory)) => Ok(Self { ends, guard, lock, watching: None, directory }),
            Err(error) => {
                // The place is given back, and why there is no guard is what counts.
                if let Err(second) = ends.close() {
                    status(Severity::Error, &format!("guard: {second}"));
                }
                Err(error)
            }
        }
    }

    /// The guard.
    pub(super) fn guard(&self) -> &Posted {
        &self.guard
    }

    /// Listens, once, and watches who goes past. To be called within a runtime.
    pub(super) fn listener(&mut self) -> Result<Listener, GuardError> {
        let listener = self.ends.listener()?;
        if let Some(lock) = &self.lock {
            lock.listens(&self.ends)?;
            self.watching = Some(lock.watch(Arc::clone(&self.guard), self.directory.clone())?);
        }
        Ok(listener)
    }

    /// Serves until `stop` is done. Where the engine's place was taken, it is kept.
    pub(super) async fn serve(&mut self, listener: Listener, stop: impl Future<Output = ()>) {
        let (stopping, stopped) = watch::channel(false);
        let mut serving = JoinSet::new();
        let mut serve = |listener| {
            let mut stopped = stopped.clone();
            serving.spawn(Arc::clone(&self.guard).serve(listener, async move {
                // A sender that is gone stops, too.
                drop(stopped.wait_for(|stop| *stop).await);
            }));
        };
        serve(listener);
        status(Severity::Info, &format!("guard: {}, mode {}", self.ends, self.guard.mode.name()));
        let mut stop = std::pin::pin!(stop);
        let mut is_lost = false;
        loop {
            let news = tokio::select! {
                () = &mut stop => break,
                news = self.ends.news(is_lost) => news,
            };
            is_lost = matches!(news, News::Lost);
            self.guard.judge.tell_place(if is_lost { LOST } else { RETAKEN }, is_lost);
            if let News::Retaken(listener) = news {
                serve(listener);
                self.lock.iter().for_each(|lock| lock.listens_again(&self.ends));
            }
        }
        stopping.send_replace(true);
        while let Some(ended) = serving.join_next().await {
            if let Err(error) = ended {
                tracing::error!("the guard ended abnormally: {error}");
            }
        }
        if let Some(watching) = self.watching.take() {
            watching.stop().await;
        }
    }

    /// Gives back what was taken; gives what was counted besides.
    pub(super) fn close(self) -> Result<Vec<(&'static str, u64)>, GuardError> {
        self.guard.judge.close();
        self.ends.close()?;
        Ok(self.lock.map(lockdown::Shared::close).unwrap_or_default())
    }
}

/// The guard between these ends, and where it looks its clients up.
fn man(
    options: &cli::Guard,
    rules: RuleSet,
    alerts: Inlet,
    ends: &Ends,
    lock: Option<&lockdown::Shared>,
) -> Result<(Posted, Directory), GuardError> {
    lock.map_or(Ok(()), |lock| lock.start(ends))?;
    keep_freed(KEPT_MEMORY);
    let callers = Callers::new(ends, &rules, lock.and_then(lockdown::Shared::clients));
    let directory = callers.directory();
    let office = Arc::new(Office::open(options, rules, ends.engine(), alerts)?);
    let engine = ends.engine().to_owned();
    let guard = Guard::new(callers, Arc::clone(&office), office, options.mode, limits(options), engine);
    Ok((Arc::new(guard), directory))
}

fn limits(options: &cli::Guard) -> Limits {
    Limits {
        connections: make_room(options.max_connections),
        per_user: options.per_user(),
        json: options.max_body,
        ..Limits::default()
    }
}
