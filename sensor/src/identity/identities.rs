//! What the engine asks: which container does this cgroup id belong to?
//!
//! Cgroup events and the resolver's answers go in, views of containers come out. Nothing here waits or looks
//! anything up, but for one thing: an id that no event announced starts a bounded walk of the cgroup file
//! system, at most one per [`Limits::walk_interval`]. An id that is still not found is [`Identity::Unknown`].
//! That is never reported as the host: `container.id` is then [`UNKNOWN_ID`].

use std::num::NonZeroUsize;
use std::sync::Arc;

use lru::LruCache;

use super::claim::Runtime;
use super::container_id::ContainerId;
use super::counters::{Count, Counters};
use super::metadata::Metadata;
use super::records::{Records, Settled};
use super::request::Ask;
use super::state::State;
use super::tree::{Bounds, Inserted, Maker, Tree};
use crate::sys::cgroupfs::{CgroupfsError, Walk};

/// `container.id` of an event whose cgroup is not known. Not an id any runtime gives, and not `host`.
pub const UNKNOWN_ID: &[u8] = b"<unknown>";
/// `container.id` outside of containers, as in Falco.
pub const HOST_ID: &[u8] = b"host";

/// The hierarchy whose ids events carry.
const V2: u32 = 0;

/// The first process of the host, which manages its services.
const INIT: u32 = 1;

/// How much is kept and done.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Cgroups.
    pub tree: Bounds,
    /// Containers, gone ones included.
    pub records: NonZeroUsize,
    /// Ids remembered as not found.
    pub unknown: NonZeroUsize,
    /// Least time between two walks, on the events' clock, nanoseconds.
    pub walk_interval: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tree: Bounds::default(),
            records: NonZeroUsize::MIN.saturating_add(4_095),
            unknown: NonZeroUsize::MIN.saturating_add(1_023),
            walk_interval: 1_000_000_000,
        }
    }
}

/// What happened to a cgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was created.
    Created,
    /// A process was moved into it.
    Attached,
    /// It was removed.
    Removed,
}

/// A cgroup event, as the kernel reported it.
#[derive(Clone, Copy, Debug)]
pub struct CgroupEvent<'a> {
    /// What happened.
    pub change: Change,
    /// The cgroup's id.
    pub id: u64,
    /// Its hierarchy; 0 is v2.
    pub hierarchy: u32,
    /// Its path from the root of the hierarchy.
    pub path: &'a [u8],
    /// When (`CLOCK_BOOTTIME`, nanoseconds).
    pub time: u64,
    /// The process that did it, in the host's pid namespace.
    pub pid: u32,
}

/// Where an event happened.
#[derive(Clone, Copy, Debug)]
pub struct Location<'a> {
    /// Whose doing it is.
    pub identity: Identity<'a>,
    /// Path of the cgroup, if that is known.
    pub path: Option<&'a [u8]>,
    /// Who made the cgroup.
    pub maker: Maker,
}

/// Whose doing an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity<'a> {
    /// The host's.
    Host,
    /// Nobody can say: the cgroup was gone, and forgotten, before its event was read.
    Unknown,
    /// A container's, or of something that looks like one.
    Container(Container<'a>),
}

impl<'a> Identity<'a> {
    /// `container.id`: 12 hex digits, `host`, or [`UNKNOWN_ID`].
    pub fn id(&self) -> &'a [u8] {
        self.id_by(ContainerId::short)
    }

    /// `container.full_id`: the whole id, `host`, or [`UNKNOWN_ID`].
    pub fn full_id(&self) -> &'a [u8] {
        self.id_by(ContainerId::as_bytes)
    }

    /// What the runtime says of the container, if it is verified.
    pub fn metadata(&self) -> Option<&'a Metadata> {
        match self {
            Self::Container(container) => container.metadata,
            Self::Host | Self::Unknown => None,
        }
    }

    fn id_by(&self, of: impl FnOnce(&'a ContainerId) -> &'a [u8]) -> &'a [u8] {
        match self {
            Self::Host => HOST_ID,
            Self::Unknown => UNKNOWN_ID,
            Self::Container(container) => of(container.id),
        }
    }
}

/// A container as an event's fields need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Container<'a> {
    /// Its id, from the cgroup alone.
    pub id: &'a ContainerId,
    /// Who runs it: by the runtime's own word if verified, else by the look of the cgroup.
    pub runtime: Runtime,
    /// How far that has been checked.
    pub state: State,
    /// The container's own cgroup.
    pub cgroup: &'a [u8],
    /// What the runtime says; only if verified.
    pub metadata: Option<&'a Metadata>,
}

/// A record that an answer changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The container's id.
    pub id: ContainerId,
    /// Its state from now on.
    pub state: State,
}

/// Lists the cgroups that exist.
pub type Walker = Box<dyn FnMut() -> Result<Walk, CgroupfsError> + Send>;

/// The cgroups, the containers, and who knows about them.
pub struct Identities<R> {
    tree: Tree,
    records: Records,
    resolver: R,
    walker: Walker,
    unknown: LruCache<u64, ()>,
    walk_interval: u64,
    next_walk: u64,
    counters: Arc<Counters>,
}

impl<R> std::fmt::Debug for Identities<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identities").field("cgroups", &self.tree.len()).finish_non_exhaustive()
    }
}

impl<R: Ask> Identities<R> {
    /// Knows nothing yet: call [`Self::seed`] once the cgroup hooks are attached.
    pub fn new(resolver: R, walker: Walker, limits: Limits, counters: Arc<Counters>) -> Self {
        Self {
            tree: Tree::new(limits.tree),
            records: Records::new(limits.records),
            resolver,
            walker,
            unknown: LruCache::new(limits.unknown),
            walk_interval: limits.walk_interval,
            next_walk: 0,
            counters,
        }
    }

    /// Learns the cgroups that exist at `now`. Meant for the start; later walks happen as they are needed.
    pub fn seed(&mut self, now: u64) -> Result<(), CgroupfsError> {
        self.next_walk = now.saturating_add(self.walk_interval);
        self.counters.add(Count::Walks);
        let walk = (self.walker)().inspect_err(|_| self.counters.add(Count::WalksPartial))?;
        if walk.partial {
            self.counters.add(Count::WalksPartial);
        }
        self.learn(&walk, now);
        Ok(())
    }

    /// Takes the cgroups that a walk at `now` found.
    fn learn(&mut self, walk: &Walk, now: u64) {
        for cgroup in &walk.cgroups {
            self.insert(cgroup.id, &cgroup.path, now);
        }
    }

    /// Takes a cgroup event. A new cgroup that looks like a container's is asked about at once, before its
    /// first process runs.
    pub fn apply(&mut self, event: &CgroupEvent<'_>) {
        if event.hierarchy != V2 {
            self.counters.add(Count::OtherHierarchy);
            return;
        }
        match event.change {
            Change::Created => {
                self.insert(event.id, event.path, event.time);
                let maker = if event.pid == INIT { Maker::Init } else { Maker::Other };
                self.tree.set_maker(event.id, maker);
            }
            Change::Attached => self.insert(event.id, event.path, event.time),
            Change::Removed => self.remove(event.id, event.path, event.time),
        }
    }

    /// Takes the answers that have come, and tells which containers they changed.
    pub fn apply_answers(&mut self) -> Vec<Update> {
        let mut updates = Vec::new();
        while let Some(answer) = self.resolver.try_recv() {
            let number = answer.record;
            self.counters.add(if answer.verdict.is_ok() { Count::Verified } else { Count::Unverified });
            match self.records.settle(answer) {
                Settled::First => {}
                Settled::Amended => self.counters.add(Count::Amended),
                Settled::Stale => self.counters.add(Count::Stale),
            }
            if let Some(record) = self.records.peek(number) {
                updates.push(Update { id: record.claim.id.clone(), state: record.state });
            }
        }
        updates
    }

    /// Whose doing an event of this cgroup at `now` is.
    pub fn of(&mut self, cgroup: u64, now: u64) -> Identity<'_> {
        self.look_up(cgroup, now);
        self.view(cgroup)
    }

    /// Makes sure that what can be known of a cgroup is: looks for one that no event announced, and asks again
    /// about a container whose record was forgotten.
    pub fn look_up(&mut self, cgroup: u64, now: u64) {
        if self.tree.get(cgroup).is_none() {
            self.find(cgroup, now);
        }
        self.recall(cgroup, now);
        if self.tree.peek(cgroup).is_none() {
            self.counters.add(Count::UnknownCgroup);
        }
    }

    /// Paths and ids of the existing cgroups that are known.
    pub fn ids(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.tree.ids()
    }

    /// Where an event of this cgroup happened, as far as is known now.
    pub fn location(&self, cgroup: u64) -> Location<'_> {
        let node = self.tree.peek(cgroup);
        let maker = node.map_or(Maker::Unknown, |node| node.maker);
        Location { identity: self.view(cgroup), path: node.map(|node| &*node.path), maker }
    }

    /// Whose doing an event of this cgroup is, as far as is known now.
    pub fn view(&self, cgroup: u64) -> Identity<'_> {
        let Some(node) = self.tree.peek(cgroup) else { return Identity::Unknown };
        match node.record.and_then(|number| self.records.peek(number)) {
            Some(record) => Identity::Container(Container {
                id: &record.claim.id,
                runtime: record.metadata.as_ref().map_or(record.claim.runtime, |known| known.runtime),
                state: record.state,
                cgroup: &record.cgroup,
                metadata: record.metadata.as_deref(),
            }),
            None => Identity::Host,
        }
    }

    /// Whether the runtime's word on this cgroup's container is still to come.
    pub fn is_pending(&self, cgroup: u64) -> bool {
        let record = self.tree.peek(cgroup).and_then(|node| node.record);
        record.and_then(|number| self.records.peek(number)).is_some_and(|r| r.state == State::Pending)
    }

    /// Number of existing cgroups known.
    pub fn cgroups(&self) -> usize {
        self.tree.len()
    }

    /// A cgroup exists.
    fn insert(&mut self, id: u64, path: &[u8], time: u64) {
        self.unknown.pop(&id);
        if self.tree.insert(id, path) == Inserted::Known {
            return;
        }
        (0..self.tree.take_evicted()).for_each(|_| self.counters.add(Count::CgroupsEvicted));
        let Some(node) = self.tree.get(id) else { return };
        let Some(claim) = node.claim.clone() else { return };
        let root = claim.root(path);
        // The container's own cgroup was not there a moment ago, so this is another container than before,
        // whatever its name; cgroups inside of it share its record.
        let number = if root.len() == path.len() {
            self.records.renew(&claim, root, time)
        } else {
            self.records.open(&claim, root, time)
        };
        node.record = Some(number);
        self.ask(number);
    }

    /// A cgroup is gone.
    fn remove(&mut self, id: u64, path: &[u8], time: u64) {
        if self.tree.peek(id).is_none() {
            // Created and removed between two looks: its events may be under way.
            self.insert(id, path, time);
        }
        let node = self.tree.remove(id, path);
        if node.claim.is_some_and(|claim| claim.root_len == node.path.len()) {
            self.records.close(&node.path);
        }
    }

    /// Opens a new record if the cgroup's was forgotten, and asks again if there was no room for the request.
    fn recall(&mut self, cgroup: u64, now: u64) {
        let Some(node) = self.tree.get(cgroup) else { return };
        let Some(claim) = &node.claim else { return };
        let number = match node.record.filter(|&number| self.records.get(number).is_some()) {
            Some(number) => number,
            None => self.records.open(claim, claim.root(&node.path), now),
        };
        node.record = Some(number);
        self.ask(number);
    }

    /// Hands a record to the resolver, once.
    fn ask(&mut self, number: u64) {
        let Some(record) = self.records.get(number).filter(|record| !record.asked) else { return };
        record.asked = self.resolver.ask(record.request(number)).is_ok();
        self.counters.add(if record.asked { Count::Asked } else { Count::QueueFull });
    }

    /// Walks the file system for an id that no event announced, if it is time for that.
    fn find(&mut self, cgroup: u64, now: u64) {
        if self.unknown.get(&cgroup).is_some() {
            return;
        }
        if now < self.next_walk {
            self.counters.add(Count::WalksSpared);
            return;
        }
        // A failure is counted; the id then stays unknown.
        drop(self.seed(now));
        if self.tree.peek(cgroup).is_none() {
            self.unknown.put(cgroup, ());
        }
    }
}

impl<R: Ask> crate::trail::Containers for Identities<R> {
    fn view(&self, cgroup: u64) -> Identity<'_> {
        Self::view(self, cgroup)
    }
}

#[cfg(test)]
mod tests;
