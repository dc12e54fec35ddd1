//! Processes by the pids that other processes call them by.

use super::{Process, ProcessKey, ProcessTable};

/// Inode number of the initial pid namespace (`PROC_PID_INIT_INO` of the kernel).
const INITIAL: u32 = 0xefff_fffc;

impl ProcessTable {
    /// The process that `pid` names in the pid namespace of `caller` at a moment; one that ended just before counts. Nothing
    /// where the caller's namespace is not known, or the process lives in one further down.
    pub fn named_by(&self, caller: ProcessKey, pid: u32, time: u64) -> Option<&Process> {
        match self.get(caller)?.pid_ns {
            0 => None,
            INITIAL => self.holder(pid, time),
            namespace => self.in_use(self.names.peek(&(namespace, pid))?, time),
        }
    }

    /// The process that had a pid of the initial namespace at a moment, or had it last.
    pub fn holder(&self, pid: u32, time: u64) -> Option<&Process> {
        let living = self.by_pid(pid).filter(|process| process.key().start <= time);
        living.or_else(|| self.in_use(self.names.peek(&(INITIAL, pid))?, time))
    }

    fn in_use(&self, key: &ProcessKey, time: u64) -> Option<&Process> {
        self.get(*key).filter(|process| process.key().start <= time)
    }

    /// Learns the pid that a process has in its own namespace.
    pub(super) fn learn_name(&mut self, key: ProcessKey, pid_ns: u32, vpid: u32) {
        if pid_ns == 0 {
            return;
        }
        if let Some(process) = self.find_mut(key) {
            process.pid_ns = pid_ns;
        }
        if pid_ns != INITIAL {
            self.names.put((pid_ns, vpid), key);
        }
    }

    /// A process that ended is still found under its pid until another one has it.
    pub(super) fn keep_name(&mut self, key: ProcessKey) {
        self.names.put((INITIAL, key.pid), key);
    }
}
