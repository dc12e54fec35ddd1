//! What waits for the worker's answer.

use std::collections::BTreeMap;

use super::change::Change;
use crate::sys::files::FileId;

/// How often a file is looked for again that got another name meanwhile.
const RETRIES: u8 = 3;

/// What to do with an answer.
#[derive(Debug)]
pub(super) enum Then {
    /// An opening for writing is closed.
    Close(FileId, u64),
    /// An operation is told with what is there after it.
    Tell(Box<Change>),
    /// What came from elsewhere is known.
    Know,
}

/// A question that was asked.
#[derive(Debug)]
pub(super) struct Asked {
    /// The path that was asked for.
    pub(super) wanted: Box<[u8]>,
    /// The path that the file has now.
    pub(super) path: Box<[u8]>,
    pub(super) then: Then,
    retries: u8,
}

/// All questions that were asked, by ticket.
#[derive(Debug, Default)]
pub(super) struct Pending {
    asked: BTreeMap<u64, Asked>,
    next: u64,
}

impl Asked {
    pub(super) fn new(path: &[u8], then: Then) -> Self {
        Self { wanted: path.into(), path: path.into(), then, retries: 0 }
    }

    /// Whether to ask again, since the file went by another name when it was looked for.
    pub(super) fn again(&mut self) -> bool {
        let moved = self.wanted != self.path && self.retries < RETRIES;
        self.retries = self.retries.saturating_add(1);
        self.wanted.clone_from(&self.path);
        moved
    }
}

impl Pending {
    /// Keeps a question; gives its ticket.
    pub(super) fn put(&mut self, asked: Asked) -> u64 {
        self.next += 1;
        self.asked.insert(self.next, asked);
        self.next
    }

    pub(super) fn take(&mut self, ticket: u64) -> Option<Asked> {
        self.asked.remove(&ticket)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// The file or directory has another path.
    pub(super) fn rename(&mut self, rename: impl Fn(&[u8]) -> Option<Vec<u8>>) {
        for asked in self.asked.values_mut() {
            if let Some(path) = rename(&asked.path) {
                asked.path = path.into();
            }
        }
    }
}
