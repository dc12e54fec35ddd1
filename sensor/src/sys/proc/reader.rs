//! Reading processes without trusting that the kernel answers.
//!
//! Arguments are read from a process's memory under a lock, and an executable's inode may lie on a file system of
//! the process's own making: either can make somebody wait for as long as the process likes. So another thread
//! reads, and is given up when it does not come back; what cannot be held up is then read again without it.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::process::Seed;

use super::{Depth, Directory};

/// How long one process may keep us waiting.
const PATIENCE: Duration = Duration::from_millis(250);
/// How many threads are given up before nothing is read any more that could take another one.
const MAX_LOST: u64 = 8;

/// Reads one process after the other.
#[derive(Debug)]
pub(super) struct Readers {
    root: PathBuf,
    current: Option<Reader>,
    lost: u64,
    incomplete: u64,
}

/// A thread that reads what it is asked for. It ends when its `Reader` goes, or when it comes back after that.
#[derive(Debug)]
struct Reader {
    ask: SyncSender<Directory>,
    answers: Receiver<Option<Seed>>,
}

impl Readers {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, current: None, lost: 0, incomplete: 0 }
    }

    /// Everything about a process, or `None` if it has ended. Where it keeps us waiting, arguments and inodes are
    /// left out.
    pub(super) fn read(&mut self, pid: u32) -> Option<Seed> {
        let directory = Directory { path: self.root.join(pid.to_string()), pid };
        if self.current.is_none() && self.lost < MAX_LOST {
            self.current = Reader::start();
        }
        if let Some(reader) = self.current.take() {
            if let Ok(answer) = reader.read(directory.clone()) {
                self.current = Some(reader);
                return answer;
            }
            self.lost = self.lost.saturating_add(1);
        }
        self.incomplete = self.incomplete.saturating_add(1);
        directory.seed(Depth::Prompt)
    }

    /// Number of processes of which something was left out.
    pub(super) fn incomplete(&self) -> u64 {
        self.incomplete
    }
}

impl Reader {
    fn start() -> Option<Self> {
        let (ask, asked) = sync_channel::<Directory>(1);
        let (answer, answers) = sync_channel(1);
        let read_all = move || {
            for directory in asked {
                if answer.send(directory.seed(Depth::Everything)).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new().name("vigie-proc".into()).spawn(read_all).ok()?;
        Some(Self { ask, answers })
    }

    fn read(&self, directory: Directory) -> Result<Option<Seed>, RecvTimeoutError> {
        // A thread that is gone takes no question, and the missing answer tells.
        drop(self.ask.send(directory));
        self.answers.recv_timeout(PATIENCE)
    }
}
