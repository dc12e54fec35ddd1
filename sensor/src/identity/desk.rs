//! The resolver's book-keeping: which claims stand open, what Docker has said so far, whom to ask next. Events
//! come in, things to do go out; nothing here waits.

use std::num::NonZeroUsize;
use std::sync::Arc;

use jiff::Timestamp;
use lru::LruCache;

use super::claim::Runtime;
use super::container_id::ContainerId;
use super::counters::{Count, Counters};
use super::docker::facts::{Facts, Host, announced};
use super::docker::model::{Driver, Event};
use super::metadata::Shared;
use super::request::{Answer, Request};
use super::state::Reason;

/// Most containers kept in mind.
const MAX_CONTAINERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2_047);
/// Most claims kept open on one container: one is usual, more are forgeries or nested cgroups.
const MAX_CLAIMS: usize = 32;
/// Most containers being asked about at once before new ones are left until a claim names them.
const MAX_FORESEEN: usize = 256;

/// Something to do.
#[derive(Debug)]
pub enum Task {
    /// Ask Docker about this container, and report to [`Desk::inspected`].
    Inspect(ContainerId),
    /// Hand this to the engine's thread.
    Answer(Answer),
}

/// A claim that was asked about, and what was answered last.
#[derive(Debug)]
struct Open {
    request: Request,
    seen: Timestamp,
    told: Option<Result<Shared, Reason>>,
}

impl Open {
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
    open: Vec<Open>,
    asking: bool,
    again: bool,
}

impl Entry {
    /// Notes that Docker is to be asked; once at a time.
    fn inspect(&mut self, id: &ContainerId) -> Option<Task> {
        if self.asking {
            self.again = true;
            return None;
        }
        self.asking = true;
        Some(Task::Inspect(id.clone()))
    }

    /// Answers every open claim from the facts at hand.
    fn settle(&mut self) -> Vec<Task> {
        let Some(facts) = &self.facts else { return Vec::new() };
        self.open
            .iter_mut()
            .filter_map(|open| open.tell(facts.check(&open.request.cgroup, open.seen)))
            .collect()
    }

    /// Docker gave no answer: what it said before must do, and where that does not confirm a claim there is
    /// none. A verdict that was given is not taken back because Docker fell silent or forgot the container,
    /// and none is given that the question asked next may spare.
    fn fall_back(&mut self, reason: Reason) -> Vec<Task> {
        let facts = self.facts.as_ref().or(self.announced.as_ref());
        let mut tasks = Vec::new();
        for open in self.open.iter_mut().filter(|open| !open.is_verified()) {
            match facts.map(|facts| facts.check(&open.request.cgroup, open.seen)) {
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

    /// What is known of the host, for asking Docker.
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// A claim to check; its cgroup was first seen at `seen`. What Docker said when the container was created
    /// confirms it at once; anything else is asked anew.
    pub fn ask(&mut self, request: Request, seen: Timestamp) -> Vec<Task> {
        if !is_for_docker(&request) {
            return vec![Task::Answer(Answer { record: request.record, verdict: Err(Reason::NoClient) })];
        }
        let id = request.claim.id.clone();
        let mut tasks = Vec::new();
        let entry = self.entry(&id, &mut tasks);
        let fresh = entry.facts.as_ref().filter(|_| !entry.stale);
        let known = fresh.and_then(|facts| facts.check(&request.cgroup, seen).ok());
        let mut open = Open { request, seen, told: None };
        match known {
            Some(metadata) => tasks.extend(open.tell(Ok(metadata))),
            None => tasks.extend(entry.inspect(&id)),
        }
        let refused = keep(&mut entry.open, open);
        if let Some(open) = refused {
            tasks.extend(self.refuse(open));
        }
        self.noted(tasks)
    }

    /// Docker's word on a container, or why there is none.
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

    /// Something happened to a container.
    pub fn event(&mut self, event: &Event) -> Vec<Task> {
        let id = ContainerId::new(event.actor.id.as_bytes());
        let Some(hex) = id.hex().filter(|_| event.kind == "container") else {
            self.counters.add(Count::StreamGarbage);
            return Vec::new();
        };
        let mut tasks = Vec::new();
        match event.action.as_str() {
            "create" => {
                let facts = announced(&self.host, hex, event);
                let crowded = self.asking >= MAX_FORESEEN;
                let entry = self.entry(&id, &mut tasks);
                entry.announced = Some(facts);
                if crowded {
                    self.counters.add(Count::NotForeseen);
                } else if !entry.asking {
                    tasks.extend(entry.inspect(&id));
                }
            }
            // Now it has an init process, which confirms its place.
            "start" => tasks.extend(self.entries.peek_mut(&id).and_then(|entry| {
                entry.begin();
                if entry.open.is_empty() && !entry.asking { None } else { entry.inspect(&id) }
            })),
            "rename" => tasks.extend(self.entries.peek_mut(&id).and_then(|entry| entry.inspect(&id))),
            "die" | "destroy" => {
                if let Some(entry) = self.entries.peek_mut(&id) {
                    entry.end(event.time());
                }
            }
            _ => {}
        }
        self.noted(tasks)
    }

    /// Docker can be reached, maybe again: whatever was said before may be out of date.
    pub fn connected(&mut self, driver: Option<Driver>) -> Vec<Task> {
        self.host.driver = driver;
        let mut tasks = Vec::new();
        for (id, entry) in &mut self.entries {
            entry.facts = None;
            entry.announced = None;
            if !entry.open.is_empty() {
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

/// Whether Docker might know: its own shapes, those of its users' making, and pods it may run for Kubernetes.
fn is_for_docker(request: &Request) -> bool {
    let possible = match request.claim.runtime {
        Runtime::Docker | Runtime::Kubernetes | Runtime::Unknown => true,
        Runtime::BuildKit
        | Runtime::Containerd
        | Runtime::CriO
        | Runtime::Podman
        | Runtime::Lxc
        | Runtime::Nspawn => false,
    };
    possible && request.claim.id.hex().is_some()
}

#[cfg(test)]
mod tests;
