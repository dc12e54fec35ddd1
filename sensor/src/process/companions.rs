//! Some living processes of each mount namespace, through whose root the files of a container can be read after the
//! process in question has ended.

use std::num::NonZeroUsize;

use lru::LruCache;

use super::ProcessKey;

/// Most mount namespaces remembered.
const MAX_NAMESPACES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1023);
/// Most processes remembered of each: the first ones, which live longest, and the last one.
const MAX_PROCESSES: usize = 4;

/// Processes by mount namespace.
#[derive(Debug)]
pub(super) struct Companions(LruCache<u32, Vec<ProcessKey>>);

impl Companions {
    /// Those of at most as many namespaces as there may be processes.
    pub(super) fn new(processes: usize) -> Self {
        let most = NonZeroUsize::new(processes).unwrap_or(NonZeroUsize::MIN);
        Self(LruCache::new(most.min(MAX_NAMESPACES)))
    }

    /// A process runs a program in a namespace.
    pub(super) fn learn(&mut self, mnt_ns: u32, process: ProcessKey) {
        let known = self.0.get_or_insert_mut(mnt_ns, Vec::new);
        if known.contains(&process) {
            return;
        }
        if known.len() >= MAX_PROCESSES {
            known.pop();
        }
        known.push(process);
    }

    /// A process has ended.
    pub(super) fn forget(&mut self, mnt_ns: u32, process: ProcessKey) {
        if let Some(known) = self.0.peek_mut(&mnt_ns) {
            known.retain(|known| *known != process);
        }
    }

    /// Processes of a namespace.
    pub(super) fn of(&self, mnt_ns: u32) -> impl Iterator<Item = ProcessKey> {
        self.0.peek(&mnt_ns).into_iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_ones_and_the_last_one_are_remembered_while_they_live() {
        let mut companions = Companions::new(9);
        let key = |pid| ProcessKey { pid, start: 1 };
        for pid in [1, 2, 3, 4, 5, 5] {
            companions.learn(7, key(pid));
        }
        companions.forget(7, key(2));
        companions.forget(8, key(1));
        assert_eq!(companions.of(7).map(|key| key.pid).collect::<Vec<_>>(), [1, 3, 5]);
        assert_eq!(companions.of(8).count(), 0);
    }

    #[test]
    fn namespaces_are_bounded() {
        let mut companions = Companions::new(usize::MAX);
        for mnt_ns in 0..5000 {
            companions.learn(mnt_ns, ProcessKey { pid: 1, start: 1 });
        }
        assert_eq!(companions.0.len(), MAX_NAMESPACES.get());
    }
}
