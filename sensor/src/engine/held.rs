//! Events that wait for what a container runtime will say, or for what is looked up beside the engine.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::decode::Event;

/// How long an event waits.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long an alert that went out without the runtime's word may still be amended.
const AMENDABLE: Duration = Duration::from_secs(30);
/// Most events that wait at once.
const CAPACITY: usize = 8192;

/// An event that waits, or whose alert may be amended.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) event: Event,
    pub(super) number: u64,
    until: Instant,
}

/// A bounded queue in order of time.
#[derive(Debug, Default)]
pub(super) struct Queue(VecDeque<Held>);

impl Queue {
    /// Keeps an event to be judged again; gives it back where there is no room.
    pub(super) fn hold(&mut self, event: Event, number: u64) -> Result<(), Event> {
        self.push(event, number, PATIENCE)
    }

    /// Keeps an event whose alert went out incomplete; the oldest gives way.
    pub(super) fn keep(&mut self, event: Event, number: u64) {
        if self.0.len() >= CAPACITY {
            self.0.pop_front();
        }
        // There is room now.
        drop(self.push(event, number, AMENDABLE));
    }

    fn push(&mut self, event: Event, number: u64, time: Duration) -> Result<(), Event> {
        if self.0.len() >= CAPACITY {
            return Err(event);
        }
        self.0.push_back(Held { event, number, until: Instant::now() + time });
        Ok(())
    }

    /// Takes out those that are `ready`.
    pub(super) fn take_ready(&mut self, ready: impl Fn(&Event) -> bool) -> Vec<Held> {
        if !self.0.iter().any(|held| ready(&held.event)) {
            return Vec::new();
        }
        let (taken, kept): (Vec<_>, Vec<_>) = self.0.drain(..).partition(|held| ready(&held.event));
        self.0.extend(kept);
        taken
    }

    /// Takes out those that have waited long enough.
    pub(super) fn take_expired(&mut self, now: Instant) -> Vec<Held> {
        let count = self.0.iter().take_while(|held| held.until <= now).count();
        self.0.drain(..count).collect()
    }

    /// Takes out all.
    pub(super) fn take_all(&mut self) -> Vec<Held> {
        self.0.drain(..).collect()
    }

    /// Whether none waits.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
