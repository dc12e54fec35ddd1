//! `vigie guard`.

mod ends;
mod lockdown;
mod office;
mod place;

use std::io;
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use super::{CommandError, judging};
use crate::cli::{self, Exit};
use crate::guard::proxy::{Guard, Limits};
use crate::sink::{Severity, status};
use ends::Ends;
use office::{Callers, Office, Refusals};

pub(super) use ends::GuardError;
pub use place::GuardPlaceError;

/// Descriptors that one connection may need: the client's, the engine's, and a watch on each.
const DESCRIPTORS: u64 = 4;

/// Guards until a signal comes, or does what else was asked for.
pub(super) fn run(options: &cli::Guard) -> Result<Exit, CommandError> {
    if let Some(command) = &options.place {
        return place::run(command);
    }
    let rules = judging::load(&options.judging)?;
    raise_descriptors(options.max_connections);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(GuardError::from)?;
    // Before the engine is looked at: a lock-down that a killed guard left behind keeps this one out, too.
    let lock = lockdown::prepare(options)?;
    let mut ends = Ends::open(options)?;
    let result = runtime.block_on(async {
        lock.iter().try_for_each(|lock| lock.start(&ends))?;
        let callers = Callers::new(&ends, &rules, lock.as_ref().and_then(lockdown::Shared::clients));
        let directory = callers.directory();
        let office = Office::open(options, rules, ends.engine())?;
        let guard = Arc::new(Guard::new(
            callers,
            office,
            Refusals,
            options.mode,
            limits(options),
            ends.engine().to_owned(),
        ));
        let listener = ends.listener()?;
        lock.iter().try_for_each(|lock| lock.listens(&ends))?;
        let watching = lock.as_ref().map(|lock| lock.watch(Arc::clone(&guard), directory)).transpose()?;
        let stop = stop()?;
        status(Severity::Info, &format!("guard: {ends}, mode {}", options.mode.name()));
        Arc::clone(&guard).serve(listener, stop).await;
        if let Some(watching) = watching {
            watching.stop().await;
        }
        guard.judge.close();
        Ok::<_, GuardError>(guard)
    });
    ends.close()?;
    let locked = lock.map(lockdown::Shared::close).unwrap_or_default();
    let guard = result?;
    let counts: Vec<_> =
        guard.counters.all().iter().chain(&locked).map(|(name, count)| format!("{name}={count}")).collect();
    status(Severity::Info, &counts.join(" "));
    Ok(Exit::Done)
}

fn limits(options: &cli::Guard) -> Limits {
    Limits { connections: options.max_connections, json: options.max_body, ..Limits::default() }
}

/// Done when SIGINT or SIGTERM comes. The handlers are in place when this returns.
fn stop() -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// As many descriptors as the hard limit allows; where that is too few, it is said.
fn raise_descriptors(connections: usize) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        status(Severity::Warning, &format!("the limit on open files cannot be raised: {error}"));
    }
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_mul(DESCRIPTORS);
    if let Some(most) = maximum.filter(|most| *most < needed) {
        let text = format!("{most} open files are allowed; {connections} connections may need {needed}");
        status(Severity::Warning, &text);
    }
}
