//! Who made whom.

use super::{Process, ProcessKey, ProcessTable};

/// Longest line of ancestors that is followed.
const MAX_ANCESTORS: usize = 64;

/// A process's ancestors, from its parent upwards, as far as the table knows them.
#[derive(Debug, Clone)]
pub struct Ancestors<'a> {
    table: &'a ProcessTable,
    last: Option<&'a Process>,
    left: usize,
}

impl ProcessTable {
    /// The process that made this one, if the table still has it.
    pub fn parent(&self, key: ProcessKey) -> Option<&Process> {
        self.ancestors(key).next()
    }

    /// Parent, grandparent and so on, by creation: a daemon's line does not end with its reaper.
    pub fn ancestors(&self, key: ProcessKey) -> Ancestors<'_> {
        Ancestors { table: self, last: self.get(key), left: MAX_ANCESTORS }
    }

    /// The leader of the process's session as of its last exec, if the table still has it.
    pub fn session_leader(&self, key: ProcessKey) -> Option<&Process> {
        self.get(self.get(key)?.leader?)
    }

    /// The process that leads group `pgid`, in which the process with this key was at a moment. As with sessions, the
    /// id is given to no other process while there is such a group.
    pub fn group_leader(&self, key: ProcessKey, pgid: u32, time: u64) -> Option<&Process> {
        if pgid == 0 || pgid == key.pid {
            return self.get(key).filter(|_| pgid != 0);
        }
        let ancestor = || self.ancestors(key).find(|ancestor| ancestor.key().pid == pgid);
        self.by_pid(pgid).filter(|leader| leader.key().start <= time).or_else(ancestor)
    }

    /// Finds the leader of session `sid`, in which the process with this key is.
    ///
    /// The kernel gives an id to no other process while a session is named by it, so whoever lives under it is
    /// the leader; one that has ended is most likely an ancestor.
    pub(super) fn leader_of(&self, key: ProcessKey, sid: u32) -> Option<ProcessKey> {
        if sid == 0 {
            return None;
        }
        if sid == key.pid {
            return Some(key);
        }
        let known = self.get(key).and_then(|process| process.leader).filter(|leader| leader.pid == sid);
        known
            .or_else(|| self.by_pid(sid).map(Process::key))
            .or_else(|| self.ancestors(key).map(Process::key).find(|ancestor| ancestor.pid == sid))
    }

    /// Makes one process the parent of another, unless that has one.
    pub(super) fn link(&mut self, child: ProcessKey, parent: ProcessKey) -> bool {
        if parent.pid == 0 || !self.find_mut(child).is_some_and(|process| process.set_parent(parent)) {
            return false;
        }
        if let Some(process) = self.find_mut(parent) {
            process.children = process.children.saturating_add(1);
        }
        true
    }
}

impl<'a> Iterator for Ancestors<'a> {
    type Item = &'a Process;

    fn next(&mut self) -> Option<&'a Process> {
        let child = self.last.take()?;
        self.left = self.left.checked_sub(1)?;
        let parent = self.table.get(child.parent()?)?;
        // Nobody is made by a younger process: whatever says so is wrong, and could lead in a circle.
        if parent.key().tick() > child.key().tick() {
            return None;
        }
        self.last = Some(parent);
        self.last
    }
}
