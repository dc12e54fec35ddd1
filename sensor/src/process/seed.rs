//! The processes that were there first.

use std::sync::Arc;

use crate::decode::Exec;

use super::entry::Version;
use super::{Image, Process, ProcessKey, ProcessTable};

/// A process as /proc shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// Its identity, the start rounded down to a whole [`TICK`](super::TICK).
    pub key: ProcessKey,
    /// Real user id.
    pub uid: u32,
    /// Effective user id.
    pub euid: u32,
    /// Real group id.
    pub gid: u32,
    /// Inode number of its mount namespace.
    pub mnt_ns: u32,
    /// Path of its cgroup in the v2 hierarchy, empty where there is none.
    pub cgroup: Box<[u8]>,
    /// What it runs; `parent_start` need not be filled in.
    pub exec: Exec,
}

impl ProcessTable {
    /// Enters what /proc showed at `time` (`CLOCK_BOOTTIME`, nanoseconds). `cgroup_id` gives the id of a cgroup by
    /// its path.
    ///
    /// Seed before the first event is applied but after the hooks are attached, so that nothing falls between;
    /// what events told already is not overruled.
    pub fn seed(&mut self, seeds: Vec<Seed>, time: u64, mut cgroup_id: impl FnMut(&[u8]) -> Option<u64>) {
        let families: Vec<_> =
            seeds.iter().map(|seed| (seed.key, seed.exec.facts.parent_pid, seed.exec.facts.sid)).collect();
        for mut seed in seeds {
            let known = self.by_tick(seed.key);
            if known.is_some_and(|known| known.image().is_some() || known.exit().is_some()) {
                continue;
            }
            if known.is_none() && self.len() >= self.limits.processes {
                self.counters.seeds_refused = self.counters.seeds_refused.saturating_add(1);
                continue;
            }
            seed.key = known.map_or(seed.key, Process::key);
            let cgroup = cgroup_id(&seed.cgroup).unwrap_or(0);
            self.enter(seed, cgroup, time);
        }
        for (key, parent, sid) in families {
            self.join_family(key, parent, sid);
        }
    }

    /// Finds parent and session leader, now that everybody is there.
    fn join_family(&mut self, key: ProcessKey, parent: u32, sid: u32) {
        let Some(key) = self.by_tick(key).map(Process::key) else { return };
        let parent = self.by_pid(parent).map(Process::key);
        if let Some(parent) = parent.filter(|parent| parent.tick() <= key.tick()) {
            self.link(key, parent);
        }
        let leader = self.leader_of(key, sid);
        if let Some(process) = self.find_mut(key) {
            process.leader = process.leader.or(leader);
        }
    }

    fn enter(&mut self, seed: Seed, cgroup: u64, time: u64) {
        self.counters.seeded = self.counters.seeded.saturating_add(1);
        let key = seed.key;
        if self.get(key).is_none() {
            self.insert(Process::seeded(key));
        }
        self.learn_name(key, seed.exec.facts.pid_ns, seed.exec.facts.vpid);
        self.companions.learn(seed.mnt_ns, key);
        let vpid = seed.exec.facts.vpid;
        let image = Image::read(seed, time, &self.ledger);
        let image = Arc::new(self.within_bounds(image));
        if let Some(process) = self.find_mut(key) {
            process.has_vpid(vpid);
            // Any event tells it better.
            if process.cgroup() == 0 {
                process.seen_in(cgroup, 0);
            }
            process.add_image(Version { since: key.start, image }, 0);
        }
    }
}
