//! What a guard is made of.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::census::Census;
use super::fresh::Fresh;
use super::upstream::Upstream;
use super::{Counters, Limits};
use crate::guard::Mode;

/// A guard: who asks, what they may, who is told, and where the engine is.
#[derive(Debug)]
pub struct Guard<I, J, W> {
    /// Finds out who a client is.
    pub identify: I,
    /// Decides.
    pub judge: J,
    /// Is told.
    pub witness: W,
    /// What becomes of what is denied.
    pub mode: Mode,
    /// What clients are held to.
    pub limits: Limits,
    /// The engine's socket.
    pub engine: PathBuf,
    /// What came of everything.
    pub counters: Counters,
    /// Room for large bodies.
    pub(super) room: Arc<Semaphore>,
    /// Containers that nobody may use yet.
    pub(super) fresh: Arc<Fresh>,
    /// Who is connected.
    pub(super) census: Arc<Census>,
}

impl<I, J, W> Guard<I, J, W> {
    /// A guard before the engine at this socket.
    pub fn new(identify: I, judge: J, witness: W, mode: Mode, limits: Limits, engine: PathBuf) -> Self {
        let (counters, room) = (Counters::default(), Arc::new(Semaphore::new(limits.large)));
        let (fresh, census) = (Arc::default(), Arc::default());
        Self { identify, judge, witness, mode, limits, engine, counters, room, fresh, census }
    }

    pub(super) fn upstream(&self) -> Upstream {
        Upstream { path: self.engine.clone(), connect: self.limits.connect }
    }
}
