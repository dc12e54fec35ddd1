//! File integrity: whatever is done to files that are watched, one alert for each operation.
//!
//! Events go in, and operations come out. The stage keeps what the watched files were like, by path and by inode, and
//! who has them open for writing. What has to be read from a disk is read by a thread of its own.

pub mod alerts;
mod change;
mod contents;
mod counters;
mod files;
mod names;
mod pending;
mod places;
mod settling;
mod target;
mod worker;
mod writers;

use std::{
    io,
    time::{Duration, Instant},
};

pub use change::{Change, Operation, State, Told};
pub use files::Known;
pub use target::{Scope, Target};
pub use worker::LARGEST;

use self::{
    files::Files,
    pending::{Asked, Pending, Then},
    places::{Places, Where},
    settling::Settling,
    worker::{Answer, Examine, Question, Worker, walk},
    writers::Writers,
};
use crate::{
    decode::{Body, Call, Event, FileAsked, What},
    rules::{EventType, EventTypes},
    sys::{files::FileId, inspect::Hash, mounts::Mounts},
};
use sensor_common::header::Header;

/// Most files that are watched.
pub const MOST_FILES: usize = 200_000;
/// How long the end of a run waits for the worker.
const LAST_PATIENCE: Duration = Duration::from_secs(10);

/// Which closes of a file are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closes {
    /// The last of each opening, however it comes about.
    Last,
    /// Each call of `close`, and no other.
    Calls,
}

/// What the stage has to know of its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// Number of the sensor's own mount namespace.
    pub namespace: u32,
    /// What to add to an event's time to get nanoseconds since 1970.
    pub boot_offset: u64,
    /// Which closes are seen.
    pub closes: Closes,
}

/// The stage.
#[derive(Debug)]
pub struct Watch {
    scope: Scope,
    surroundings: Surroundings,
    places: Places,
    files: Files,
    writers: Writers,
    worker: Worker,
    pending: Pending,
    settling: Settling,
    ready: Vec<Change>,
    serial: u64,
    complete: bool,
    counters: counters::Counters,
}

/// An event, its number, and when its process ended, if it has.
#[derive(Clone, Copy, Debug)]
struct Seen<'a> {
    event: &'a Event,
    number: u64,
    ended: Option<u64>,
}

impl Watch {
    /// Watches the files of a scope as they are now; `wake` ends the engine's wait when there is something to tell.
    pub fn start(
        scope: Scope,
        surroundings: Surroundings,
        wake: impl Fn() + Send + 'static,
    ) -> io::Result<Self> {
        let worker = Worker::start(MOST_FILES, wake)?;
        let mut watch = Self {
            places: Places::new(surroundings.namespace, &scope, Mounts::of),
            scope,
            surroundings,
            files: Files::new(MOST_FILES),
            writers: Writers::default(),
            worker,
            pending: Pending::default(),
            settling: Settling::default(),
            ready: Vec::new(),
            serial: 0,
            complete: false,
            counters: counters::Counters::default(),
        };
        watch.scan();
        Ok(watch)
    }

    /// Watches another scope from now on.
    pub fn replace(&mut self, scope: Scope) {
        self.scope = scope;
        self.places.watch(&self.scope);
        self.files = Files::new(MOST_FILES);
        self.complete = false;
        self.scan();
    }

    /// What is watched.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How many files there are.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// Whether the contents of all files that were there before have become known since this was asked last.
    pub fn take_complete(&mut self) -> bool {
        std::mem::take(&mut self.complete)
    }

    /// The types of the events that the stage needs.
    pub fn event_types(&self) -> EventTypes {
        if self.is_idle() { EventTypes::NONE } else { NEEDED }
    }

    /// Whether nothing is watched.
    pub fn is_idle(&self) -> bool {
        self.scope.0.is_empty()
    }

    /// Learns which files there are; what is in them is read meanwhile.
    fn scan(&mut self) {
        let mut found = Vec::new();
        for target in &self.scope.0 {
            let most = MOST_FILES.saturating_sub(found.len());
            found.extend(walk(target.root(), most, |path| target.may_cover_below(path)));
        }
        found.retain(|(path, _)| self.scope.covers(path));
        for (path, facts) in &found {
            self.files.put(path, Known { facts: *facts, hash: Hash::Unknown });
        }
        if !self.worker.ask(Question::Baseline(found)) {
            self.counters.unread += 1;
        }
    }

    /// Takes an event. `ended` says when a process ended that did: of that one may know before of what it did.
    pub fn take(&mut self, event: &Event, number: u64, ended: Option<u64>) {
        if self.is_idle() {
            return;
        }
        let seen = Seen { event, number, ended };
        match &event.body {
            Body::Open(open) => self.opened(seen, open),
            Body::Call(call) => self.called(seen, call),
            Body::Exec(_) => self.places.learn(event.header.mnt_ns, event.header.pid),
            Body::Fork(fork) => self.writers.inherit(event.header.pid, fork.child_pid),
            Body::Exit(_) => self.ended(seen),
            Body::CgroupMkdir(_) | Body::CgroupAttachTask(_) | Body::CgroupRmdir(_) => {}
        }
    }

    fn called(&mut self, seen: Seen<'_>, call: &Call) {
        let What::File(file) = &call.what else { return };
        if call.error() != 0 {
            return;
        }
        match &file.asked {
            FileAsked::Close(facts) => self.closed(seen, file, facts),
            FileAsked::Map(_) => self.mapped(seen, file),
            FileAsked::Truncate(facts) => self.truncated(seen, file, facts.length),
            FileAsked::Remove(_) => self.removed(seen, file),
            FileAsked::Rename(facts) => self.renamed(seen, file, facts.names.flags),
            FileAsked::Link(_) => self.linked(seen, file),
            FileAsked::Symlink(_) | FileAsked::Mkdir(_) | FileAsked::Mknod(_) => self.made(seen, file),
            FileAsked::Mode(facts) => self.mode_changed(seen, file, facts.mode),
            FileAsked::Owner(facts) => self.owner_changed(seen, file, (facts.uid, facts.gid)),
            FileAsked::Xattr(_) => self.attribute_changed(seen, file),
            FileAsked::Mount(_) | FileAsked::Umount(_) | FileAsked::Root(_) | FileAsked::MoveMount(_) => {
                let header = &seen.event.header;
                self.places.forget(header.mnt_ns, &self.scope);
                // Before the last process of the namespace has ended.
                self.places.learn(header.mnt_ns, header.pid);
            }
            FileAsked::OpenTree(_) | FileAsked::Fsmount(_) => {}
        }
    }

    /// The path on the host of what an event is about, if that is watched: by the path that was used, or by the inode
    /// where the path is another name of a watched file or cannot be told.
    fn find(&mut self, header: &Header, path: &[u8], file: Option<(FileId, u32)>) -> Option<Vec<u8>> {
        match self.places.find(header.mnt_ns, header.pid, path, &self.scope) {
            Where::Watched(host) => Some(host),
            // Only a file with several names can have one that is watched and one that is not.
            Where::Elsewhere => file.filter(|(_, links)| *links > 1).and_then(|(id, _)| self.by_inode(id)),
            Where::Unknown => {
                self.counters.unplaced += 1;
                file.and_then(|(id, _)| self.by_inode(id))
            }
        }
    }

    fn by_inode(&self, id: FileId) -> Option<Vec<u8>> {
        self.files.path_of(id).map(<[u8]>::to_vec)
    }

    /// An operation is told now, or in a moment.
    fn tell(&mut self, change: Change) {
        self.ready.extend(self.settling.take(change, Instant::now()));
    }

    /// Asks what a file is like; where too much is being asked, the answer is that nobody knows.
    fn ask(&mut self, path: &[u8], then: Then, writer: Option<(u64, Vec<u32>, bool)>) {
        let ticket = self.pending.put(Asked::new(path, then));
        let (ino, holders, mapped) = writer.unwrap_or_default();
        let examine = Examine { ticket, path: path.into(), ino, holders, mapped };
        if !self.worker.ask(Question::File(examine)) {
            self.counters.unread += 1;
            let unread = Known { hash: Hash::Skipped, ..Known::default() };
            self.answered(ticket, Some(unread));
        }
    }

    /// Takes the worker's answers; gives what is to be told.
    pub fn settle(&mut self, now: Instant) -> Vec<Change> {
        while let Some(answer) = self.worker.answer() {
            self.take_answer(answer);
        }
        let due = self.settling.take_due(now);
        self.ready.extend(due);
        self.give()
    }

    /// Waits for the worker, but not for long, and gives all that there is to tell. What is open still counts as closed.
    pub fn finish(&mut self) -> Vec<Change> {
        self.close_all();
        let until = Instant::now() + LAST_PATIENCE;
        while !self.pending.is_empty()
            && let Some(answer) = self.worker.wait(until)
        {
            self.take_answer(answer);
        }
        let held = self.settling.take_all();
        self.ready.extend(held);
        self.give()
    }

    fn give(&mut self) -> Vec<Change> {
        self.counters.operations += self.ready.len() as u64;
        std::mem::take(&mut self.ready)
    }

    /// Whether something is to be told soon.
    pub fn is_waiting(&self) -> bool {
        !self.settling.is_empty()
    }

    /// Every counter with its name.
    pub fn rows(&self) -> [(&'static str, u64); 8] {
        let counters::Counters { operations, unread, unplaced } = self.counters;
        [
            ("operations", operations),
            ("folded", self.settling.folded),
            ("files", self.files.len() as u64),
            ("files_over", self.files.over),
            ("writers_over", self.writers.over),
            ("unread", unread),
            ("unplaced", unplaced),
            ("unfinished", u64::from(!self.pending.is_empty())),
        ]
    }

    fn take_answer(&mut self, answer: Answer) {
        match answer {
            Answer::File(ticket, known) => self.answered(ticket, known),
            Answer::Directory(found) => self.arrived(found),
            Answer::Baseline(path, known) => self.was_there(&path, known),
            Answer::Complete => self.complete = true,
        }
    }
}

/// What the stage needs, and nothing else.
pub const NEEDED: EventTypes = EventTypes::NONE
    .with(EventType::OPEN)
    .with(EventType::OPENAT)
    .with(EventType::OPENAT2)
    .with(EventType::CREAT)
    .with(EventType::OPEN_BY_HANDLE_AT)
    .with(EventType::CLOSE)
    .with(EventType::MMAP)
    .with(EventType::TRUNCATE)
    .with(EventType::UNLINK)
    .with(EventType::UNLINKAT)
    .with(EventType::RMDIR)
    .with(EventType::RENAME)
    .with(EventType::RENAMEAT)
    .with(EventType::RENAMEAT2)
    .with(EventType::LINK)
    .with(EventType::LINKAT)
    .with(EventType::SYMLINK)
    .with(EventType::SYMLINKAT)
    .with(EventType::MKDIR)
    .with(EventType::MKDIRAT)
    .with(EventType::MKNOD)
    .with(EventType::MKNODAT)
    .with(EventType::CHMOD)
    .with(EventType::FCHMOD)
    .with(EventType::FCHMODAT)
    .with(EventType::FCHMODAT2)
    .with(EventType::CHOWN)
    .with(EventType::FCHOWN)
    .with(EventType::LCHOWN)
    .with(EventType::FCHOWNAT)
    .with(EventType::SETXATTR)
    .with(EventType::LSETXATTR)
    .with(EventType::FSETXATTR)
    .with(EventType::REMOVEXATTR)
    .with(EventType::LREMOVEXATTR)
    .with(EventType::FREMOVEXATTR)
    .with(EventType::MOUNT)
    .with(EventType::UMOUNT2)
    .with(EventType::MOVE_MOUNT)
    .with(EventType::PIVOT_ROOT)
    .with(EventType::CHROOT);
