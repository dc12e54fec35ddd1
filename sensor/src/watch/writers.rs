//! Who has a watched file open for writing.
//!
//! One opening is one operation, however many writes there are, and it is told when the file is closed. Where only the
//! call `close` is seen, a descriptor may live on under another number or in a child; there the processes are kept that
//! may hold it.

use std::collections::HashMap;

use sensor_common::header::Header;

use super::files::Known;
use crate::{decode::Event, process::ProcessKey, sys::files::FileId};

/// Most openings that are kept.
const MOST: usize = 16_384;
/// Most processes that may hold one opening.
const MOST_HOLDERS: usize = 64;

/// An opening for writing.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and any can go with any")]
pub(super) struct Writer {
    /// The file as the kernel numbers it.
    pub(super) id: FileId,
    /// Tells it from every other opening.
    pub(super) serial: u64,
    /// Who opened it.
    pub(super) key: ProcessKey,
    /// Its path on the host.
    pub(super) path: Box<[u8]>,
    /// Its opening, or what is known of it later.
    pub(super) event: Event,
    /// That event's number.
    pub(super) number: u64,
    /// What was known before.
    pub(super) before: Option<Known>,
    /// Whether the opening made the file.
    pub(super) created: bool,
    /// Whether the opening cut a file that was not empty.
    pub(super) cut: bool,
    /// Whether it can be read through this opening, too.
    pub(super) reads: bool,
    /// Size when it was closed, as far as that was seen.
    pub(super) size: Option<u64>,
    /// When it was opened, nanoseconds since 1970.
    pub(super) opened: u64,
    /// When the newest event of it happened, nanoseconds since 1970.
    pub(super) seen: u64,
    /// Whether it was mapped for writing.
    pub(super) mapped: bool,
    /// Processes that may hold it.
    pub(super) holders: Vec<u32>,
    /// Whether it is being found out if it is closed.
    pub(super) closing: bool,
}

/// All openings for writing.
#[derive(Debug, Default)]
pub(super) struct Writers {
    by_file: HashMap<FileId, Vec<Writer>>,
    by_process: HashMap<u32, Vec<FileId>>,
    count: usize,
    /// Openings that found no room.
    pub(super) over: u64,
}

impl Writers {
    /// Adds an opening; gives it back where there is no room.
    pub(super) fn add(&mut self, writer: Writer) -> Result<(), Box<Writer>> {
        if self.count >= MOST {
            self.over += 1;
            return Err(Box::new(writer));
        }
        self.count += 1;
        for pid in &writer.holders {
            self.by_process.entry(*pid).or_default().push(writer.id);
        }
        self.by_file.entry(writer.id).or_default().push(writer);
        Ok(())
    }

    /// An opening of the file that is not closed yet: by this process if there is one, else by any.
    pub(super) fn of(&mut self, id: FileId, key: ProcessKey) -> Option<&mut Writer> {
        let open = |writer: &Writer| !writer.closing;
        let writers = self.by_file.get_mut(&id)?;
        let own = writers.iter().position(|writer| open(writer) && writer.key == key);
        let at = own.or_else(|| writers.iter().position(open))?;
        writers.get_mut(at)
    }

    /// Whether somebody has the file open for writing.
    pub(super) fn has(&self, id: FileId) -> bool {
        self.by_file.contains_key(&id)
    }

    /// Whether the file was opened for writing after this opening.
    pub(super) fn has_newer(&self, writer: &Writer) -> bool {
        let writers = self.by_file.get(&writer.id).into_iter().flatten();
        writers.into_iter().any(|other| other.serial > writer.serial)
    }

    /// An opening.
    pub(super) fn get(&mut self, id: FileId, serial: u64) -> Option<&mut Writer> {
        self.by_file.get_mut(&id)?.iter_mut().find(|writer| writer.serial == serial)
    }

    /// Takes an opening out.
    pub(super) fn take(&mut self, id: FileId, serial: u64) -> Option<Writer> {
        let writers = self.by_file.get_mut(&id)?;
        let at = writers.iter().position(|writer| writer.serial == serial)?;
        let writer = writers.remove(at);
        if writers.is_empty() {
            self.by_file.remove(&id);
        }
        self.count = self.count.saturating_sub(1);
        for pid in &writer.holders {
            self.release(*pid, id);
        }
        Some(writer)
    }

    /// The openings that a process may hold.
    pub(super) fn held_by(&mut self, pid: u32) -> Vec<&mut Writer> {
        let Some(files) = self.by_process.get(&pid) else { return Vec::new() };
        let writers = self.by_file.iter_mut().filter(|(id, _)| files.contains(id));
        writers.flat_map(|(_, writers)| writers).filter(|writer| writer.holders.contains(&pid)).collect()
    }

    /// Whether a process may hold any.
    pub(super) fn is_holder(&self, pid: u32) -> bool {
        self.by_process.contains_key(&pid)
    }

    /// A child holds what its parent holds.
    pub(super) fn inherit(&mut self, parent: u32, child: u32) {
        let mut inherited = Vec::new();
        for writer in self.held_by(parent) {
            if writer.holders.len() < MOST_HOLDERS {
                writer.holders.push(child);
                inherited.push(writer.id);
            }
        }
        if !inherited.is_empty() {
            self.by_process.insert(child, inherited);
        }
    }

    /// The file or directory has another path.
    pub(super) fn rename(&mut self, rename: impl Fn(&[u8]) -> Option<Vec<u8>>) {
        for writer in self.by_file.values_mut().flatten() {
            if let Some(path) = rename(&writer.path) {
                writer.path = path.into();
            }
        }
    }

    /// The opening that made the file with this path, if it still is open.
    pub(super) fn maker(&self, path: &[u8], header: &Header) -> Option<&Writer> {
        let key = ProcessKey::of(header);
        let made = |writer: &&Writer| writer.created && *writer.path == *path && writer.key == key;
        self.by_file.values().flatten().find(made)
    }

    /// Takes all out, the oldest first.
    pub(super) fn take_all(&mut self) -> Vec<Writer> {
        self.by_process.clear();
        self.count = 0;
        let mut all: Vec<_> = std::mem::take(&mut self.by_file).into_values().flatten().collect();
        all.sort_by_key(|writer| writer.serial);
        all
    }

    fn release(&mut self, pid: u32, id: FileId) {
        if let Some(files) = self.by_process.get_mut(&pid) {
            if let Some(at) = files.iter().position(|file| *file == id) {
                files.swap_remove(at);
            }
            if files.is_empty() {
                self.by_process.remove(&pid);
            }
        }
    }
}
