//! The sensor that tests leave to each other: to load its programs takes longer than most tests do.

use std::sync::{Mutex, PoisonError};

use super::sensor::Running;

/// The last one that a test was done with, and what it is asked for.
static IDLE: Mutex<Option<(String, Running)>> = Mutex::new(None);

/// Takes it if it is asked for this; one that is asked for anything else is ended.
pub(super) fn take(scope: &str) -> Option<Running> {
    let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).take();
    idle.filter(|(of, _)| of == scope).map(|(_, running)| running)
}

/// Leaves it to the next test.
pub(super) fn give(scope: String, running: Running) {
    *IDLE.lock().unwrap_or_else(PoisonError::into_inner) = Some((scope, running));
}

/// Ends it: the next sensor is to be alone.
pub(super) fn end() {
    *IDLE.lock().unwrap_or_else(PoisonError::into_inner) = None;
}
