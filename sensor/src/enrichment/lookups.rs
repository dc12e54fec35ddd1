//! What is looked up once and then remembered, bounded; asked for again when it failed or may be out of date.

use std::{
    hash::Hash,
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use lru::LruCache;

use crate::sys::root::Refusal;

use super::{
    counters::Counters,
    desk::{Desk, Wake},
};

/// How soon a look-up that failed is tried again, nanoseconds of events' time.
const RETRY: u64 = 1_000_000_000;

/// What is known of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<V> {
    /// It is being looked up.
    Pending,
    /// It is known.
    Known(V),
    /// It cannot be known, at present.
    Refused(Refusal),
}

/// A question, and where to look.
#[derive(Clone, Debug)]
pub(super) struct Question<K, P> {
    key: K,
    pub(super) place: P,
}

#[derive(Debug)]
struct Entry<V> {
    /// When it was last asked for.
    asked: u64,
    waiting: bool,
    result: Option<Result<V, Refusal>>,
}

/// Things by key, looked up in a place.
#[derive(Debug)]
pub(super) struct Lookups<K: Hash + Eq, P, V> {
    entries: LruCache<K, Entry<V>>,
    desk: Desk<Question<K, P>, Result<V, Refusal>>,
    pub(super) counters: Counters,
}

impl<K, P, V> Lookups<K, P, V>
where
    K: Hash + Eq + Clone + Send + 'static,
    P: Clone + Send + 'static,
    V: Clone + Send + 'static,
{
    /// At most `capacity` things are remembered; each is looked up by `work` within `patience`, on a thread `name`.
    pub(super) fn new(
        name: &'static str,
        capacity: NonZeroUsize,
        patience: Duration,
        work: fn(&Question<K, P>) -> Result<V, Refusal>,
        wake: Wake,
    ) -> Self {
        let desk = Desk::new(name, patience, work, wake);
        Self { entries: LruCache::new(capacity), desk, counters: Counters::default() }
    }

    /// What is known; if nothing is, or nothing any more, it is looked up in `place`.
    pub(super) fn find(&mut self, key: &K, now: u64, place: impl FnOnce() -> P) -> Found<V> {
        let due = match self.entries.get(key) {
            None => true,
            Some(Entry { result: Some(Err(_)), asked, waiting: false }) => {
                now.saturating_sub(*asked) >= RETRY
            }
            Some(_) => false,
        };
        if due {
            self.ask(key, now, place());
        }
        self.state(key)
    }

    /// Looks it up anew if that was not done within `age`; what is known meanwhile stays. Whether an answer is to come.
    pub(super) fn renew(&mut self, key: &K, now: u64, age: u64, place: impl FnOnce() -> P) -> bool {
        let is_due = |entry: &Entry<V>| !entry.waiting && now.saturating_sub(entry.asked) >= age;
        if self.entries.peek(key).is_some_and(is_due) {
            self.ask(key, now, place());
        }
        self.is_waiting(key)
    }

    /// Whether an answer is to come.
    pub(super) fn is_waiting(&self, key: &K) -> bool {
        self.entries.peek(key).is_some_and(|entry| entry.waiting)
    }

    /// Enters what is known from the start.
    pub(super) fn learn(&mut self, key: K, value: V) {
        self.entries.put(key, Entry { asked: 0, waiting: false, result: Some(Ok(value)) });
    }

    /// Takes the answers that have come; says whether there were any.
    pub(super) fn take(&mut self) -> bool {
        let done = self.desk.take(Instant::now());
        let any = !done.is_empty();
        for (question, answer) in done {
            self.settle(&question.key, answer.unwrap_or(Err(Refusal::NoAnswer)));
        }
        self.counters.lost_threads = u64::from(self.desk.lost());
        any
    }

    fn settle(&mut self, key: &K, result: Result<V, Refusal>) {
        self.counters.count(result.as_ref().err().copied());
        if let Some(entry) = self.entries.peek_mut(key) {
            entry.waiting = false;
            // What was known is better than nothing.
            if result.is_ok() || !matches!(entry.result, Some(Ok(_))) {
                entry.result = Some(result);
            }
        }
    }

    fn ask(&mut self, key: &K, now: u64, place: P) {
        let taken = self.desk.ask(Question { key: key.clone(), place }, Instant::now());
        self.counters.asked(taken);
        let known = self.entries.pop(key).and_then(|entry| entry.result);
        let result = if taken { known } else { known.or(Some(Err(Refusal::NoAnswer))) };
        let entry = Entry { asked: now, waiting: taken, result };
        if self.entries.push(key.clone(), entry).is_some_and(|(evicted, _)| evicted != *key) {
            self.counters.evicted = self.counters.evicted.saturating_add(1);
        }
    }

    fn state(&self, key: &K) -> Found<V> {
        match self.entries.peek(key).and_then(|entry| entry.result.as_ref()) {
            Some(Ok(value)) => Found::Known(value.clone()),
            Some(Err(_)) if self.is_waiting(key) => Found::Pending,
            Some(Err(refusal)) => Found::Refused(*refusal),
            None => Found::Pending,
        }
    }
}

#[cfg(test)]
#[path = "lookups_tests.rs"]
mod tests;
