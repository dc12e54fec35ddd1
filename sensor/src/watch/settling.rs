//! Operations that are held for a moment, because what follows may make them part of a larger one.
//!
//! An editor writes a file beside the old one and puts it in its place, or takes the old one aside and writes a new one:
//! to whoever watches the file, each is one modification.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::change::{Change, Operation};
use crate::decode::Event;

/// How long.
const MOMENT: Duration = Duration::from_secs(1);

/// The operations held, oldest first.
#[derive(Debug, Default)]
pub(super) struct Settling {
    held: VecDeque<(Instant, Change)>,
    /// Operations that became part of another.
    pub(super) folded: u64,
}

impl Settling {
    /// Takes an operation, and gives it back where nothing that follows can change it.
    pub(super) fn take(&mut self, change: Change, now: Instant) -> Option<Change> {
        let change = match change.operation {
            Operation::Created => self.written_anew(change),
            Operation::Deleted => self.put_aside(change)?,
            Operation::Modified
            | Operation::Renamed
            | Operation::Mode
            | Operation::Owner
            | Operation::Attributes
            | Operation::Linked
            | Operation::Read => change,
        };
        if !is_held(&change) {
            return Some(change);
        }
        self.held.push_back((now + MOMENT, change));
        None
    }

    /// The creation of a file whose predecessor the same process has just taken away is a modification.
    fn written_anew(&mut self, mut change: Change) -> Change {
        let is_predecessor = |held: &Change| {
            let old = match held.operation {
                Operation::Renamed => held.from.as_ref(),
                Operation::Deleted => Some(&held.path),
                Operation::Created
                | Operation::Modified
                | Operation::Mode
                | Operation::Owner
                | Operation::Attributes
                | Operation::Linked
                | Operation::Read => None,
            };
            old == Some(&change.path) && is_same_process(&held.event, &change.event)
        };
        if let Some(old) = self.remove(is_predecessor) {
            change.operation = Operation::Modified;
            change.replaced = true;
            change.anew = true;
            change.before = old.before;
            change.from = if old.operation == Operation::Renamed { Some(old.path) } else { old.from };
        }
        change
    }

    /// The removal of what the same process has just taken aside is that of the file, or a part of its replacement.
    fn put_aside(&mut self, mut change: Change) -> Option<Change> {
        let by_same = |held: &Change| is_same_process(&held.event, &change.event);
        let replaces =
            |held: &Change| is_anew(held) && held.from.as_ref() == Some(&change.path) && by_same(held);
        if self.held.iter().any(|(_, held)| replaces(held)) {
            self.folded += 1;
            return None;
        }
        let is_aside = |held: &Change| {
            held.operation == Operation::Renamed
                && held.path == change.path
                && held.from.is_some()
                && by_same(held)
        };
        if let Some(aside) = self.remove(is_aside) {
            let path = std::mem::replace(&mut change.path, aside.from.unwrap_or_default());
            change.from = Some(path);
        }
        Some(change)
    }

    /// The creation of a file by the process that now puts it in another one's place, if it has just been told.
    pub(super) fn made(&mut self, path: &[u8], event: &Event) -> bool {
        let made = |held: &Change| {
            held.operation == Operation::Created && *held.path == *path && is_same_process(&held.event, event)
        };
        self.remove(made).is_some()
    }

    /// Whether the process has just made the file: what it sets on it then belongs to that.
    pub(super) fn is_made(&self, path: &[u8], event: &Event) -> bool {
        self.held.iter().any(|(_, held)| {
            held.operation == Operation::Created && *held.path == *path && is_same_process(&held.event, event)
        })
    }

    /// Those that were held long enough.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<Change> {
        let due = self.held.iter().take_while(|(at, _)| *at <= now).count();
        self.held.drain(..due).map(|(_, change)| change).collect()
    }

    /// All.
    pub(super) fn take_all(&mut self) -> Vec<Change> {
        self.held.drain(..).map(|(_, change)| change).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    fn remove(&mut self, which: impl Fn(&Change) -> bool) -> Option<Change> {
        let at = self.held.iter().position(|(_, held)| which(held))?;
        self.folded += 1;
        self.held.remove(at).map(|(_, change)| change)
    }
}

fn is_held(change: &Change) -> bool {
    matches!(change.operation, Operation::Created | Operation::Renamed | Operation::Deleted)
        || is_anew(change)
}

/// Whether a file was written anew after the old one had been taken away.
fn is_anew(change: &Change) -> bool {
    change.operation == Operation::Modified && change.replaced && change.anew
}

fn is_same_process(one: &Event, other: &Event) -> bool {
    (one.header.pid, one.header.start) == (other.header.pid, other.header.start)
}

#[cfg(test)]
mod tests {
    use sensor_common::{event::process::ProcessExit, header::Header};

    use super::*;
    use crate::decode::Body;

    fn event(pid: u32) -> Event {
        let header = Header { pid, ..Header::default() };
        Event { header, body: Body::Exit(ProcessExit::default()) }
    }

    fn change(operation: Operation, path: &str, pid: u32) -> Change {
        Change::new(operation, path.as_bytes(), event(pid), 1)
    }

    fn renamed(from: &str, to: &str, pid: u32) -> Change {
        let mut change = change(Operation::Renamed, to, pid);
        change.from = Some(from.as_bytes().into());
        change.before.size = Some(7);
        change
    }

    /// What is told of these in the end: operation, path, and the other path.
    fn told(changes: impl IntoIterator<Item = Change>) -> Vec<(Operation, String, Option<String>)> {
        let mut settling = Settling::default();
        let now = Instant::now();
        let at_once: Vec<_> = changes.into_iter().filter_map(|change| settling.take(change, now)).collect();
        let text = |path: &[u8]| String::from_utf8(path.to_vec()).unwrap();
        let all = at_once.into_iter().chain(settling.take_all());
        all.map(|change| (change.operation, text(&change.path), change.from.as_deref().map(text))).collect()
    }

    #[test]
    fn a_file_that_is_taken_aside_and_written_anew_is_modified() {
        let aside = || [renamed("/f", "/f~", 1), change(Operation::Created, "/f", 1)];
        let modified = vec![(Operation::Modified, "/f".to_owned(), Some("/f~".to_owned()))];
        assert_eq!(told(aside()), modified);
        assert_eq!(told(aside().into_iter().chain([change(Operation::Deleted, "/f~", 1)])), modified);
        let [old, new] = aside();
        assert_eq!(told([old, change(Operation::Deleted, "/f~", 1), new]), modified);
    }

    #[test]
    fn a_file_that_is_removed_and_written_anew_is_modified_and_what_was_before_is_told() {
        let mut deleted = change(Operation::Deleted, "/f", 1);
        deleted.before.size = Some(7);
        let mut settling = Settling::default();
        assert_eq!(settling.take(deleted, Instant::now()), None);
        assert_eq!(settling.take(change(Operation::Created, "/f", 1), Instant::now()), None);
        let [modified] = <[Change; 1]>::try_from(settling.take_all()).unwrap();
        assert_eq!((modified.operation, modified.replaced), (Operation::Modified, true));
        assert_eq!((modified.before.size, settling.folded), (Some(7), 1));
    }

    #[test]
    fn what_another_process_does_is_another_operation() {
        let all = told([
            renamed("/f", "/f~", 1),
            change(Operation::Created, "/f", 2),
            change(Operation::Deleted, "/f~", 3),
        ]);
        let operations: Vec<_> = all.into_iter().map(|(operation, ..)| operation).collect();
        assert_eq!(operations, [Operation::Renamed, Operation::Created, Operation::Deleted]);
    }

    #[test]
    fn a_file_that_is_taken_aside_and_removed_is_deleted() {
        let all = told([renamed("/f", "/f~", 1), change(Operation::Deleted, "/f~", 1)]);
        assert_eq!(all, [(Operation::Deleted, "/f".to_owned(), Some("/f~".to_owned()))]);
    }

    #[test]
    fn only_what_may_become_part_of_another_operation_is_held() {
        let mut settling = Settling::default();
        let now = Instant::now();
        let modified = change(Operation::Modified, "/f", 1);
        assert_eq!(settling.take(modified.clone(), now), Some(modified));
        assert_eq!(settling.take(change(Operation::Created, "/g", 1), now), None);
        assert!(settling.is_made(b"/g", &event(1)) && !settling.is_made(b"/g", &event(2)));
        assert_eq!(settling.take_due(now).len(), 0);
        assert_eq!(settling.take_due(now + MOMENT).len(), 1);
        assert!(settling.is_empty());
    }

    #[test]
    fn the_making_of_a_file_that_takes_the_place_of_another_is_told_with_that() {
        let mut settling = Settling::default();
        assert_eq!(settling.take(change(Operation::Created, "/tmp", 1), Instant::now()), None);
        assert!(!settling.made(b"/tmp", &event(2)) && settling.made(b"/tmp", &event(1)));
        assert!(settling.is_empty());
    }
}
