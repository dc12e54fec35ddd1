//! What came of connections and requests.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the start. Of requests that were read, `requests = allowed + denied + passed_in_audit + unjudged`.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections that were taken.
    pub connections: Count,
    /// Of those, the ones that have ended.
    pub ended: Count,
    /// Connections that were turned away because there were too many.
    pub busy: Count,
    /// Connections that were turned away because their user had too many.
    pub busy_user: Count,
    /// Connections whose client could not be told.
    pub unidentified: Count,
    /// Connections that could not be taken.
    pub accept_errors: Count,
    /// Requests that were read.
    pub requests: Count,
    /// Requests that the policy allowed.
    pub allowed: Count,
    /// Requests that the policy denied and that did not reach the engine.
    pub denied: Count,
    /// Requests that the policy denied and that reached the engine, for the mode was audit.
    pub passed_in_audit: Count,
    /// Requests that were passed on without a verdict, for the mode was off.
    pub unjudged: Count,
    /// Requests that were refused before they could be judged, or while their body came.
    pub refused: Count,
    /// Requests to which the engine did not answer, or not with HTTP.
    pub engine_errors: Count,
    /// Connections that became streams.
    pub upgraded: Count,
}

/// One of them.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    /// All counts with their names.
    pub fn all(&self) -> [(&'static str, u64); 14] {
        [
            ("guard_connections", self.connections.get()),
            ("guard_ended", self.ended.get()),
            ("guard_busy", self.busy.get()),
            ("guard_busy_user", self.busy_user.get()),
            ("guard_unidentified", self.unidentified.get()),
            ("guard_accept_errors", self.accept_errors.get()),
            ("guard_requests", self.requests.get()),
            ("guard_allowed", self.allowed.get()),
            ("guard_denied", self.denied.get()),
            ("guard_passed_in_audit", self.passed_in_audit.get()),
            ("guard_unjudged", self.unjudged.get()),
            ("guard_refused", self.refused.get()),
            ("guard_engine_errors", self.engine_errors.get()),
            ("guard_upgraded", self.upgraded.get()),
        ]
    }
}
