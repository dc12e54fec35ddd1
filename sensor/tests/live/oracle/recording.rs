//! What `vigie events` wrote down, and which of it is of the workload: the descendants of its first process by the
//! forks that were recorded, each process by its number and its start.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use crate::support::{Event, Place, Sensor, Tier};

use super::strace::Account;

/// Events by which processes come to be.
const FORKS: [&str; 4] = ["fork", "vfork", "clone", "clone3"];

/// A sensor that writes to a file.
#[derive(Debug)]
pub(super) struct Recorder {
    sensor: Sensor,
    file: PathBuf,
}

/// What it wrote.
#[derive(Debug)]
pub(super) struct Recording {
    pub(super) tier: Tier,
    file: PathBuf,
}

/// A process: its number and when it began.
type Process = (u64, u64);

impl Recorder {
    /// Starts to record.
    pub(super) fn start(place: &Place) -> Self {
        let file = place.join("events.json");
        let sensor = Sensor::events(&["--file", file.to_str().unwrap(), "--ring-size", "64M"]);
        Self { sensor, file }
    }

    /// Ends with everything recorded that happened before, and nothing lost.
    pub(super) fn finish(self) -> Recording {
        let tier = self.sensor.tier;
        let finished = self.sensor.stop();
        assert!(finished.status.success(), "{finished:?}");
        finished.summary.adds_up();
        finished.summary.lost_nothing();
        Recording { tier, file: self.file }
    }
}

impl Recording {
    /// The events of the workload's processes; of the first one from its first exec on, which is the first thing that
    /// strace sees.
    pub(super) fn of(&self, account: &Account) -> Vec<Event> {
        let mut forks = Forks::default();
        each_line(&self.file, |line| forks.take(line));
        let root = forks.child(account.strace.into(), account.root.tid.into());
        let family = forks.descendants(root);
        let pids: BTreeSet<u64> = family.iter().map(|(pid, _)| *pid).collect();
        let mut events = Vec::new();
        each_line(&self.file, |line| {
            if number(line, PID).is_some_and(|pid| pids.contains(&pid)) {
                events.extend(Some(Event::parse(line)).filter(|event| family.contains(&process(event))));
            }
        });
        let execs = events.iter().filter(|event| event.get("evt.type") == "execve" && process(event) == root);
        let first =
            execs.map(|exec| exec.number("evt.rawtime")).min().expect("the first process runs a program");
        events.retain(|event| process(event) != root || event.number("evt.rawtime") >= first);
        events
    }
}

fn process(event: &Event) -> Process {
    (event.number("proc.pid"), event.number("proc.pid.ts"))
}

/// Who made whom, and when.
#[derive(Debug, Default)]
struct Forks {
    /// By child: when it was made, and by whom.
    made: BTreeMap<u64, Vec<(u64, Process)>>,
    /// Every process that did anything.
    seen: BTreeSet<Process>,
}

/// How lines write a process and its start. No text can imitate that: its quotes are escaped.
const PID: &str = "\"proc.pid\":";
const START: &str = "\"proc.pid.ts\":";

impl Forks {
    fn take(&mut self, line: &[u8]) {
        let (Some(pid), Some(start)) = (number(line, PID), number(line, START)) else { return };
        self.seen.insert((pid, start));
        if FORKS.iter().any(|name| has(line, &format!("\"evt.type\":\"{name}\""))) {
            let event = Event::parse(line);
            let fork = (event.number("evt.rawtime"), process(&event));
            self.made.entry(event.number("evt.arg.child_pid")).or_default().push(fork);
        }
    }

    /// The process of this number that another one made, of which only the number is known.
    fn child(&self, parent: u64, pid: u64) -> Process {
        let forks = self.made.get(&pid).map_or(&[][..], Vec::as_slice);
        let [(time, _)] = forks.iter().filter(|(_, (by, _))| *by == parent).collect::<Vec<_>>()[..] else {
            panic!("{parent} made {pid} not once: {forks:?}")
        };
        self.made_at(pid, *time).unwrap_or_else(|| panic!("{pid} did nothing"))
    }

    /// A process begins just before its maker reports the fork.
    fn made_at(&self, pid: u64, time: u64) -> Option<Process> {
        self.seen.range((pid, 0)..=(pid, time)).next_back().copied()
    }

    fn descendants(&self, root: Process) -> BTreeSet<Process> {
        let mut children: BTreeMap<Process, Vec<Process>> = BTreeMap::new();
        for (pid, forks) in &self.made {
            for (time, by) in forks {
                children.entry(*by).or_default().extend(self.made_at(*pid, *time));
            }
        }
        let (mut all, mut next) = (BTreeSet::from([root]), vec![root]);
        while let Some(process) = next.pop() {
            let new = children.remove(&process).unwrap_or_default();
            next.extend(new.iter().filter(|child| all.insert(**child)));
        }
        all
    }
}

fn each_line(path: &Path, mut take: impl FnMut(&[u8])) {
    for line in BufReader::new(File::open(path).unwrap()).split(b'\n') {
        take(&line.unwrap());
    }
}

fn has(line: &[u8], text: &str) -> bool {
    memchr::memmem::find(line, text.as_bytes()).is_some()
}

/// The number behind a key.
fn number(line: &[u8], key: &str) -> Option<u64> {
    let rest = &line[memchr::memmem::find(line, key.as_bytes())? + key.len()..];
    let digits = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    std::str::from_utf8(&rest[..digits]).unwrap().parse().ok()
}

#[test]
fn descendants_are_told_from_those_who_had_a_number_before() {
    let line = |pid: u64, start: u64, time: u64, what: &str| {
        format!(r#"{{"proc.pid":{pid},"proc.pid.ts":{start},"evt.rawtime":{time},{what}}}"#)
    };
    let fork = |pid, start, time, child: u64| {
        line(pid, start, time, &format!(r#""evt.type":"clone","evt.arg.child_pid":{child}"#))
    };
    let did = |pid, start, time| line(pid, start, time, r#""evt.type":"openat""#);
    let lines = [
        did(8, 5, 6),
        fork(7, 1, 20, 8),
        did(8, 19, 21),
        fork(8, 19, 30, 9),
        did(9, 29, 31),
        fork(3, 1, 40, 8),
        did(8, 39, 41),
    ];
    let mut forks = Forks::default();
    for line in &lines {
        forks.take(line.as_bytes());
    }
    let root = forks.child(7, 8);
    assert_eq!(root, (8, 19));
    assert_eq!(forks.descendants(root), BTreeSet::from([(8, 19), (9, 29)]));
}
