//! Taking the place of an engine's socket while the engine runs.
//!
//! Connections go to the socket itself, not to its name, so an engine keeps listening under another one. Steps: journal,
//! the guard's socket in a closed directory, journal again, exchange of the two names. At every step the name that
//! clients know leads to one of the two sockets.

use std::fs::{self, File};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::{PlaceError, Tell, journal::Journal, refused, restore::undo};
use crate::sys::socket::{Node, exchange, listen_like};

/// A place that is taken, until it is given back.
#[derive(Debug)]
pub struct Taken {
    /// Clients connect here.
    pub listener: UnixListener,
    journal: Journal,
    given_back: bool,
    /// Held while the guard is at work.
    _lock: File,
}

/// The steps. Whoever ends after any of them leaves what can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Directory,
    Announced,
    Bound,
    Recorded,
    Exchanged,
}

impl Step {
    pub(super) const ALL: [Self; 5] =
        [Self::Directory, Self::Announced, Self::Bound, Self::Recorded, Self::Exchanged];
}

/// A listener that is being put into its place.
#[derive(Debug)]
pub(super) struct Taking {
    journal: Journal,
    lock: Option<File>,
    listener: Option<UnixListener>,
}

impl Taken {
    /// Takes the place of the socket at `socket`, after putting right what an earlier guard left.
    pub fn take(socket: &Path, tell: Tell<'_>) -> Result<Self, PlaceError> {
        let mut taking = Taking::begin(socket, tell)?;
        let result = taking.go_to(Step::Exchanged);
        let Taking { journal, lock, listener } = taking;
        // Without the lock another guard is at work there.
        if result.is_err() && lock.is_some() {
            // What cannot be undone now is undone by the next start.
            drop(undo(&journal, &mut |_| ()));
        }
        result?;
        let (Some(listener), Some(lock)) = (listener, lock) else {
            return Err(PlaceError::Taken { path: journal.socket });
        };
        let Journal { socket, aside, engine: _, guard: _, made_directory: _ } = &journal;
        tell(&format!("{} is the guard's; the engine's is {}", socket.display(), aside.display()));
        Ok(Self { listener, journal, given_back: false, _lock: lock })
    }

    /// Where the engine's socket is now.
    pub fn engine(&self) -> &Path {
        &self.journal.aside
    }

    /// The name that clients know.
    pub fn socket(&self) -> &Path {
        &self.journal.socket
    }

    /// Whether clients that go by the name still come to the guard. An engine that is started anew makes its socket
    /// anew, under that name.
    pub fn is_in_place(&self) -> bool {
        let now = Node::at(&self.journal.socket).ok().flatten();
        now.zip(self.journal.guard.as_ref()).is_some_and(|(now, guard)| now.is(guard))
    }

    /// Gives the place back.
    pub fn give_back(mut self, tell: Tell<'_>) -> Result<(), PlaceError> {
        self.given_back = true;
        undo(&self.journal, tell)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if !self.given_back {
            // Whoever wants to know the outcome calls `give_back`.
            drop(undo(&self.journal, &mut |_| ()));
        }
    }
}

impl Taking {
    /// Looks at what is there; nothing is done yet but to put right what was left.
    pub(super) fn begin(socket: &Path, tell: Tell<'_>) -> Result<Self, PlaceError> {
        let socket = canonical(socket)?;
        if let Some(left) = Journal::read(&socket)? {
            let lock = lock(&left)?;
            tell(&format!("an earlier guard ended without giving {} back", socket.display()));
            undo(&left, tell)?;
            drop(lock);
        }
        let engine = Node::at(&socket).map_err(refused("look at", &socket))?;
        let engine = engine
            .filter(|node| node.is_socket)
            .ok_or_else(|| PlaceError::NoSocket { path: socket.clone(), hint: "; is the engine running?" })?;
        Ok(Self { journal: Journal::new(&socket, engine), lock: None, listener: None })
    }

    /// Does all steps up to this one.
    pub(super) fn go_to(&mut self, last: Step) -> Result<(), PlaceError> {
        Step::ALL.into_iter().filter(|step| *step <= last).try_for_each(|step| self.go(step))
    }

    fn go(&mut self, step: Step) -> Result<(), PlaceError> {
        match step {
            Step::Directory => {
                self.journal.make_directory()?;
                self.lock = Some(lock(&self.journal)?);
                Ok(())
            }
            Step::Announced => self.journal.write(),
            Step::Bound => self.bind(),
            Step::Recorded => {
                let aside = &self.journal.aside;
                self.journal.guard = Node::at(aside).map_err(refused("look at", aside))?;
                self.journal.write()
            }
            Step::Exchanged => self.exchange(),
        }
    }

    fn bind(&mut self) -> Result<(), PlaceError> {
        let (aside, engine) = (&self.journal.aside, &self.journal.engine);
        if aside.exists() {
            return Err(PlaceError::InTheWay { path: aside.clone() });
        }
        self.listener = Some(listen_like(aside, engine).map_err(refused("listen at", aside))?);
        Ok(())
    }

    /// Where the engine made its socket anew since it was looked at, it is put back by the caller's undoing.
    fn exchange(&self) -> Result<(), PlaceError> {
        let Journal { socket, aside, engine, guard: _, made_directory: _ } = &self.journal;
        exchange(socket, aside).map_err(refused("take the place of", socket))?;
        let moved = Node::at(aside).map_err(refused("look at", aside))?;
        if moved.is_some_and(|moved| moved.is(engine)) {
            return Ok(());
        }
        exchange(socket, aside).map_err(refused("put back", socket))?;
        Err(PlaceError::Changed { path: socket.clone() })
    }
}

/// The path with the links of its directory followed. The name itself must not be a link: it would be moved instead of
/// the socket.
fn canonical(socket: &Path) -> Result<PathBuf, PlaceError> {
    let no_socket = |hint| PlaceError::NoSocket { path: socket.to_owned(), hint };
    let (Some(parent), Some(name)) = (socket.parent(), socket.file_name()) else { return Err(no_socket("")) };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let parent = fs::canonicalize(parent).map_err(refused("find", parent))?;
    let path = parent.join(name);
    if fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
        return Err(no_socket("; name the one that this link leads to"));
    }
    Ok(path)
}

/// Held by the guard that is at work; goes with it however it ends.
fn lock(journal: &Journal) -> Result<File, PlaceError> {
    let directory = journal.directory();
    let lock = File::open(&directory).map_err(refused("open", &directory))?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(lock),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(PlaceError::Taken { path: journal.socket.clone() }),
        Err(error) => Err(refused("lock", &directory)(error.into())),
    }
}
