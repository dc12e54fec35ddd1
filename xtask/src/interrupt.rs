//! Ctrl-C and its kin: end what we started, remove what is half made, say so.
//!
//! Every child runs in a process group of its own (see `process`), so that a signal to us alone, as a CI runner
//! sends it, still ends the whole tree below us.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

static STATE: Mutex<State> = Mutex::new(State { groups: Vec::new(), scratch: Vec::new() });

struct State {
    groups: Vec<Pid>,
    scratch: Vec<PathBuf>,
}

/// Starts the thread that waits for the signals.
pub(crate) fn install() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("installing the signal handlers")?;
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            stop(signal);
        }
    });
    Ok(())
}

/// Remembers the process group led by `leader`, to be ended on interruption.
pub(crate) fn remember_group(leader: Pid) {
    state().groups.push(leader);
}

/// Forgets a process group that has ended.
pub(crate) fn forget_group(leader: Pid) {
    state().groups.retain(|&group| group != leader);
}

/// Remembers a directory to be removed on interruption.
pub(crate) fn remember_scratch(path: &Path) {
    state().scratch.push(path.to_owned());
}

/// Forgets a directory that is gone.
pub(crate) fn forget_scratch(path: &Path) {
    state().scratch.retain(|other| other != path);
}

#[expect(clippy::exit, reason = "the main thread is waiting for a child; there is nobody to return to")]
fn stop(signal: i32) {
    let state = state();
    eprintln!("\ninterrupted: nothing is left half done; run the same command again to go on");
    for &group in &state.groups {
        // A group that ended a moment ago is no error.
        kill_process_group(group, Signal::TERM).ok();
    }
    for path in &state.scratch {
        // A child may still be writing there; what stays is swept by the next run.
        drop(std::fs::remove_dir_all(path));
    }
    std::process::exit(128_i32.saturating_add(signal));
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
