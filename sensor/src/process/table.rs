//! Where the processes are kept, found, and forgotten.

use std::num::NonZeroUsize;

use lru::LruCache;

use super::companions::Companions;
use super::image::Ledger;
use super::key::ProcessKey;
use super::{Counters, Exit, Process};

/// How often an ended process with descendants is passed over when one has to go.
const SECOND_CHANCES: u32 = 8;
/// Most ended processes that make room for one image.
const MAX_SACRIFICES: u32 = 64;

/// Bounds of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most processes, living and ended.
    pub processes: usize,
    /// Most images of one process besides the current one.
    pub older_images: usize,
    /// Memory of all images, in bytes, past which new ones are trimmed to their essential parts.
    pub image_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { processes: 30_000, older_images: 4, image_bytes: 24 << 20 }
    }
}

/// The processes of this host, those that ended lately included.
#[derive(Debug)]
pub struct ProcessTable {
    /// By id: of the living, one at a time has it.
    pub(super) live: LruCache<u32, Process>,
    exited: LruCache<Slot, Process>,
    /// By pid namespace and the pid there: of the initial one those that ended, of others the last to have it.
    pub(super) names: LruCache<(u32, u32), ProcessKey>,
    pub(super) limits: Limits,
    pub(super) ledger: Ledger,
    pub(super) companions: Companions,
    pub(super) counters: Counters,
}

/// Key of the ended ones: coarse enough to find a process by the start that /proc showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Slot {
    pid: u32,
    tick: u64,
}

impl From<ProcessKey> for Slot {
    fn from(key: ProcessKey) -> Self {
        Self { pid: key.pid, tick: key.tick() }
    }
}

impl ProcessTable {
    /// An empty table.
    pub fn new(limits: Limits) -> Self {
        Self {
            live: LruCache::unbounded(),
            exited: LruCache::unbounded(),
            names: LruCache::new(NonZeroUsize::new(limits.processes).unwrap_or(NonZeroUsize::MIN)),
            limits,
            ledger: Ledger::default(),
            companions: Companions::new(limits.processes),
            counters: Counters::default(),
        }
    }

    /// The process with this key.
    pub fn get(&self, key: ProcessKey) -> Option<&Process> {
        let is = |process: &&Process| process.is(key);
        self.live.peek(&key.pid).filter(is).or_else(|| self.exited.peek(&Slot::from(key)).filter(is))
    }

    /// The process with this id that started in the same tick.
    pub(super) fn by_tick(&self, key: ProcessKey) -> Option<&Process> {
        let same = |process: &&Process| process.key().tick() == key.tick();
        self.live.peek(&key.pid).filter(same).or_else(|| self.exited.peek(&Slot::from(key)))
    }

    /// The living process that has this id now, as far as events told.
    pub fn by_pid(&self, pid: u32) -> Option<&Process> {
        self.live.peek(&pid)
    }

    /// Some processes that run, or ran last, in a mount namespace.
    pub fn companions(&self, mnt_ns: u32) -> impl Iterator<Item = ProcessKey> {
        self.companions.of(mnt_ns)
    }

    /// Number of processes, living and ended.
    pub fn len(&self) -> usize {
        self.live.len().saturating_add(self.exited.len())
    }

    /// Whether no process is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of processes that have not ended, as far as events told.
    pub fn live_len(&self) -> usize {
        self.live.len()
    }

    /// Memory of all images, in bytes; those that only events under way still refer to included.
    pub fn image_bytes(&self) -> usize {
        self.ledger.bytes()
    }

    /// What was counted so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The process with this key, for a change; it is the last one to be forgotten now, and an exact start in the
    /// key becomes its own.
    pub(super) fn find_mut(&mut self, key: ProcessKey) -> Option<&mut Process> {
        let is = |process: &Process| process.is(key);
        let process = if self.live.peek(&key.pid).is_some_and(is) {
            self.live.get_mut(&key.pid)
        } else {
            self.exited.get_mut(&Slot::from(key)).filter(|process| is(process))
        }?;
        if process.adopt(key) {
            self.counters.adopted = self.counters.adopted.saturating_add(1);
        }
        Some(process)
    }

    /// Enters a process that is not in the table. Whichever of two with the same id started earlier has ended.
    pub(super) fn insert(&mut self, mut process: Process) {
        let key = process.key();
        let rival = self.live.peek(&key.pid).map(Process::key);
        match rival {
            Some(rival) if rival.start > key.start => {
                self.infer_exit(&mut process, rival.start);
                self.keep_exited(process);
            }
            Some(_) => {
                if let Some(mut rival) = self.live.put(key.pid, process) {
                    self.infer_exit(&mut rival, key.start);
                    self.keep_exited(rival);
                }
            }
            None => {
                self.live.put(key.pid, process);
            }
        }
        self.make_room();
    }

    /// Files a living process under the ended ones.
    pub(super) fn retire(&mut self, key: ProcessKey) {
        if self.live.peek(&key.pid).is_some_and(|process| process.is(key))
            && let Some(process) = self.live.pop(&key.pid)
        {
            self.keep_exited(process);
        }
    }

    /// Forgets ended processes without descendants until the images' memory is within its bound; false if that
    /// does not suffice. Long arguments are worth less than ancestors.
    pub(super) fn make_room_for_images(&mut self) -> bool {
        for _ in 0..MAX_SACRIFICES {
            if self.ledger.bytes() < self.limits.image_bytes || !self.pass_over_ancestors() {
                break;
            }
            self.evict_exited();
        }
        self.ledger.bytes() < self.limits.image_bytes
    }

    fn infer_exit(&mut self, process: &mut Process, time: u64) {
        process.ended(Exit { time, status: None });
        self.counters.exits_inferred = self.counters.exits_inferred.saturating_add(1);
    }

    fn keep_exited(&mut self, process: Process) {
        if let Some(displaced) = self.exited.put(Slot::from(process.key()), process) {
            self.forgotten_exited(&displaced);
        }
    }

    fn make_room(&mut self) {
        while self.len() > self.limits.processes.max(1) {
            self.pass_over_ancestors();
            if !self.evict_exited()
                && let Some((_, process)) = self.live.pop_lru()
            {
                self.counters.evicted_live = self.counters.evicted_live.saturating_add(1);
                self.disown(&process);
            }
        }
    }

    /// Looks for the next ended process to forget, past some that have descendants; true if it has none.
    fn pass_over_ancestors(&mut self) -> bool {
        for _ in 0..SECOND_CHANCES {
            match self.exited.peek_lru() {
                Some((slot, process)) if process.children > 0 => {
                    let slot = *slot;
                    self.exited.promote(&slot);
                }
                Some(_) => return true,
                None => return false,
            }
        }
        false
    }

    fn evict_exited(&mut self) -> bool {
        let Some((_, process)) = self.exited.pop_lru() else { return false };
        self.forgotten_exited(&process);
        true
    }

    fn forgotten_exited(&mut self, process: &Process) {
        self.counters.evicted_exited = self.counters.evicted_exited.saturating_add(1);
        self.disown(process);
    }

    /// A process that goes no longer keeps its parent.
    fn disown(&mut self, process: &Process) {
        let Some(parent) = process.parent() else { return };
        let slot = Slot::from(parent);
        let is = |process: &&mut Process| process.is(parent);
        let parent =
            self.live.peek_mut(&parent.pid).filter(is).or_else(|| self.exited.peek_mut(&slot).filter(is));
        if let Some(parent) = parent {
            parent.children = parent.children.saturating_sub(1);
        }
    }
}
