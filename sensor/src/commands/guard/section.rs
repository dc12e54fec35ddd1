//! The guard as a part of `vigie run`: in threads of its own, so that the end of either does not end the other.

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::ends::GuardError;
use super::post::{Post, Posted};
use super::runtime;
use crate::cli;
use crate::engine::Companion;
use crate::guard::proxy::Listener;
use crate::rules::RuleSet;
use crate::sink::{Inlet, Severity, status};

/// A guard that works beside the engine.
#[derive(Debug)]
pub(in crate::commands) struct Section {
    guard: Posted,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Section {
    /// Starts it; what it cannot do without is there when this returns.
    pub(in crate::commands) fn start(
        options: &cli::Guard,
        rules: RuleSet,
        alerts: Inlet,
    ) -> Result<Self, GuardError> {
        let runtime = runtime()?;
        let mut post = Post::open(options, rules, alerts)?;
        let listener = match runtime.block_on(async { post.listener() }) {
            Ok(listener) => listener,
            Err(error) => {
                close(post);
                return Err(error);
            }
        };
        let guard = Arc::clone(post.guard());
        let (stop, stopped) = oneshot::channel();
        let work = move || work(post, listener, runtime, stopped);
        let thread = std::thread::Builder::new().name("guard".to_owned()).spawn(work)?;
        Ok(Self { guard, stop: Some(stop), thread: Some(thread) })
    }

    /// What judges by other rules from now on, once it is called with them.
    pub(in crate::commands) fn replacer(&self) -> impl Fn(RuleSet) + Send + Sync + 'static {
        let guard = Arc::clone(&self.guard);
        move |rules| guard.judge.replace(rules)
    }
}

impl Companion for Section {
    fn rows(&self) -> Vec<(&'static str, u64)> {
        let rows = self.guard.counters.all().into_iter();
        rows.map(|(name, count)| (name.trim_start_matches("guard_"), count)).collect()
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            status(Severity::Error, "guard: it ended abnormally");
        }
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        self.end();
    }
}

fn work(mut post: Post, listener: Listener, runtime: Runtime, stopped: oneshot::Receiver<()>) {
    runtime.block_on(post.serve(listener, async move { drop(stopped.await) }));
    close(post);
    // A look at a file system that hangs is not waited for.
    runtime.shutdown_background();
}

fn close(post: Post) {
    if let Err(error) = post.close() {
        status(Severity::Error, &format!("guard: {error}"));
    }
}
