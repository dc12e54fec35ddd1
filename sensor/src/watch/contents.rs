//! What is in a watched file: who opens it, what was written when it is closed.

use sensor_common::{event::file::FileClose, header::Header};

use super::{
    Closes, Seen, Watch,
    change::{Change, Operation, State},
    files::Known,
    pending::Then,
    writers::Writer,
};
use crate::{
    decode::{FileCall, Open},
    process::ProcessKey,
    sys::{
        files::FileId,
        inspect::{Facts, Hash},
    },
};

/// `FMODE_READ` and `FMODE_WRITE`.
const FMODE_READ: u32 = 1;
const FMODE_WRITE: u32 = 2;
/// `O_TRUNC`.
const TRUNCATE: u32 = 0o1000;
/// `S_IFMT` and `S_IFREG`.
const TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;
/// How much older a file's time of modification may be than the write that set it, nanoseconds: the kernel takes it
/// from a clock that moves with the timer.
const COARSE: u64 = 10_000_000;

impl Watch {
    pub(super) fn opened(&mut self, seen: Seen<'_>, open: &Open) {
        let facts = &open.facts;
        if open.is_failed() || facts.nlink == 0 || facts.inode_mode & TYPE != REGULAR {
            return;
        }
        let header = &seen.event.header;
        let id = FileId { dev: facts.dev, ino: facts.ino };
        let path = open.path.as_bytes();
        let found = if open.is_created() {
            self.name_at(header, path, None)
        } else {
            self.find(header, path, Some((id, facts.nlink)))
        };
        let Some(path) = found else { return };
        if open.is_created() || facts.fmode & FMODE_WRITE != 0 {
            self.written(seen, open, (&path, id));
        } else if facts.fmode & FMODE_READ != 0 && self.scope.covers_reads(&path) {
            self.tell_read(&path, seen);
        }
    }

    fn tell_read(&mut self, path: &[u8], seen: Seen<'_>) {
        let change = Change::new(Operation::Read, path, seen.event.clone(), seen.number);
        let before = self.files.get(path).map(State::content).unwrap_or_default();
        self.tell(Change { before, ..change });
    }

    /// Keeps an opening for writing until it is closed.
    fn written(&mut self, seen: Seen<'_>, open: &Open, (path, id): (&[u8], FileId)) {
        let facts = &open.facts;
        let before = self.files.get(path).copied().filter(|_| !open.is_created());
        if before.is_none() {
            let facts =
                Facts { dev: id.dev, ino: id.ino, mode: facts.inode_mode, nlink: 1, ..Facts::default() };
            self.files.put(path, Known { facts, hash: Hash::Unknown });
        }
        let cut = facts.flags & TRUNCATE != 0 && before.is_none_or(|before| before.facts.size > 0);
        let writer = Writer {
            id,
            key: ProcessKey::of(&seen.event.header),
            serial: self.next_serial(),
            path: path.into(),
            event: seen.event.clone(),
            number: seen.number,
            before,
            created: open.is_created(),
            cut: cut && !open.is_created(),
            reads: facts.fmode & FMODE_READ != 0 && self.scope.covers_reads(path),
            size: None,
            opened: self.wall(&seen.event.header),
            seen: self.wall(&seen.event.header),
            mapped: false,
            holders: self.holders(&seen.event.header),
            closing: false,
        };
        // What can only be read is not told of when it is closed, and what has ended holds nothing.
        let ended = seen.ended.filter(|_| self.surroundings.closes == Closes::Calls);
        self.keep(until(writer, ended), facts.fmode & FMODE_WRITE == 0 || ended.is_some());
    }

    fn keep(&mut self, writer: Writer, is_over: bool) {
        let (id, serial) = (writer.id, writer.serial);
        match self.writers.add(writer) {
            Ok(()) if is_over => self.close(id, serial),
            Ok(()) => {}
            Err(writer) => self.tell_closed(*writer, Some(SKIPPED)),
        }
    }

    /// Processes that may hold what this one opened, where it is not seen when the last one lets go.
    fn holders(&self, header: &Header) -> Vec<u32> {
        match self.surroundings.closes {
            Closes::Calls => vec![header.pid],
            Closes::Last => Vec::new(),
        }
    }

    fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Nanoseconds since 1970.
    pub(super) fn wall(&self, header: &Header) -> u64 {
        header.time.saturating_add(self.surroundings.boot_offset)
    }

    pub(super) fn closed(&mut self, seen: Seen<'_>, call: &FileCall, facts: &FileClose) {
        let Some(object) = call.file().filter(|_| facts.fmode & FMODE_WRITE != 0) else { return };
        let id = FileId::of(&object.facts);
        let key = ProcessKey::of(&seen.event.header);
        if self.writers.of(id, key).is_none() && !self.adopt(seen, call, id) {
            return;
        }
        let wall = self.wall(&seen.event.header);
        let closes = self.surroundings.closes;
        let Some(writer) = self.writers.of(id, key) else { return };
        writer.seen = wall;
        if closes == Closes::Last {
            writer.size = Some(object.facts.size);
        }
        if writer.key == key {
            (writer.event, writer.number) = (seen.event.clone(), seen.number);
        }
        let serial = writer.serial;
        self.close(id, serial);
    }

    /// An opening from before the start, or one that was not seen: it is known now that it closes.
    fn adopt(&mut self, seen: Seen<'_>, call: &FileCall, id: FileId) -> bool {
        let header = &seen.event.header;
        if self.writers.has(id) {
            // Another descriptor of an opening that is being looked at.
            return false;
        }
        let links = call.file.facts.nlink;
        let path = call.file.path.as_bytes();
        let Some(path) = (links > 0).then(|| self.find(header, path, Some((id, links)))).flatten() else {
            return false;
        };
        let writer = Writer {
            id,
            key: ProcessKey::of(header),
            serial: self.next_serial(),
            before: self.files.get(&path).copied(),
            path: path.into(),
            event: seen.event.clone(),
            number: seen.number,
            created: false,
            cut: false,
            reads: false,
            size: None,
            opened: self.wall(header),
            seen: self.wall(header),
            mapped: false,
            holders: self.holders(header),
            closing: false,
        };
        self.writers.add(writer).is_ok()
    }

    pub(super) fn mapped(&mut self, seen: Seen<'_>, call: &FileCall) {
        let id = FileId::of(&call.file.facts);
        if let Some(writer) = self.writers.of(id, ProcessKey::of(&seen.event.header)) {
            writer.mapped = true;
        }
    }

    /// Where only calls of `close` are seen, the end of a process closes what it held.
    pub(super) fn ended(&mut self, seen: Seen<'_>) {
        let header = &seen.event.header;
        let (pid, wall, key) = (header.pid, self.wall(header), ProcessKey::of(header));
        if !self.writers.is_holder(pid) {
            return;
        }
        let mut left = Vec::new();
        for writer in self.writers.held_by(pid) {
            if writer.key == key {
                // What the process ran in the end is who did it.
                (writer.event.header.time, writer.seen) = (header.time, wall);
            }
            if !writer.closing {
                left.push((writer.id, writer.serial));
            }
        }
        for (id, serial) in left {
            self.close(id, serial);
        }
    }

    /// Looks at a file once nobody can write it any more through this opening.
    fn close(&mut self, id: FileId, serial: u64) {
        let Some(writer) = self.writers.get(id, serial) else { return };
        writer.closing = true;
        let (path, held) = (writer.path.clone(), (id.ino, writer.holders.clone(), writer.mapped));
        self.ask(&path, Then::Close(id, serial), Some(held));
    }

    /// What is open still counts as closed.
    pub(super) fn close_all(&mut self) {
        for writer in self.writers.take_all() {
            let known = crate::sys::inspect::examine(&writer.path, super::LARGEST);
            let known = known.map(|(facts, hash)| Known { facts, hash });
            self.tell_closed(writer, known);
        }
    }

    /// Tells what became of an opening for writing, if anything did.
    fn tell_closed(&mut self, writer: Writer, known: Option<Known>) {
        let known = known.filter(|known| known.hash == Hash::Skipped || known.facts.ino == writer.id.ino);
        let after = after(&writer, known);
        let operation = match () {
            () if writer.created => Operation::Created,
            () if is_changed(&writer, known) => Operation::Modified,
            () if writer.reads => Operation::Read,
            () => return,
        };
        if let Some(known) = known.filter(|known| known.hash != Hash::Skipped) {
            let hash = after.hash.unwrap_or_default();
            self.files.put(&writer.path, Known { hash, ..known });
        }
        let mut change = Change::new(operation, &writer.path, writer.event, writer.number);
        change.before = writer.before.as_ref().map(State::content).unwrap_or_default();
        if operation != Operation::Read {
            change.after = after;
        }
        self.tell(change);
    }

    /// A file that was cut or extended by its name: no opening, and no close.
    pub(super) fn truncated(&mut self, seen: Seen<'_>, call: &FileCall, length: i64) {
        if call.descriptor().is_some() {
            return;
        }
        let file = call.file().map(|file| (FileId::of(&file.facts), file.facts.nlink));
        let Some(path) = self.find(&seen.event.header, call.name.path.as_bytes(), file) else { return };
        let before = self.files.get(&path).copied();
        let length = u64::try_from(length).unwrap_or(0);
        if before.is_some_and(|before| before.facts.size == length) {
            return;
        }
        let mut change = Change::new(Operation::Modified, &path, seen.event.clone(), seen.number);
        change.before = before.as_ref().map(State::content).unwrap_or_default();
        change.after.size = Some(length);
        self.ask(&path, Then::Tell(Box::new(change)), None);
    }

    /// Takes what the worker says of a file.
    pub(super) fn answered(&mut self, ticket: u64, known: Option<Known>) {
        let Some(mut asked) = self.pending.take(ticket) else { return };
        if known.is_none() && asked.again() {
            let path = asked.path.clone();
            self.ask(&path, asked.then, None);
            return;
        }
        match asked.then {
            Then::Close(id, serial) => self.let_go(id, serial, known),
            Then::Tell(change) => self.tell_with(*change, known),
            Then::Know => self.know(&asked.path, known),
        }
    }

    fn let_go(&mut self, id: FileId, serial: u64, known: Option<Known>) {
        let Some(writer) = self.writers.take(id, serial) else { return };
        // What is there now may be the work of another opening that began before this one was looked at.
        let is_newer = self.writers.has_newer(&writer);
        let unsettled = |known: Known| Known { hash: Hash::Changing, ..known };
        let known = if is_newer { known.map(unsettled) } else { known };
        self.tell_closed(writer, known);
    }

    /// Completes an operation with what is there after it.
    fn tell_with(&mut self, mut change: Change, known: Option<Known>) {
        let state = known.as_ref().map(State::content).unwrap_or_default();
        change.after.size = change.after.size.or(state.size);
        change.after.hash = state.hash.or_else(|| known.is_none().then_some(Hash::Gone));
        self.know(&change.path, known);
        self.tell(change);
    }

    fn know(&mut self, path: &[u8], known: Option<Known>) {
        if let Some(known) = known.filter(|known| known.hash != Hash::Skipped) {
            self.files.put(path, known);
        }
    }

    /// What was in a file that was there all along, if it still is what it was when it was found.
    pub(super) fn was_there(&mut self, path: &[u8], known: Known) {
        if self.files.get(path).is_some_and(|now| now.facts == known.facts && now.hash == Hash::Unknown) {
            self.files.put(path, known);
        }
    }
}

/// The opening as it was when its process ended.
fn until(mut writer: Writer, ended: Option<u64>) -> Writer {
    if let Some(time) = ended.filter(|time| *time > writer.event.header.time) {
        writer.seen = writer.seen.saturating_add(time - writer.event.header.time);
        writer.event.header.time = time;
    }
    writer
}

/// Stands for a file that nobody had the time to look at.
const SKIPPED: Known = Known {
    facts: Facts { dev: 0, ino: 0, size: 0, modified: 0, mode: 0, uid: 0, gid: 0, nlink: 0 },
    hash: Hash::Skipped,
};

/// What is told of the content after an opening for writing.
fn after(writer: &Writer, known: Option<Known>) -> State {
    let Some(known) = known else {
        return State { size: writer.size, hash: Some(Hash::Gone), ..State::default() };
    };
    if known.hash == Hash::Skipped {
        return State { size: writer.size, hash: Some(known.hash), ..State::default() };
    }
    let is_another = writer.size.is_some_and(|size| size != known.facts.size);
    State {
        size: writer.size.or(Some(known.facts.size)),
        hash: Some(if is_another { Hash::Changing } else { known.hash }),
        ..State::default()
    }
}

/// Whether anything was changed through an opening for writing. Where that cannot be told, it is told of.
fn is_changed(writer: &Writer, known: Option<Known>) -> bool {
    let Some(before) = writer.before else { return true };
    let resized = |size: u64| size != before.facts.size;
    if writer.cut || writer.size.is_some_and(resized) {
        return true;
    }
    let Some(known) = known.filter(|known| known.hash != Hash::Skipped) else { return true };
    if resized(known.facts.size) || before.hash.differs(known.hash) {
        return true;
    }
    known.facts.modified != before.facts.modified && is_written_since(writer, &known)
}

/// Whether the file was changed after it was opened, by its own time.
fn is_written_since(writer: &Writer, known: &Known) -> bool {
    known.facts.modified >= i128::from(writer.opened.saturating_sub(COARSE))
}
