//! A guard of a test's own, in the test's process, before the daemon that records or before a real engine.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use hyper::StatusCode;
use sensor::guard::proxy::{Counters, Guard, Limits, Listener};
use sensor::guard::{Age, Identify, Judge, Mode, Request, Verdict, Witness};
use tempfile::TempDir;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::client::Client;
use super::daemon::{Daemon, PATIENCE};

/// What was judged: the operation, the target as it is forwarded, and whether it was stopped.
pub(crate) type Judged = (String, String, bool);

/// Statuses of what was refused.
#[derive(Debug, Default)]
pub(crate) struct Refused(Mutex<Vec<u16>>);

impl Witness<u32> for Refused {
    fn refused(&self, _: &u32, status: StatusCode, reason: &str) {
        assert!(!reason.is_empty());
        self.0.lock().unwrap().push(status.as_u16());
    }
}

/// Knows a client's user.
#[derive(Debug)]
pub(crate) struct User;

impl Identify for User {
    type Caller = u32;
    type Error = Infallible;

    async fn identify(&self, client: &UnixStream) -> Result<u32, Infallible> {
        Ok(client.peer_cred().unwrap().uid())
    }
}

/// Who decides in a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Everything is allowed.
    Permissive,
    /// Builds, containers that are privileged or of which nothing is said, and what is not known is denied.
    Strict,
}

impl Rules {
    fn verdict(self, request: &Request) -> Verdict {
        let privileged = || match &request.body {
            Some(body) => body.at(&["HostConfig", "Privileged"]).is_true(),
            None => true,
        };
        let denied = match request.operation.map(|operation| operation.name) {
            _ if self == Self::Permissive => false,
            None | Some("build") => true,
            Some("container.create") => privileged(),
            Some(_) => false,
        };
        let deny =
            || Verdict::Deny { rule: "no \"host\" access".to_owned(), reason: "privileged".to_owned() };
        if denied { deny() } else { Verdict::Allow }
    }
}

/// Decides by these rules, and notes what it was asked.
#[derive(Debug)]
pub(crate) struct Noting {
    rules: Rules,
    mode: Mode,
    judged: Mutex<Vec<Judged>>,
}

impl Judge<u32> for Noting {
    type Memory = ();

    async fn made(&self, _: &Request, _: &u32, (): &(), _: &str) -> Option<String> {
        None
    }

    async fn age(&self, _: &str) -> Age {
        Age::Unknown
    }

    async fn judge(&self, request: &Request, caller: &u32) -> (Verdict, ()) {
        assert_eq!(*caller, rustix::process::geteuid().as_raw());
        let verdict = self.rules.verdict(request);
        let name = request.operation.map_or("unknown", |operation| operation.name).to_owned();
        let stopped = self.mode == Mode::Enforce && verdict != Verdict::Allow;
        self.judged.lock().unwrap().push((name, request.target.to_uri(), stopped));
        (verdict, ())
    }
}

/// A guard that runs.
pub(crate) struct Place {
    pub(crate) daemon: Option<Arc<Daemon>>,
    pub(crate) guard: Arc<Guard<User, Noting, Refused>>,
    pub(crate) socket: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
    runtime: Runtime,
    _directory: TempDir,
}

impl Place {
    /// A strict guard in this mode before a daemon that records.
    pub(crate) fn recording(mode: Mode, limits: Limits) -> Self {
        let runtime = runtime();
        let directory = tempfile::tempdir().unwrap();
        let engine = directory.path().join("engine.sock");
        let daemon = runtime.block_on(async { Daemon::start(&engine) });
        Self::start(runtime, directory, engine, Some(daemon), Rules::Strict, mode, limits)
    }

    /// A strict guard that enforces, with the usual limits, before a daemon that records.
    pub(crate) fn strict() -> Self {
        Self::recording(Mode::Enforce, Limits::default())
    }

    /// A guard that allows everything, before an engine.
    pub(crate) fn permissive(engine: &Path) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (rules, limits) = (Rules::Permissive, Limits::default());
        Self::start(runtime(), directory, engine.to_owned(), None, rules, Mode::Enforce, limits)
    }

    fn start(
        runtime: Runtime,
        directory: TempDir,
        engine: PathBuf,
        daemon: Option<Arc<Daemon>>,
        rules: Rules,
        mode: Mode,
        limits: Limits,
    ) -> Self {
        let judge = Noting { rules, mode, judged: Mutex::default() };
        let guard = Arc::new(Guard::new(User, judge, Refused::default(), mode, limits, engine));
        let socket = directory.path().join("guard.sock");
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&guard);
        let listener = runtime.block_on(async { Listener::bind(&socket, None) }).unwrap();
        let serving = runtime.spawn(served.serve(listener, async move { drop(stopped.await) }));
        let (stop, serving) = (Some(stop), Some(serving));
        Self { daemon, guard, socket, stop, serving, runtime, _directory: directory }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.socket)
    }

    pub(crate) fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().unwrap()
    }

    /// What was judged so far.
    pub(crate) fn judged(&self) -> Vec<Judged> {
        self.guard.judge.judged.lock().unwrap().clone()
    }

    /// Statuses of what was refused so far.
    pub(crate) fn refused(&self) -> Vec<u16> {
        self.guard.witness.0.lock().unwrap().clone()
    }

    /// Tells the guard to stop.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until the guard has stopped.
    pub(crate) fn join(&mut self) {
        if let Some(serving) = self.serving.take() {
            self.runtime.block_on(serving).unwrap();
        }
    }

    /// Waits until every connection that was taken has ended.
    pub(crate) fn wait_for_ends(&self, connections: u64) {
        let deadline = Instant::now() + PATIENCE;
        let Counters { connections: taken, ended, .. } = &self.guard.counters;
        while (taken.get(), ended.get()) != (connections, connections) {
            assert!(Instant::now() < deadline, "{:?}", self.guard.counters);
            std::thread::yield_now();
        }
    }

    /// Waits until one of the connections that were taken has ended.
    pub(crate) fn wait_for_end_of_one(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.guard.counters.ended.get() == 0 {
            assert!(Instant::now() < deadline, "{:?}", self.guard.counters);
            std::thread::yield_now();
        }
    }

    /// That the daemon got nothing but what was judged and let through, each over a connection of its own.
    pub(crate) fn assert_only_judged_arrived(&self) {
        let allowed: Vec<_> =
            self.judged().into_iter().filter(|(_, _, stopped)| !stopped).map(|(_, uri, _)| uri).collect();
        let arrived: Vec<_> = self
            .daemon()
            .lines()
            .iter()
            .map(|line| line.split(' ').nth(1).unwrap_or_default().to_owned())
            .collect();
        assert_eq!(arrived, allowed);
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

impl Drop for Place {
    fn drop(&mut self) {
        self.stop();
        if !std::thread::panicking() {
            self.join();
        }
    }
}
