//! What works beside the engine in one process, and is told of in its summary.

use std::fmt::Debug;

/// Something beside the engine.
pub trait Companion: Debug {
    /// Its counters.
    fn rows(&self) -> Vec<(&'static str, u64)>;

    /// Ends it, and waits for that. It may still raise alerts until then.
    fn end(&mut self);
}
