//! The lock-down beside the guard: attempts past it are told, and engines that are started anew are looked at.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sensor_common::lockdown::{Attempt, Outcome};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::ends::{Ends, GuardError};
use super::office::Office;
use crate::cli;
use crate::guard::Mode;
use crate::guard::alarm::Alarm;
use crate::guard::caller::{Caller, Directory};
use crate::guard::lockdown::{Lockdown, State, Wanted, places::Places};
use crate::guard::place::{closed_directory, units::Fail};
use crate::guard::proxy::Guard;
use crate::sink::{Severity, status};
use crate::sys::lockdown::{Clients, Events};

/// How often sockets and programs are looked at, besides whenever somebody is refused.
const LOOK: Duration = Duration::from_secs(1);

/// The lock-down, shared between the guard and who tells of attempts.
#[derive(Clone, Debug)]
pub(super) struct Shared(Arc<Mutex<Lockdown>>);

/// What tells of attempts, until it is stopped.
#[derive(Debug)]
pub(super) struct Watching {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Makes it ready if it is asked for. A mode that judges nothing keeps nobody out either.
pub(super) fn prepare(options: &cli::Guard) -> Result<Option<Shared>, GuardError> {
    if !options.lock.lock_down {
        return Ok(None);
    }
    if options.mode == Mode::Off {
        status(Severity::Warning, "guard: mode off keeps nobody out: there is no lock-down");
        return Ok(None);
    }
    let places = Places::new(&engines(options), &options.lock.protect, &options.lock.allow);
    let stays = options.fail == Some(Fail::Closed);
    let lockdown = Lockdown::prepare(Wanted { places, mode: options.mode, stays })?;
    Ok(Some(Shared(Arc::new(Mutex::new(lockdown)))))
}

/// Every place where the engine's socket is, or will be if it is made anew.
fn engines(options: &cli::Guard) -> Vec<PathBuf> {
    let taken = options.take.iter().flat_map(|socket| {
        let closed = closed_directory(socket);
        [socket.clone(), closed.join(socket.file_name().unwrap_or_default())]
    });
    options.upstream.iter().cloned().chain(taken).collect()
}

impl Shared {
    /// Brings it into force, and says how it is.
    pub(super) fn start(&self, ends: &Ends) -> Result<(), GuardError> {
        let mut lockdown = self.lock();
        lockdown.protect(ends.engine());
        if !matches!(ends, Ends::Between { .. }) {
            lockdown.guard_listens(ends.clients().to_owned())?;
        }
        lockdown.start()?;
        let severity = match lockdown.state() {
            State::On | State::Tells => Severity::Info,
            State::Off(_) | State::Blind(_) => Severity::Warning,
        };
        status(severity, &format!("guard: {}", lockdown.describe()));
        Ok(())
    }

    /// The guard listens, which makes its socket where it is a new one.
    pub(super) fn listens(&self, ends: &Ends) -> Result<(), GuardError> {
        Ok(self.lock().guard_listens(ends.clients().to_owned())?)
    }

    /// The same where the guard took its place again.
    pub(super) fn listens_again(&self, ends: &Ends) {
        if let Err(error) = self.listens(ends) {
            status(Severity::Error, &format!("guard: {error}"));
        }
    }

    /// Who connected to the guard, where the kernel says.
    pub(super) fn clients(&self) -> Option<Clients> {
        self.lock().clients()
    }

    /// Tells of attempts until it is stopped. To be called within a runtime.
    pub(super) fn watch<I: Send + Sync + 'static, W: Send + Sync + 'static>(
        &self,
        guard: Arc<Guard<I, Arc<Office>, W>>,
        directory: Directory,
    ) -> Result<Watching, GuardError> {
        let events = self.lock().events()?;
        let (stop, stopped) = oneshot::channel();
        let desk = Desk { lockdown: self.clone(), guard, directory, alarm: Alarm::past_guard(), lost: 0 };
        Ok(Watching { stop, task: tokio::spawn(desk.sit(events, stopped)) })
    }

    /// Ends it, and says what it counted.
    pub(super) fn close(self) -> Vec<(&'static str, u64)> {
        let counters = self.lock().counters();
        let lockdown = Arc::into_inner(self.0);
        let lockdown = lockdown.map(|lockdown| lockdown.into_inner().unwrap_or_else(PoisonError::into_inner));
        if let Some(Err(error)) = lockdown.map(Lockdown::close) {
            status(Severity::Error, &error.to_string());
        }
        counters
    }

    fn lock(&self) -> MutexGuard<'_, Lockdown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watching {
    /// Tells what was not told yet, and ends.
    pub(super) async fn stop(self) {
        // Both only fail where it has ended already.
        self.stop.send(()).ok();
        self.task.await.ok();
    }
}

/// Where attempts are told.
struct Desk<I, W> {
    lockdown: Shared,
    guard: Arc<Guard<I, Arc<Office>, W>>,
    directory: Directory,
    alarm: Alarm,
    lost: u64,
}

impl<I: Send + Sync, W: Send + Sync> Desk<I, W> {
    async fn sit(mut self, mut events: Events, mut stopped: oneshot::Receiver<()>) {
        let mut clock = interval(LOOK);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let attempts = tokio::select! {
                _ = &mut stopped => break,
                attempts = events.wait() => attempts,
                _ = clock.tick() => Ok(Vec::new()),
            };
            let Ok(attempts) = attempts else { break };
            self.refresh();
            self.tell(attempts).await;
        }
        self.tell(events.pending()).await;
        self.count_lost();
    }

    fn refresh(&mut self) {
        let refreshed = self.lockdown.lock().refresh();
        if let Err(error) = refreshed {
            status(Severity::Error, &error.to_string());
        }
        self.count_lost();
    }

    async fn tell(&self, attempts: Vec<Attempt>) {
        for attempt in attempts {
            // The self-test is a child of the guard's.
            if attempt.client.parent == std::process::id() {
                continue;
            }
            let socket = self.lockdown.lock().socket(&attempt).unwrap_or_default();
            let socket = socket.as_os_str().as_encoded_bytes();
            let caller = Caller::recorded(attempt.client, &self.directory, socket).await;
            if let Some((rule, output)) = self.alarm.ring(&caller) {
                self.guard.judge.past_guard(rule, output, &attempt);
            }
        }
    }

    fn count_lost(&mut self) {
        let counters = self.lockdown.lock().counters();
        let lost =
            counters.iter().find(|(name, _)| *name == Outcome::Lost.name()).map_or(0, |(_, count)| *count);
        if lost > self.lost {
            let more = lost.saturating_sub(self.lost);
            status(
                Severity::Warning,
                &format!("guard: {more} attempts past the guard came too fast to be told"),
            );
        }
        self.lost = lost;
    }
}
