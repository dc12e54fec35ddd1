//! Containers that the engine is making, or has made and nobody has looked at yet. Until that is done nobody uses one:
//! neither its maker, who has its id as soon as the engine answers, nor whoever guesses its name before.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::guard::Age;

/// Containers of which it is remembered that and why they were removed, for their makers, who will start them.
const MAX_REMOVED: usize = 64;
/// Longest id of a container.
const MAX_ID: usize = 64;

/// Those containers.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    known: Mutex<Known>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Known {
    last: u64,
    making: BTreeMap<u64, Making>,
    removed: VecDeque<(String, String)>,
}

/// One of them.
#[derive(Debug)]
struct Making {
    since: SystemTime,
    /// The name that was asked for; the engine invents others.
    name: Option<String>,
    /// Once the engine has said it.
    id: Option<String>,
}

/// What a name may stand for.
#[derive(Debug, PartialEq, Eq)]
enum Doubt {
    /// A container that will be looked at.
    Unseen,
    /// One that was asked for at this time, if it is not an older one.
    Unmade(SystemTime),
}

/// Why a container cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It was removed for this reason.
    Removed(String),
    /// There is none of this name yet.
    Missing,
    /// It is still not known what it is.
    Unknown,
}

/// The place of a container that is being made; it is known what it is once this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    fresh: Arc<Fresh>,
    number: u64,
}

impl Fresh {
    /// Before the engine is asked to make a container, of this name if one was asked for.
    pub(super) fn begin(self: &Arc<Self>, name: &str) -> Place {
        let name = Some(bare(name).to_owned()).filter(|name| !name.is_empty());
        let mut known = self.known();
        known.last += 1;
        let number = known.last;
        known.making.insert(number, Making { since: SystemTime::now(), name, id: None });
        Place { fresh: Arc::clone(self), number }
    }

    /// Waits until it is known what the container of this name, id, or beginning of an id is. `age` asks the engine.
    pub(super) async fn settle<A: Future<Output = Age>>(
        &self,
        name: &str,
        limit: Duration,
        age: impl Fn() -> A,
    ) -> Result<(), Unusable> {
        timeout(limit, self.settled(bare(name), age)).await.unwrap_or(Err(Unusable::Unknown))
    }

    async fn settled<A: Future<Output = Age>>(
        &self,
        name: &str,
        age: impl Fn() -> A,
    ) -> Result<(), Unusable> {
        loop {
            // Made before looking, so that no news is missed in between.
            let news = self.news.notified();
            let doubt = {
                let known = self.known();
                match (known.doubt(name), known.reason(name)) {
                    (Some(doubt), _) => doubt,
                    (None, Some(reason)) => return Err(Unusable::Removed(reason)),
                    (None, None) => return Ok(()),
                }
            };
            if let Doubt::Unmade(since) = doubt {
                match age().await {
                    Age::Made(made) if made < since => return Ok(()),
                    Age::Missing => return Err(Unusable::Missing),
                    Age::Made(_) | Age::Unknown => {}
                }
            }
            news.await;
        }
    }

    /// Waits until everything that was made has been looked at.
    pub(super) async fn all_seen(&self) {
        loop {
            let news = self.news.notified();
            if self.known().making.is_empty() {
                return;
            }
            news.await;
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn doubt(&self, name: &str) -> Option<Doubt> {
        let mut could_be = self.making.values().filter(|making| making.could_be(name));
        let first = could_be.next()?;
        if first.id.is_some() || could_be.any(|making| making.id.is_some()) {
            return Some(Doubt::Unseen);
        }
        // They are in the order in which they came.
        Some(Doubt::Unmade(first.since))
    }

    fn reason(&self, id: &str) -> Option<String> {
        self.removed.iter().find(|(removed, _)| removed == id).map(|(_, reason)| reason.clone())
    }
}

impl Making {
    fn could_be(&self, name: &str) -> bool {
        let is_name = self.name.as_ref().is_none_or(|known| known == name);
        match &self.id {
            Some(id) => is_name || id.starts_with(name),
            None => is_name || is_like_id(name),
        }
    }
}

impl Place {
    /// The engine has made it.
    pub(super) fn made(&self, id: &str) {
        if let Some(making) = self.fresh.known().making.get_mut(&self.number) {
            making.id = Some(id.to_owned());
        }
        self.fresh.news.notify_waiters();
    }

    /// It was not what it should be, and is gone.
    pub(super) fn removed(&self, id: &str, reason: &str) {
        let mut known = self.fresh.known();
        if known.removed.len() >= MAX_REMOVED {
            known.removed.pop_front();
        }
        known.removed.push_back((id.to_owned(), reason.to_owned()));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.fresh.known().making.remove(&self.number);
        self.fresh.news.notify_waiters();
    }
}

/// Engines take names with and without a slash before them.
fn bare(name: &str) -> &str {
    name.strip_prefix('/').unwrap_or(name)
}

fn is_like_id(name: &str) -> bool {
    name.len() <= MAX_ID && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_hours(1);

    fn doubts(fresh: &Fresh, name: &str) -> bool {
        fresh.known().doubt(name).is_some()
    }

    #[test]
    fn a_container_in_the_making_may_have_its_name_or_any_id_and_then_has_its_own() {
        let fresh = Arc::new(Fresh::default());
        assert!(!doubts(&fresh, "web"));
        let place = fresh.begin("/web");
        for (name, expected) in [("web", true), ("ab", true), ("other", false), ("abx", false)] {
            assert_eq!(doubts(&fresh, name), expected, "{name}");
        }
        place.made("abcdef");
        for (name, expected) in [("web", true), ("ab", true), ("abcdef", true), ("b", false), ("x", false)] {
            assert_eq!(doubts(&fresh, name), expected, "{name}");
        }
        assert_eq!(fresh.known().doubt("web"), Some(Doubt::Unseen));
        drop(place);
        assert!(!doubts(&fresh, "web") && !doubts(&fresh, "ab"));
        let place = fresh.begin("");
        assert!(doubts(&fresh, "whatever_the_engine_invents"));
        drop(place);
    }

    #[tokio::test(start_paused = true)]
    async fn older_containers_are_used_at_once_and_new_ones_once_they_were_seen() {
        let fresh = Arc::new(Fresh::default());
        let place = fresh.begin("web");
        let at = |age: Age| move || std::future::ready(age);
        let old = Age::Made(SystemTime::UNIX_EPOCH);
        assert_eq!(fresh.settle("web", LIMIT, at(old)).await, Ok(()));
        assert_eq!(fresh.settle("web", LIMIT, at(Age::Missing)).await, Err(Unusable::Missing));
        // The clock stands still until all wait: only time ends these.
        let new = Age::Made(SystemTime::now() + LIMIT);
        assert_eq!(fresh.settle("web", LIMIT, at(new)).await, Err(Unusable::Unknown));
        place.made("abc");
        assert_eq!(fresh.settle("abc", LIMIT, at(old)).await, Err(Unusable::Unknown));
        let waiting = tokio::spawn({
            let fresh = Arc::clone(&fresh);
            async move { fresh.settle("ab", LIMIT, at(Age::Unknown)).await }
        });
        tokio::task::yield_now().await;
        place.removed("abc", "privileged");
        drop(place);
        assert_eq!(waiting.await.unwrap(), Ok(()), "the engine says that there is none");
        let removed = fresh.settle("abc", LIMIT, at(Age::Unknown)).await;
        assert_eq!(removed, Err(Unusable::Removed("privileged".to_owned())));
        fresh.all_seen().await;
    }

    #[test]
    fn what_was_removed_is_not_remembered_forever() {
        let fresh = Arc::new(Fresh::default());
        let place = fresh.begin("web");
        for number in 0..=MAX_REMOVED {
            place.removed(&number.to_string(), "why");
        }
        let known = fresh.known();
        assert_eq!(known.removed.len(), MAX_REMOVED);
        assert_eq!((known.reason("0"), known.reason("1")), (None, Some("why".to_owned())));
    }
}
