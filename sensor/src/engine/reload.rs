//! New rules while the engine works: they are loaded on a thread beside it, and put in the place of the old ones only
//! if they can be used.

use std::{
    fmt,
    sync::{
        Arc,
        mpsc::{Receiver, TryRecvError, channel},
    },
};

use crate::{
    rules::{LoadError, RuleSet},
    sink::{Severity, status},
    sys::rings::Waker,
};

/// Loads the rules anew, and tells what is doubtful about them.
pub type Loader = Arc<dyn Fn() -> Result<RuleSet, LoadError> + Send + Sync>;

/// Loads rules when it is asked to.
#[derive(Default)]
pub(super) struct Reload {
    loader: Option<Loader>,
    /// What is being loaded.
    loading: Option<Receiver<Result<RuleSet, LoadError>>>,
    /// Whether it was asked once more meanwhile.
    again: bool,
}

impl Reload {
    pub(super) fn new(loader: Loader) -> Self {
        Self { loader: Some(loader), ..Self::default() }
    }

    /// Whether rules can be loaded anew at all.
    pub(super) fn is_possible(&self) -> bool {
        self.loader.is_some()
    }

    /// Starts loading; `waker` wakes the engine when that is done.
    pub(super) fn ask(&mut self, waker: Waker) {
        let Some(loader) = self.loader.clone() else { return };
        if self.loading.is_some() {
            self.again = true;
            return;
        }
        let (sender, receiver) = channel();
        let load = move || {
            // An engine that has ended does not listen any more.
            sender.send(loader()).unwrap_or_default();
            waker.wake();
        };
        match std::thread::Builder::new().name("rules".to_owned()).spawn(load) {
            Ok(_) => self.loading = Some(receiver),
            Err(error) => status(Severity::Error, &format!("{STAY}: no thread to load others: {error}")),
        }
    }

    /// Whether to ask again, since that was asked while rules were being loaded.
    pub(super) fn take_again(&mut self) -> bool {
        self.loading.is_none() && std::mem::take(&mut self.again)
    }

    /// The new rules, once they are there and can be used. What is wrong with them is told.
    pub(super) fn take(&mut self) -> Option<RuleSet> {
        let result = match self.loading.as_ref()?.try_recv() {
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => None,
            Ok(result) => Some(result),
        };
        self.loading = None;
        match result? {
            Ok(rules) => Some(rules),
            Err(error) => {
                status(Severity::Error, &format!("{STAY}; the new ones cannot be used:\n{error}"));
                None
            }
        }
    }
}

/// What is said when nothing comes of it.
const STAY: &str = "the rules in force stay";

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { loader, loading, again } = self;
        let mut text = f.debug_struct("Reload");
        text.field("possible", &loader.is_some()).field("loading", &loading.is_some());
        text.field("again", again).finish()
    }
}
