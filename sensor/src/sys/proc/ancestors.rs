//! Ancestors that were looked at a moment ago. Most clients of a host have the same ones, and to see that a process is what
//! it was takes a small part of reading all about it.

use std::fmt;
use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

use super::{Depth, Directory, Stat, cmdline, parse::Mark};
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
    program: Program,
    seed: Seed,
    read: Instant,
}

/// What a process runs, as far as it is to be known besides its mark.
#[derive(PartialEq)]
struct Program {
    /// Addresses alone can be made alike.
    path: Option<PathBuf>,
    /// Where the mark has no addresses to tell it by.
    arguments: Option<Vec<u8>>,
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
        let (mark, program) = (stat.mark(), Program::of(directory, &stat));
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

impl Program {
    fn of(directory: &Directory, stat: &Stat) -> Self {
        let arguments = || super::read(&directory.path.join("cmdline"), cmdline::MAX_AREA).ok();
        Self {
            path: fs::read_link(directory.path.join("exe")).ok(),
            arguments: stat.hides_memory().then(arguments).flatten(),
        }
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
        look_at(ancestors, &Directory { path: PathBuf::from(format!("/proc/{pid}")), pid })
    }

    fn look_at(ancestors: &Ancestors, directory: &Directory) -> (Seed, Instant) {
        let seed = ancestors.seed(directory).unwrap();
        let read = ancestors.known().get(&directory.pid).unwrap().read;
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
    fn a_process_that_hides_its_memory_is_read_again_once_its_arguments_are_others() {
        let (place, ancestors) = (tempfile::tempdir().unwrap(), Ancestors::default());
        let write = |name: &str, text: &str| fs::write(place.path().join(name), text).unwrap();
        write("stat", &format!("7 (x) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100{}\n", " 0".repeat(30)));
        write("status", "Name:\tx\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n");
        write("cmdline", "x\0one\0");
        let directory = Directory { path: place.path().to_owned(), pid: 7 };
        let first = look_at(&ancestors, &directory);
        assert_eq!(look_at(&ancestors, &directory), first, "it is what it was");
        write("cmdline", "x\0two\0");
        let (second, again) = look_at(&ancestors, &directory);
        assert!(again > first.1 && second.exec.argv != first.0.exec.argv, "{first:?} {second:?}");
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
