//! The containers that cgroups claim to be: one record for each cgroup that looks like a container's own.
//!
//! A record belongs to one cgroup, not to one id: another cgroup that carries the same id, or the same path
//! made anew, is another record with its own verdict.

use std::num::NonZeroUsize;

use lru::LruCache;

use super::claim::Claim;
use super::metadata::Shared;
use super::request::{Answer, Request};
use super::state::{Reason, State};

/// One container, or what claims to be.
#[derive(Clone, Debug)]
pub struct Record {
    /// The claim.
    pub claim: Claim,
    /// Its own cgroup.
    pub cgroup: Box<[u8]>,
    /// When that was first seen (`CLOCK_BOOTTIME`, nanoseconds).
    pub seen: u64,
    /// How far the claim has been checked.
    pub state: State,
    /// What the runtime says; only of verified containers.
    pub metadata: Option<Shared>,
    /// Whether the resolver has the request.
    pub asked: bool,
}

impl Record {
    /// The question to ask about it.
    pub fn request(&self, record: u64) -> Request {
        Request { record, claim: self.claim.clone(), cgroup: self.cgroup.clone(), seen: self.seen }
    }

    /// Takes what the runtime said. A claim that stopped being verified loses its metadata.
    fn settle(&mut self, verdict: Result<Shared, Reason>) {
        match verdict {
            Ok(metadata) => {
                self.state = State::Verified;
                self.metadata = Some(metadata);
            }
            Err(reason) => {
                self.state = State::Unverified(reason);
                self.metadata = None;
            }
        }
    }
}

/// What applying an answer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The record's first answer.
    First,
    /// The record had one already.
    Amended,
    /// The record is no longer kept.
    Stale,
}

/// The records by number. The least recently used are forgotten first; whoever still holds the number of one
/// opens a new record.
#[derive(Debug)]
pub struct Records {
    kept: LruCache<u64, Record>,
    current: LruCache<Box<[u8]>, u64>,
    next: u64,
}

impl Records {
    /// No records, and never more than `limit`.
    pub fn new(limit: NonZeroUsize) -> Self {
        Self { kept: LruCache::new(limit), current: LruCache::new(limit), next: 1 }
    }

    /// The record of the container at `cgroup`, opened if need be.
    pub fn open(&mut self, claim: &Claim, cgroup: &[u8], seen: u64) -> u64 {
        match self.current.get(cgroup) {
            Some(&number) if self.kept.contains(&number) => number,
            _ => self.renew(claim, cgroup, seen),
        }
    }

    /// A new record for the container at `cgroup`, whatever was there before.
    pub fn renew(&mut self, claim: &Claim, cgroup: &[u8], seen: u64) -> u64 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        let claim = claim.clone();
        let record = Record {
            claim,
            cgroup: cgroup.into(),
            seen,
            state: State::Pending,
            metadata: None,
            asked: false,
        };
        self.kept.put(number, record);
        self.current.put(cgroup.into(), number);
        number
    }

    /// The container at `cgroup` is gone: what is made there next is another one.
    pub fn close(&mut self, cgroup: &[u8]) {
        self.current.pop(cgroup);
    }

    /// A record, if it is still kept.
    pub fn get(&mut self, number: u64) -> Option<&mut Record> {
        self.kept.get_mut(&number)
    }

    /// The same, leaving its turn to be forgotten as it is.
    pub fn peek(&self, number: u64) -> Option<&Record> {
        self.kept.peek(&number)
    }

    /// Applies an answer to its record.
    pub fn settle(&mut self, answer: Answer) -> Settled {
        let Some(record) = self.kept.peek_mut(&answer.record) else {
            return Settled::Stale;
        };
        let first = record.state == State::Pending;
        record.settle(answer.verdict);
        if first { Settled::First } else { Settled::Amended }
    }
}
