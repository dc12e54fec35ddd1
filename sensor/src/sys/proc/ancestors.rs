//! Ancestors that were looked at a moment ago. Most clients of a host have the same ones, and to see that a process is what
//! it was takes a small part of reading all about it.

use std::fmt;
use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

use super::{Depth, Directory, parse::Mark};
use crate::process::Seed;

/// Most processes that are remembered.
const MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);
/// How long is believed what a process may change without executing anything: its ids, its place, its directory.
const FRESH: Duration = Duration::from_secs(10);

/// Most bytes of arguments that are remembered; processes with more are read each time.
const MAX_ARGUMENTS: u32 = 16 << 10;

/// Processes by their ids.
pub struct Ancestors(Mutex<LruCache<u32, Known>>);

/// One of them.
struct Known {
    mark: Mark,
    /// The path of what it runs: addresses alone can be made alike.
    program: Option<PathBuf>,
    seed: Seed,
    read: Instant,
}

impl Default for Ancestors {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MAX)))
    }
}

impl fmt::Debug for Ancestors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ancestors").field("known", &self.known().len()).finish()
    }
}

impl Ancestors {
    /// What there is to know of the process, or `None` if it has ended.
    pub(super) fn seed(&self, directory: &Directory) -> Option<Seed> {
        let stat = directory.stat()?;
        let Some(mark) = stat.mark() else { return directory.seed_of(&stat, Depth::Everything) };
        let program = fs::read_link(directory.path.join("exe")).ok();
        let is_as_it_was =
            |known: &&Known| known.mark == mark && known.program == program && known.read.elapsed() < FRESH;
        if let Some(known) = self.known().get(&directory.pid).filter(is_as_it_was) {
            return Some(known.seed.clone());
        }
        // Should it become another in between, the mark will not be the same next time.
        let seed = directory.seed_of(&stat, Depth::Everything)?;
        if seed.exec.facts.argv_len <= MAX_ARGUMENTS {
            let known = Known { mark, program, seed: seed.clone(), read: Instant::now() };
            self.known().put(directory.pid, known);
        }
        Some(seed)
    }

    fn known(&self) -> MutexGuard<'_, LruCache<u32, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::sys::proc::ProcFs;

    /// What is remembered of a process, by reference: another one means that it was read again.
    fn look(ancestors: &Ancestors, pid: u32) -> (Seed, Instant) {
        let directory = Directory { path: PathBuf::from(format!("/proc/{pid}")), pid };
        let seed = ancestors.seed(&directory).unwrap();
        let read = ancestors.known().get(&pid).unwrap().read;
        (seed, read)
    }

    #[test]
    fn a_process_is_read_again_once_it_executes_another_program_and_not_before() {
        let script = "echo 1; read x; exec /bin/sh -c 'echo 2; read x' other";
        let mut command = Command::new("/bin/sh");
        command.arg0("first").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut said = BufReader::new(output).lines();
        let ancestors = Ancestors::default();
        said.next().unwrap().unwrap();
        let (first, read) = look(&ancestors, child.id());
        assert_eq!(look(&ancestors, child.id()), (first.clone(), read), "it is what it was");
        input.write_all(b"\n").unwrap();
        said.next().unwrap().unwrap();
        let (second, again) = look(&ancestors, child.id());
        assert!(again > read && second.exec.argv != first.exec.argv, "{first:?} {second:?}");
        drop(input);
        child.wait().unwrap();
        assert_eq!(
            ancestors.seed(&Directory { path: format!("/proc/{}", child.id()).into(), pid: child.id() }),
            None
        );
    }

    #[test]
    fn a_line_is_the_same_whether_it_is_remembered_or_not() {
        let (own, known) = (std::process::id(), Ancestors::default());
        let pids = |known: &Ancestors| -> Vec<_> {
            ProcFs::of_host().line(own, 64, known).processes.iter().map(|seed| seed.key).collect()
        };
        let first = pids(&known);
        assert_eq!(pids(&known), first);
        assert_eq!(pids(&Ancestors::default()), first);
    }
}
