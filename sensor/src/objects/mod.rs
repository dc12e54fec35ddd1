//! Puts the two records of a call on names together: what the kernel found, and how the call ended.
//!
//! The first comes in the `lsm` tier alone and waits here for the second, by thread. What has no end of its own, as what
//! is done for an `io_uring`, is an event at once, without a result.

use std::num::NonZeroUsize;

use lru::LruCache;
use sensor_common::header::{Header, flags};

use crate::decode::{Body, Event, FileCall, What, is_io_uring};

/// Most calls that wait for their end.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(8191);

/// Calls that have yet to end, by thread.
#[derive(Debug)]
pub struct Objects {
    waiting: LruCache<u32, Event>,
    counters: Counters,
}

/// What is counted of calls on names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Records of objects that waited for the end of their call.
    pub found: u64,
    /// Ends of calls that were completed with the kernel's objects.
    pub joined: u64,
    /// Ends of calls whose objects are not there any more; they keep the names as passed.
    pub missed: u64,
}

impl Counters {
    /// Every counter with its name.
    pub fn rows(self) -> impl Iterator<Item = (&'static str, u64)> {
        let Self { found, joined, missed } = self;
        [("found", found), ("joined", joined), ("missed", missed)].into_iter()
    }
}

impl Default for Objects {
    fn default() -> Self {
        Self { waiting: LruCache::new(CAPACITY), counters: Counters::default() }
    }
}

impl Objects {
    /// What was counted so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Keeps the objects of a call that has yet to end; gives every other event on, completed where it can be.
    pub fn take(&mut self, mut event: Event) -> Option<Event> {
        if waits(&event.header) {
            self.counters.found = self.counters.found.saturating_add(1);
            self.waiting.put(event.header.tid, event);
            return None;
        }
        self.complete(&mut event);
        Some(event)
    }

    fn complete(&mut self, event: &mut Event) {
        let (kind, thread) = (event.kind(), event.header.tid);
        let Some(call) = file_call(event).filter(|call| call.token != 0) else { return };
        let token = call.token;
        let found = self.waiting.pop(&thread);
        let mut found = found.filter(|found| found.header.time == token && found.kind() == kind);
        match found.as_mut().and_then(file_call) {
            Some(objects) => {
                call.complete(std::mem::take(&mut objects.file), std::mem::take(&mut objects.second_file));
                event.header.flags &= !flags::UNVERIFIED;
                self.counters.joined = self.counters.joined.saturating_add(1);
            }
            None => self.counters.missed = self.counters.missed.saturating_add(1),
        }
    }
}

/// Whether the end of the call will be reported, too.
fn waits(header: &Header) -> bool {
    let has_end = header.flags & flags::COMPAT == 0 && !is_io_uring(header);
    header.flags & flags::OBJECTS != 0 && has_end
}

fn file_call(event: &mut Event) -> Option<&mut FileCall> {
    let Body::Call(call) = &mut event.body else { return None };
    let What::File(call) = &mut call.what else { return None };
    Some(call)
}

#[cfg(test)]
mod tests {
    use sensor_common::event::file::{Ending, FileRemove, Object};

    use super::*;
    use crate::decode::{decode, record::Tail};

    /// The record of an unlink's end, or of what the kernel found for it.
    fn unlink(header: Header, token: u64) -> Event {
        let mut tail = Tail::default();
        let file = Object { ino: 7, path: tail.path(b"/real/name"), ..Object::default() };
        let file = if header.flags & flags::OBJECTS == 0 { Object::default() } else { file };
        let payload = FileRemove { ending: Ending { result: 0, token }, file, ..FileRemove::default() };
        decode(&tail.record(header, &payload)).unwrap()
    }

    fn header(time: u64, flags: u16) -> Header {
        Header { tid: 5, pid: 5, time, flags, ..Header::default() }
    }

    fn inode(mut event: Event) -> u64 {
        file_call(&mut event).unwrap().file.facts.ino
    }

    #[test]
    fn the_end_of_a_call_gets_the_objects_found_for_it() {
        let mut objects = Objects::default();
        assert_eq!(objects.take(unlink(header(10, flags::OBJECTS), 0)), None);
        let event = objects.take(unlink(header(11, flags::UNVERIFIED), 10)).unwrap();
        assert_eq!((event.header.flags, event.header.time), (0, 11));
        assert_eq!(inode(event), 7);
        assert_eq!(objects.counters(), Counters { found: 1, joined: 1, missed: 0 });
    }

    #[test]
    fn objects_of_another_call_are_not_taken() {
        let mut objects = Objects::default();
        objects.take(unlink(header(10, flags::OBJECTS), 0));
        let event = objects.take(unlink(header(11, flags::UNVERIFIED), 9)).unwrap();
        assert_eq!(event.header.flags, flags::UNVERIFIED);
        assert_eq!(inode(event), 0);
        let event = objects.take(unlink(header(12, flags::UNVERIFIED), 0)).unwrap();
        assert_eq!(inode(event), 0, "a call that fails before the kernel finds anything has none");
        assert_eq!(objects.counters(), Counters { found: 1, joined: 0, missed: 1 });
    }

    #[test]
    fn what_has_no_end_is_an_event_without_a_result() {
        let mut objects = Objects::default();
        for flag in [flags::COMPAT, flags::IO_WORKER] {
            let event = objects.take(unlink(header(10, flags::OBJECTS | flag), 0)).unwrap();
            let Body::Call(call) = &event.body else { panic!("{event:?}") };
            assert_eq!((call.result(), call.error()), (None, 0));
            assert_eq!(inode(event), 7);
        }
    }
}
