//! One process and those above it, read anew: for what asks about a process rather than being told of it by an event.

use std::path::PathBuf;

use crate::process::Seed;

use super::{Ancestors, Depth, Directory, ProcFs, Stat};

/// Most bytes of a process's `cgroup`: a line for each hierarchy.
const MAX_CGROUP: u64 = 128 << 10;

/// A process, then its parent, and so on.
#[derive(Debug, Default)]
pub struct Line {
    /// The processes, as far as they could be read.
    pub processes: Vec<Seed>,
    /// Lines of the first one's `cgroup`, all hierarchies.
    pub cgroups: Vec<u8>,
}

impl ProcFs {
    /// Looks at a process and at most `most` of its ancestors, by the parents that they have now. May take as long as
    /// one of these processes likes.
    pub fn line(&self, pid: u32, most: usize, known: &Ancestors) -> Line {
        self.line_of(pid, most, Depth::Everything, |directory| known.seed(directory))
    }

    /// The same without what a process may hold back: arguments and inodes.
    pub fn line_promptly(&self, pid: u32, most: usize) -> Line {
        self.line_of(pid, most, Depth::Prompt, |directory| directory.seed(Depth::Prompt))
    }

    fn line_of(
        &self,
        pid: u32,
        most: usize,
        depth: Depth,
        ancestor: impl Fn(&Directory) -> Option<Seed>,
    ) -> Line {
        let mut line = Line::default();
        let own = self.directory(pid);
        line.cgroups = super::read(&own.path.join("cgroup"), MAX_CGROUP).unwrap_or_default();
        let seed = own.stat().and_then(|stat| own.seed_in(&line.cgroups, &stat, depth));
        let Some(seed) = seed else { return Line::default() };
        let mut child = own;
        let mut parent = seed.exec.facts.parent_pid;
        line.processes.push(seed);
        while parent != 0 && line.processes.len() <= most {
            let directory = self.directory(parent);
            let Some(seed) = ancestor(&directory) else { break };
            // Had the parent ended meanwhile, its number may be another's, who is younger than the child. Of the same tick
            // nobody knows, but then the child has another parent now.
            let is_older = line.processes.last().is_some_and(|child| seed.key.start < child.key.start);
            if !is_older && child.parent() != Some(parent) {
                break;
            }
            (child, parent) = (directory, seed.exec.facts.parent_pid);
            line.processes.push(seed);
        }
        line
    }

    fn directory(&self, pid: u32) -> Directory {
        let path: PathBuf = self.root.join(pid.to_string());
        Directory { path, pid }
    }
}

impl Directory {
    fn parent(&self) -> Option<u32> {
        Stat::parse(&self.file("stat")?).map(|stat| stat.parent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_first_and_its_parent_second() {
        let own = std::process::id();
        let line = ProcFs::of_host().line(own, 64, &Ancestors::default());
        let pids: Vec<u32> = line.processes.iter().map(|seed| seed.key.pid).collect();
        assert_eq!(pids.first(), Some(&own));
        assert_eq!(pids.get(1), Some(&std::os::unix::process::parent_id()));
        assert!(line.processes[0].exec.argv.argc() > 0);
        assert_eq!(line.cgroups, std::fs::read("/proc/self/cgroup").unwrap());
    }

    #[test]
    fn the_line_is_bounded_and_what_may_wait_is_left_out_on_request() {
        let own = std::process::id();
        assert_eq!(ProcFs::of_host().line(own, 0, &Ancestors::default()).processes.len(), 1);
        let prompt = ProcFs::of_host().line_promptly(own, 0).processes.remove(0);
        assert_eq!(prompt.exec.argv.argc(), 0);
        assert_eq!(
            prompt.exec.exe.as_bytes(),
            std::env::current_exe().unwrap().as_os_str().as_encoded_bytes()
        );
    }

    #[test]
    fn who_is_not_there_has_no_line() {
        assert!(ProcFs::of_host().line(u32::MAX, 9, &Ancestors::default()).processes.is_empty());
    }
}
