//! Which address was asked for by which name: answers seen are kept for a while, so that a connection says more than
//! a number.

use std::{net::IpAddr, num::NonZeroUsize};

use lru::LruCache;

use super::Message;

/// Most addresses remembered.
const CAPACITY: NonZeroUsize = NonZeroUsize::MIN.saturating_add(16_383);
/// Most names of one address.
const NAMES: usize = 8;
/// Programs connect a while after they asked, whatever the server says: a name holds at least this long, nanoseconds.
const FLOOR: u64 = 60 * SECOND;
/// No name holds longer, nanoseconds.
const CEILING: u64 = 3600 * SECOND;
const SECOND: u64 = 1_000_000_000;

/// Who can have asked: answers given in one scope say nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Inode number of the network namespace: the same address is another host elsewhere.
    pub net_ns: u32,
    /// Inode number of the mount namespace: a container in the host's network cannot name addresses for the host.
    pub mnt_ns: u32,
}

/// A name, and when it was and how long it will be one of its address, in nanoseconds of boot time.
#[derive(Clone, Debug)]
struct Name {
    text: Box<[u8]>,
    since: u64,
    until: u64,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Questions seen.
    pub questions: u64,
    /// Answers seen.
    pub answers: u64,
    /// Messages of port 53 that are no DNS.
    pub malformed: u64,
    /// Addresses forgotten to make room for others.
    pub evicted: u64,
    /// Names of one address forgotten to make room for others.
    pub crowded: u64,
}

impl Counters {
    /// Every counter with its name.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        let Self { questions, answers, malformed, evicted, crowded } = *self;
        [
            ("questions", questions),
            ("answers", answers),
            ("malformed", malformed),
            ("evicted", evicted),
            ("crowded", crowded),
        ]
        .into_iter()
    }
}

/// Names by address.
#[derive(Debug)]
pub struct Names {
    known: LruCache<(Scope, IpAddr), Vec<Name>>,
    counters: Counters,
}

impl Default for Names {
    fn default() -> Self {
        Self { known: LruCache::new(CAPACITY), counters: Counters::default() }
    }
}

impl Names {
    /// Learns from a message received at `time` (nanoseconds of boot time); one that is no DNS is counted.
    pub fn learn(&mut self, scope: Scope, message: Option<&Message>, received: bool, time: u64) {
        let Some(message) = message else {
            self.counters.malformed += 1;
            return;
        };
        if !message.is_answer {
            self.counters.questions += 1;
            return;
        }
        self.counters.answers += 1;
        for (address, ttl) in message.addresses().filter(|_| received) {
            let until = time.saturating_add((u64::from(ttl) * SECOND).clamp(FLOOR, CEILING));
            let name = Name { text: message.question.clone(), since: time, until };
            self.add((scope, address.to_canonical()), name);
        }
    }

    fn add(&mut self, key: (Scope, IpAddr), name: Name) {
        if let Some(names) = self.known.get_mut(&key) {
            names.retain(|other| other.until > name.since && other.text != name.text);
            if names.len() >= NAMES {
                names.remove(0);
                self.counters.crowded += 1;
            }
            names.push(name);
            return;
        }
        if self.known.push(key, vec![name]).is_some() {
            self.counters.evicted += 1;
        }
    }

    /// The names by which an address was asked for at `time`, in the order in which they were answered.
    pub fn of(&self, scope: Scope, address: IpAddr, time: u64) -> impl Iterator<Item = &[u8]> {
        let names = self.known.peek(&(scope, address.to_canonical())).map_or(&[][..], Vec::as_slice);
        names.iter().filter(move |name| (name.since..name.until).contains(&time)).map(|name| &*name.text)
    }

    /// What was counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Answer, Data};

    const HERE: Scope = Scope { net_ns: 1, mnt_ns: 2 };

    fn answer(name: &str, address: &str, ttl: u32) -> Message {
        Message {
            id: 1,
            is_answer: true,
            code: 0,
            question: name.as_bytes().into(),
            kind: 1,
            class: 1,
            answers: vec![Answer { ttl, data: Data::Address(address.parse().unwrap()) }],
        }
    }

    fn names(names: &Names, scope: Scope, address: &str, time: u64) -> Vec<String> {
        let found = names.of(scope, address.parse().unwrap(), time);
        found.map(|name| String::from_utf8(name.to_vec()).unwrap()).collect()
    }

    #[test]
    fn an_address_has_the_names_that_led_to_it_for_a_while() {
        let mut known = Names::default();
        known.learn(HERE, Some(&answer("a.example", "192.0.2.7", 0)), true, 10);
        known.learn(HERE, Some(&answer("b.example", "192.0.2.7", 1_000_000)), true, 20);
        assert!(names(&known, HERE, "192.0.2.7", 5).is_empty(), "it was not asked for yet");
        assert_eq!(names(&known, HERE, "::ffff:192.0.2.7", 30), ["a.example", "b.example"]);
        assert_eq!(names(&known, HERE, "192.0.2.7", FLOOR + 10), ["b.example"], "the floor");
        assert!(names(&known, HERE, "192.0.2.7", CEILING + 20).is_empty(), "the ceiling");
        assert!(names(&known, Scope { mnt_ns: 3, ..HERE }, "192.0.2.7", 30).is_empty(), "another container");
    }

    #[test]
    fn only_answers_received_teach() {
        let mut known = Names::default();
        known.learn(HERE, Some(&answer("a.example", "192.0.2.7", 60)), false, 10);
        known.learn(HERE, None, true, 10);
        let question = Message { is_answer: false, ..answer("a.example", "192.0.2.7", 60) };
        known.learn(HERE, Some(&question), true, 10);
        assert!(names(&known, HERE, "192.0.2.7", 11).is_empty());
        let expected = Counters { questions: 1, answers: 1, malformed: 1, ..Counters::default() };
        assert_eq!(known.counters(), &expected);
    }

    #[test]
    fn both_bounds_hold_and_are_counted() {
        let mut known = Names::default();
        for number in 0..=NAMES {
            known.learn(HERE, Some(&answer(&format!("{number}.example"), "192.0.2.7", 60)), true, 10);
        }
        assert_eq!(names(&known, HERE, "192.0.2.7", 11).len(), NAMES);
        for number in 0..u32::try_from(CAPACITY.get()).unwrap() {
            let address = std::net::Ipv4Addr::from(number).to_string();
            known.learn(HERE, Some(&answer("x.example", &address, 60)), true, 10);
        }
        assert_eq!(known.known.len(), CAPACITY.get());
        assert_eq!((known.counters().crowded, known.counters().evicted), (1, 1));
    }
}
