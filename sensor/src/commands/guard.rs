//! `vigie guard`.

mod ends;
mod keeper;
mod lockdown;
mod office;
mod place;
mod post;
mod reload;
mod section;
mod standby;

use std::io;
use std::sync::Arc;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use super::{CommandError, judging};
use crate::cli::{self, Exit};
use crate::sink::{Destination, Severity, Sink, status};
use post::Post;
use reload::Hangups;

pub(super) use ends::GuardError;
pub use place::GuardPlaceError;
pub(super) use section::Section;

/// Descriptors that one connection may need: the client's, the engine's, a watch on each, and the client's process.
const DESCRIPTORS: u64 = 5;
/// Those that are needed besides.
const OTHERS: u64 = 256;

/// Guards until a signal comes, or does what else was asked for.
pub(super) fn run(options: &cli::Guard) -> Result<Exit, CommandError> {
    if let Some(command) = &options.place {
        return place::run(command);
    }
    let rules = judging::load(&options.judging)?;
    let destination = options.file.clone().map_or(Destination::Stdout, Destination::File);
    let mut sink = Sink::open(&destination).map_err(GuardError::from)?;
    let runtime = runtime()?;
    let mut post = Post::open(options, rules, sink.inlet())?;
    let guard = Arc::clone(post.guard());
    let served = runtime.block_on(async {
        let listener = post.listener()?;
        let heeding = Hangups::new()?.heed(options.judging.clone(), Arc::clone(&guard.judge));
        let heeding = tokio::spawn(heeding);
        post.serve(listener, stop()?).await;
        heeding.abort();
        Ok::<_, GuardError>(())
    });
    let locked = post.close();
    sink.close();
    // A look at a file system that hangs is not waited for.
    runtime.shutdown_background();
    served?;
    let counts = guard.counters.all().into_iter().chain(locked?);
    let counts: Vec<_> = counts.map(|(name, count)| format!("{name}={count}")).collect();
    status(Severity::Info, &counts.join(" "));
    Ok(Exit::Done)
}

fn runtime() -> Result<Runtime, GuardError> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
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

/// Makes room for so many connections; where this process may not have the descriptors that they may need, says how
/// many there is room for. One connection too many is turned away; with no descriptor left nobody would be served.
fn make_room(connections: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_mul(DESCRIPTORS);
    let needed = needed.saturating_add(OTHERS);
    let is_enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= needed);
    let most = if is_enough(maximum) { maximum } else { Some(needed) };
    let raise = |most| setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most });
    if is_enough(current) || raise(most).is_ok() {
        return connections;
    }
    let most = raise(maximum).map_or(current, |()| maximum).unwrap_or_default();
    let room = usize::try_from(most.saturating_sub(OTHERS) / DESCRIPTORS).unwrap_or(usize::MAX).max(1);
    let text = format!("{most} open files are allowed; that is room for {room} connections of {connections}");
    status(Severity::Warning, &text);
    room
}
