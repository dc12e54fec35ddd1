//! The names of watched files, and what their inodes say.

use super::{
    Seen, Watch,
    change::{Change, Operation, State},
    files::Known,
    pending::Then,
    places::Where,
    worker::Question,
};
use crate::{
    decode::{FileCall, Name},
    sys::{
        files::FileId,
        inspect::{Facts, Hash},
        mounts::{below, join},
    },
};
use sensor_common::header::Header;

/// `RENAME_EXCHANGE`.
const EXCHANGE: u32 = 2;
/// Stands for an owner or group that stays.
const SAME: u32 = u32::MAX;

impl Watch {
    /// The path on the host of a call's name, if it is watched. Which file a name led to is not asked: one that is
    /// made or removed elsewhere is no operation on what is watched.
    fn named(&mut self, header: &Header, name: &Name) -> Option<Vec<u8>> {
        self.name_at(header, name.path.as_bytes(), None)
    }

    /// The path on the host of a name that a process made or took away, if it is watched. Where that cannot be told,
    /// it is that of the file whose only name it was.
    pub(super) fn name_at(&mut self, header: &Header, path: &[u8], only: Option<FileId>) -> Option<Vec<u8>> {
        match self.places.find_name(header.mnt_ns, header.pid, path, &self.scope) {
            Where::Watched(host) => Some(host),
            Where::Elsewhere => None,
            Where::Unknown => {
                self.counters.unplaced += 1;
                only.and_then(|id| self.by_inode(id))
            }
        }
    }

    /// The same of a call that works on the file and not on its name.
    fn affected(&mut self, header: &Header, call: &FileCall) -> Option<Vec<u8>> {
        let file = call.file().map(|file| (FileId::of(&file.facts), file.facts.nlink));
        let path = if call.name.path.is_empty() { &call.file.path } else { &call.name.path };
        self.find(header, path.as_bytes(), file)
    }

    pub(super) fn removed(&mut self, seen: Seen<'_>, call: &FileCall) {
        let only = call.file().filter(|file| file.facts.nlink == 1).map(|file| FileId::of(&file.facts));
        let name = call.name.path.as_bytes();
        let Some(path) = self.name_at(&seen.event.header, name, only) else { return };
        let known = self.files.remove_all(&path);
        let mut change = Change::new(Operation::Deleted, &path, seen.event.clone(), seen.number);
        change.before = known.as_ref().map(State::content).unwrap_or_default();
        self.tell(change);
    }

    pub(super) fn made(&mut self, seen: Seen<'_>, call: &FileCall) {
        let Some(path) = self.named(&seen.event.header, &call.name) else { return };
        let change = Change::new(Operation::Created, &path, seen.event.clone(), seen.number);
        self.ask(&path, Then::Tell(Box::new(change)), None);
    }

    pub(super) fn linked(&mut self, seen: Seen<'_>, call: &FileCall) {
        let header = &seen.event.header;
        let file = call.file().map(|file| (FileId::of(&file.facts), file.facts.nlink.saturating_add(1)));
        let old = self.find(header, call.name.path.as_bytes(), file);
        let new = self.named(header, &call.second);
        if old.is_none() && new.is_none() {
            return;
        }
        let path = new.clone().unwrap_or_else(|| call.second.path.as_bytes().to_vec());
        let mut change = Change::new(Operation::Linked, &path, seen.event.clone(), seen.number);
        change.from = Some(old.unwrap_or_else(|| call.name.path.as_bytes().to_vec()).into());
        if new.is_some() {
            self.ask(&path, Then::Know, None);
        }
        self.tell(change);
    }

    pub(super) fn renamed(&mut self, seen: Seen<'_>, call: &FileCall, flags: u32) {
        let header = &seen.event.header;
        let from = self.named(header, &call.name);
        let to = self.named(header, &call.second);
        match (from, to) {
            (Some(from), Some(to)) if flags & EXCHANGE != 0 => self.exchanged(seen, &from, &to),
            (Some(from), Some(to)) => self.renamed_within(seen, &from, &to),
            (Some(from), None) => self.renamed_out(seen, &from, call.second.path.as_bytes()),
            (None, Some(to)) => self.renamed_in(seen, call, &to),
            (None, None) => self.renamed_above(seen, call),
        }
    }

    fn renamed_within(&mut self, seen: Seen<'_>, from: &[u8], to: &[u8]) {
        let replaced = self.files.remove_all(to);
        let moved = self.files.get(from).copied();
        self.files.rename(from, to);
        // The one who made the file to put it there has changed what is there, and nothing else.
        let was_made = self.forget_maker(from, seen) || self.settling.made(from, seen.event);
        self.follow(from, to);
        match replaced {
            Some(old) => self.replaced(seen, (from, to), &old),
            None if was_made => self.made_by_rename(seen, from, to),
            None => {
                let mut change = Change::new(Operation::Renamed, to, seen.event.clone(), seen.number);
                change.from = Some(from.into());
                change.before = moved.as_ref().map(State::content).unwrap_or_default();
                self.tell(change);
            }
        }
    }

    /// A file that was made under another name and got its own at once.
    fn made_by_rename(&mut self, seen: Seen<'_>, from: &[u8], to: &[u8]) {
        let mut change = Change::new(Operation::Created, to, seen.event.clone(), seen.number);
        change.from = Some(from.into());
        self.ask(to, Then::Tell(Box::new(change)), None);
    }

    /// Another file has taken the place of a watched one.
    fn replaced(&mut self, seen: Seen<'_>, (from, to): (&[u8], &[u8]), old: &Known) {
        let mut change = Change::new(Operation::Modified, to, seen.event.clone(), seen.number);
        change.from = Some(from.into());
        change.replaced = true;
        change.before = State::content(old);
        self.ask(to, Then::Tell(Box::new(change)), None);
    }

    /// The opening by which this process made the file is a part of what it does now.
    fn forget_maker(&mut self, path: &[u8], seen: Seen<'_>) -> bool {
        let maker = self.writers.maker(path, &seen.event.header).map(|writer| (writer.id, writer.serial));
        maker.is_some_and(|(id, serial)| {
            self.settling.folded += 1;
            self.writers.take(id, serial).is_some()
        })
    }

    fn exchanged(&mut self, seen: Seen<'_>, from: &[u8], to: &[u8]) {
        let (one, other) = (self.files.get(from).copied(), self.files.get(to).copied());
        if let Some((one, other)) = one.zip(other) {
            self.files.put(to, one);
            self.files.put(from, other);
        }
        let mut change = Change::new(Operation::Renamed, to, seen.event.clone(), seen.number);
        change.from = Some(from.into());
        self.tell(change);
    }

    fn renamed_out(&mut self, seen: Seen<'_>, from: &[u8], to: &[u8]) {
        let known = self.files.remove_all(from);
        self.follow(from, to);
        let mut change = Change::new(Operation::Renamed, to, seen.event.clone(), seen.number);
        change.from = Some(from.into());
        change.before = known.as_ref().map(State::content).unwrap_or_default();
        self.tell(change);
    }

    fn renamed_in(&mut self, seen: Seen<'_>, call: &FileCall, to: &[u8]) {
        let from = call.name.path.as_bytes();
        if let Some(old) = self.files.remove_all(to) {
            self.replaced(seen, (from, to), &old);
        } else {
            let mut change = Change::new(Operation::Renamed, to, seen.event.clone(), seen.number);
            change.from = Some(from.into());
            self.ask(to, Then::Tell(Box::new(change)), None);
        }
        if !self.worker.ask(Question::Directory(to.into())) {
            self.counters.unread += 1;
        }
    }

    /// A directory in which something watched lies may have got another name.
    fn renamed_above(&mut self, seen: Seen<'_>, call: &FileCall) {
        let from = call.name.path.as_bytes();
        let roots = self.scope.0.iter().map(|target| target.root().to_vec());
        let gone: Vec<_> =
            roots.filter(|root| below(root, from).is_some_and(|rest| !rest.is_empty())).collect();
        if !self.is_own(&seen.event.header) {
            return;
        }
        for root in gone {
            let to = below(&root, from).map(|rest| join(call.second.path.as_bytes(), rest));
            self.renamed_out(seen, &root, &to.unwrap_or_default());
        }
    }

    /// What waits for an answer goes by the new name.
    fn follow(&mut self, from: &[u8], to: &[u8]) {
        let rename = |path: &[u8]| below(path, from).map(|rest| join(to, rest));
        self.writers.rename(rename);
        self.pending.rename(rename);
    }

    /// Whether the process sees the files as the sensor does.
    fn is_own(&self, header: &Header) -> bool {
        header.mnt_ns == self.surroundings.namespace
    }

    pub(super) fn mode_changed(&mut self, seen: Seen<'_>, call: &FileCall, mode: u32) {
        let Some(path) = self.affected(&seen.event.header, call) else { return };
        let known = self.files.get(&path).copied();
        let before = known.map(|known| known.facts.mode & 0o7777);
        self.update(&path, known, |facts| facts.mode = facts.mode & !0o7777 | mode & 0o7777);
        if before == Some(mode & 0o7777) || self.belongs_to_its_making(&path, seen) {
            return;
        }
        let mut change = Change::new(Operation::Mode, &path, seen.event.clone(), seen.number);
        change.before = before.map(State::mode).unwrap_or_default();
        change.after = State::mode(mode);
        self.tell(change);
    }

    pub(super) fn owner_changed(&mut self, seen: Seen<'_>, call: &FileCall, (uid, gid): (u32, u32)) {
        let Some(path) = self.affected(&seen.event.header, call) else { return };
        let known = self.files.get(&path).copied();
        let before = known.map(|known| (known.facts.uid, known.facts.gid));
        let keep = |new: u32, old: Option<u32>| if new == SAME { old } else { Some(new) };
        let after = (keep(uid, before.map(|ids| ids.0)), keep(gid, before.map(|ids| ids.1)));
        self.update(&path, known, |facts| {
            facts.uid = after.0.unwrap_or(facts.uid);
            facts.gid = after.1.unwrap_or(facts.gid);
        });
        let is_same = before.is_some_and(|(uid, gid)| after == (Some(uid), Some(gid)));
        if is_same || self.belongs_to_its_making(&path, seen) {
            return;
        }
        let mut change = Change::new(Operation::Owner, &path, seen.event.clone(), seen.number);
        change.before = before.map(|(uid, gid)| State::owner(uid, gid)).unwrap_or_default();
        change.after = State { uid: after.0, gid: after.1, ..State::default() };
        self.tell(change);
    }

    pub(super) fn attribute_changed(&mut self, seen: Seen<'_>, call: &FileCall) {
        let Some(path) = self.affected(&seen.event.header, call) else { return };
        if self.belongs_to_its_making(&path, seen) {
            return;
        }
        let mut change = Change::new(Operation::Attributes, &path, seen.event.clone(), seen.number);
        change.attribute = Some(call.text.clone());
        self.tell(change);
    }

    /// Whether the process is about to make the file: what it sets on it belongs to that.
    fn belongs_to_its_making(&mut self, path: &[u8], seen: Seen<'_>) -> bool {
        let is_made =
            self.writers.maker(path, &seen.event.header).is_some() || self.settling.is_made(path, seen.event);
        self.settling.folded += u64::from(is_made);
        is_made
    }

    fn update(&mut self, path: &[u8], known: Option<Known>, change: impl FnOnce(&mut Facts)) {
        if let Some(mut known) = known {
            change(&mut known.facts);
            self.files.put(path, known);
        }
    }

    /// What came in a directory from elsewhere is watched from now on.
    pub(super) fn arrived(&mut self, found: Vec<(Box<[u8]>, Facts)>) {
        for (path, facts) in found {
            if self.scope.covers(&path) && self.files.get(&path).is_none() {
                self.files.put(&path, Known { facts, hash: Hash::Unknown });
            }
        }
    }
}
