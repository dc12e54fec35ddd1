//! The resolver's book-keeping: which claims stand open, what the runtimes have said so far, whom to ask next. News
//! comes in, things to do go out; nothing here waits.

use std::num::NonZeroUsize;
use std::sync::Arc;

use jiff::Timestamp;
use lru::LruCache;

use super::container_id::ContainerId;
use super::counters::{Count, Counters};
use super::docker::facts::Host;
use super::docker::model::Driver;
use super::facts::{Facts, Happening, What};
use super::metadata::Shared;
use super::podman::facts::owner_of;
use super::request::{Answer, Request};
use super::source::{Source, Sources};
use super::state::Reason;
use super::witness::Question;

/// Most containers kept in mind.
const MAX_CONTAINERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2_047);
/// Most claims kept open on one container: one is usual, more are forgeries or nested cgroups.
const MAX_CLAIMS: usize = 32;
/// Most users whose storages are searched for one container.
const MAX_OWNERS: usize = 4;
/// Most containers being asked about at once before new ones are left until a claim names them.
const MAX_FORESEEN: usize = 256;

/// Something to do.
#[derive(Debug)]
pub enum Task {
    /// Ask about this container, and report to [`Desk::inspected`].
    Inspect(Question),
    /// Hand this to the engine's thread.
    Answer(Answer),
}

/// A claim that was asked about, and what was answered last.
#[derive(Debug)]
struct Open {
    request: Request,
    sources: Sources,
    seen: Timestamp,
    told: Option<Result<Shared, Reason>>,
}

impl Open {
    /// What these facts make of the claim. Whoever the claim is not about has no say.
    fn judge(&self, facts: &Facts) -> Result<Shared, Reason> {
        if self.sources.contains(facts.source) {
            facts.check(&self.request.cgroup, self.seen)
        } else {
            Err(Reason::UnknownId)
        }
    }

    /// Answers, unless that is what was answered before.
    fn tell(&mut self, verdict: Result<Shared, Reason>) -> Option<Task> {
        if self.told.as_ref() == Some(&verdict) {
            return None;
        }
        self.told = Some(verdict.clone());
        Some(Task::Answer(Answer { record: self.request.record, verdict }))
    }

    fn is_verified(&self) -> bool {
        matches!(self.told, Some(Ok(_)))
    }
}

/// One container: what is known, and who wants to know.
#[derive(Debug, Default)]
struct Entry {
    facts: Option<Facts>,
    /// The container has started since those facts were gathered.
    stale: bool,
    announced: Option<Facts>,
    /// Who might know it, by the claims and by who told of it.
    sources: Sources,
    open: Vec<Open>,
    asking: bool,
    again: bool,
}

impl Entry {
    /// Notes that the runtimes are to be asked; once at a time.
    fn inspect(&mut self, id: &ContainerId) -> Option<Task> {
        if self.asking {
            self.again = true;
            return None;
        }
        self.asking = true;
        let (sources, owners) = (self.sources, self.owners());
        Some(Task::Inspect(Question { id: id.clone(), sources, owners }))
    }

    /// The users in whose parts of the hierarchy the claims are.
    fn owners(&self) -> Vec<u32> {
        let mut owners: Vec<u32> =
            self.open.iter().filter_map(|open| owner_of(&open.request.cgroup)).collect();
        owners.sort_unstable();
        owners.dedup();
        owners.truncate(MAX_OWNERS);
        owners
    }

    /// Answers every open claim from the facts at hand.
    fn settle(&mut self) -> Vec<Task> {
        let Some(facts) = &self.facts else { return Vec::new() };
        self.open.iter_mut().filter_map(|open| open.tell(open.judge(facts))).collect()
    }

    /// There is no answer: what was said before must do, and where that does not confirm a claim there is
    /// none. A verdict that was given is not taken back because a runtime fell silent or forgot the container,
    /// and none is given that the question asked next may spare.
    fn fall_back(&mut self, reason: Reason) -> Vec<Task> {
        let facts = self.facts.as_ref().or(self.announced.as_ref());
        let mut tasks = Vec::new();
        for open in self.open.iter_mut().filter(|open| !open.is_verified()) {
            match facts.map(|facts| open.judge(facts)) {
                Some(Ok(metadata)) => tasks.extend(open.tell(Ok(metadata))),
                _ if self.again => {}
                Some(Err(found)) if reason == Reason::UnknownId => tasks.extend(open.tell(Err(found))),
                Some(Err(_)) | None => tasks.extend(open.tell(Err(reason))),
            }
        }
        tasks
    }

    /// Notes that the container's run ended.
    fn end(&mut self, time: Timestamp) {
        for facts in [&mut self.facts, &mut self.announced].into_iter().flatten() {
            facts.ended = Some(time);
        }
        self.open.retain(|open| !open.is_verified());
    }

    /// Notes that it runs, maybe again.
    fn begin(&mut self) {
        self.stale = true;
        for facts in [&mut self.facts, &mut self.announced].into_iter().flatten() {
            facts.ended = None;
        }
    }
}

/// The book.
#[derive(Debug)]
pub struct Desk {
    entries: LruCache<ContainerId, Entry>,
    host: Host,
    asking: usize,
    counters: Arc<Counters>,
}

impl Desk {
    /// An empty book.
    pub fn new(host: Host, counters: Arc<Counters>) -> Self {
        Self { entries: LruCache::new(MAX_CONTAINERS), host, asking: 0, counters }
    }

    /// What is known of the host, for asking.
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// A claim to check; its cgroup was first seen at `seen`. What a runtime said when the container was created
    /// confirms it at once; anything else is asked anew.
    pub fn ask(&mut self, request: Request, seen: Timestamp) -> Vec<Task> {
        let sources = Sources::of(&request.claim);
        if sources.is_empty() {
            return vec![Task::Answer(Answer { record: request.record, verdict: Err(Reason::NoClient) })];
        }
        let id = request.claim.id.clone();
        let mut tasks = Vec::new();
        let entry = self.entry(&id, &mut tasks);
        let fresh = entry.facts.as_ref().filter(|_| !entry.stale);
        let mut open = Open { request, sources, seen, told: None };
        let known = fresh.and_then(|facts| open.judge(facts).ok());
        let is_known = known.is_some();
        tasks.extend(known.and_then(|metadata| open.tell(Ok(metadata))));
        entry.sources = entry.sources.or(sources);
        let refused = keep(&mut entry.open, open);
        if !is_known {
            tasks.extend(entry.inspect(&id));
        }
        if let Some(open) = refused {
            tasks.extend(self.refuse(open));
        }
        self.noted(tasks)
    }

    /// The runtimes' word on a container, or why there is none.
    pub fn inspected(&mut self, id: &ContainerId, result: Result<Facts, Reason>) -> Vec<Task> {
        self.asking = self.asking.saturating_sub(1);
        // Forgotten meanwhile: whoever wanted to know was told so.
        let Some(entry) = self.entries.peek_mut(id) else { return Vec::new() };
        entry.asking = false;
        let mut tasks = match result {
            Ok(facts) => {
                entry.facts = Some(facts);
                // The answer to a question from before the start may be from before it too.
                entry.stale &= entry.again;
                entry.settle()
            }
            Err(reason) => entry.fall_back(reason),
        };
        if std::mem::take(&mut entry.again) {
            tasks.extend(entry.inspect(id));
        }
        self.noted(tasks)
    }

    /// A runtime tells of a container.
    pub fn happened(&mut self, happening: Happening) -> Vec<Task> {
        let Happening { id, source, what } = happening;
        let id = ContainerId::new(id.as_bytes());
        if !source.takes(&id) {
            let docker = source == Source::Docker;
            self.counters.add(if docker { Count::StreamGarbage } else { Count::CriStreamGarbage });
            return Vec::new();
        }
        let tasks = match what {
            What::Created(facts) => self.foresee(&id, source, facts),
            What::Started => Vec::from_iter(self.entries.peek_mut(&id).and_then(|entry| {
                entry.begin();
                if entry.open.is_empty() && !entry.asking { None } else { entry.inspect(&id) }
            })),
            What::Changed => Vec::from_iter(self.entries.peek_mut(&id).and_then(|entry| entry.inspect(&id))),
            What::Ended(time) => {
                if let Some(entry) = self.entries.peek_mut(&id) {
                    entry.end(time);
                }
                Vec::new()
            }
        };
        self.noted(tasks)
    }

    /// A container was created: it is asked about before its first process runs.
    fn foresee(&mut self, id: &ContainerId, source: Source, facts: Option<Facts>) -> Vec<Task> {
        let mut tasks = Vec::new();
        let crowded = self.asking >= MAX_FORESEEN;
        let entry = self.entry(id, &mut tasks);
        entry.announced = facts.or(entry.announced.take());
        entry.sources = entry.sources.or(Sources::only(source));
        if crowded {
            self.counters.add(Count::NotForeseen);
        } else if !entry.asking {
            tasks.extend(entry.inspect(id));
        }
        tasks
    }

    /// Docker can be reached, and this is who makes its containers' cgroups.
    pub fn docker_connected(&mut self, driver: Option<Driver>) -> Vec<Task> {
        self.host.driver = driver;
        self.connected(Source::Docker)
    }

    /// A runtime can be reached, maybe again: whatever it said before may be out of date.
    pub fn connected(&mut self, source: Source) -> Vec<Task> {
        let mut tasks = Vec::new();
        let is_its = |facts: &mut Facts| facts.source == source;
        for (id, entry) in &mut self.entries {
            drop(entry.facts.take_if(is_its));
            drop(entry.announced.take_if(is_its));
            if entry.open.iter().any(|open| open.sources.contains(source)) {
                tasks.extend(entry.inspect(id));
            }
        }
        self.noted(tasks)
    }

    /// The entry of a container; making room for it may cost another one, whose open claims are refused.
    fn entry(&mut self, id: &ContainerId, tasks: &mut Vec<Task>) -> &mut Entry {
        if !self.entries.contains(id) {
            let evicted = self.entries.push(id.clone(), Entry::default());
            for open in evicted.map(|(_, entry)| entry.open).into_iter().flatten() {
                if !open.is_verified() {
                    tasks.extend(self.refuse(open));
                }
            }
        }
        self.entries.get_or_insert_mut(id.clone(), Entry::default)
    }

    fn refuse(&self, mut open: Open) -> Option<Task> {
        self.counters.add(Count::Busy);
        open.tell(Err(Reason::Busy))
    }

    /// Counts the questions under way.
    fn noted(&mut self, tasks: Vec<Task>) -> Vec<Task> {
        self.asking += tasks.iter().filter(|task| matches!(task, Task::Inspect(_))).count();
        tasks
    }
}

/// Keeps a claim open for amendments. Where there is no room, the oldest that was answered goes; if none was,
/// the new one is given back.
fn keep(claims: &mut Vec<Open>, open: Open) -> Option<Open> {
    if claims.len() >= MAX_CLAIMS {
        match claims.iter().position(|open| open.told.is_some()) {
            Some(oldest) => drop(claims.remove(oldest)),
            None => return (open.told.is_none()).then_some(open),
        }
    }
    claims.push(open);
    None
}

#[cfg(test)]
mod tests;
