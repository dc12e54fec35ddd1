//! Clients of container engines, and which of them had a process put into a container.
//!
//! Nothing in the kernel joins the two: the client asks a daemon, which has the process started. What joins them is
//! that the client ran at the time, had begun only just before, and named this container and this command line. That
//! is told only where exactly one client did.

use std::collections::VecDeque;

use crate::{
    decode::{Argv, Body, Event, Exec},
    identity::Metadata,
    process::{Process, ProcessKey, ProcessTable},
};

/// Most clients remembered.
const CAPACITY: usize = 256;
/// How long before a process its client may have begun, nanoseconds.
const PATIENCE: u64 = 10_000_000_000;
/// Programs that are such clients.
const TOOLS: [&[u8]; 5] = [b"docker", b"podman", b"nerdctl", b"crictl", b"kubectl"];
/// Shortest beginning of an id by which a container may be named.
const MIN_ID: usize = 4;

/// What a client wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Run a command in a container that runs.
    Exec,
    /// Run a new container.
    Run,
}

impl Verb {
    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exec => "exec",
            Self::Run => "run",
        }
    }
}

/// A client.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its process.
    pub key: ProcessKey,
    /// When it began (`CLOCK_BOOTTIME`, nanoseconds).
    pub time: u64,
    /// Its program.
    pub tool: Box<[u8]>,
    /// What it wants.
    pub verb: Verb,
    argv: Argv,
}

/// The container and the process that a client is sought for.
#[derive(Clone, Copy, Debug)]
pub struct Started<'a> {
    /// How it was started.
    pub verb: Verb,
    /// Whole id of the container.
    pub container: &'a [u8],
    /// What the runtime says of it.
    pub metadata: Option<&'a Metadata>,
    /// The first program behind the door.
    pub exec: &'a Exec,
    /// When that began.
    pub time: u64,
}

/// The clients that may be meant.
#[derive(Clone, Copy, Debug)]
pub enum Meant<'c> {
    /// None that was seen.
    None,
    /// Exactly this one.
    One(&'c Client),
    /// One of so many.
    OneOf(usize),
}

/// The clients that began last.
#[derive(Debug, Default)]
pub struct Clients {
    recent: VecDeque<Client>,
    forgotten: u64,
}

impl Clients {
    /// Learns from an event.
    pub fn learn(&mut self, event: &Event) {
        let Body::Exec(exec) = &event.body else { return };
        let Some(verb) = verb(exec) else { return };
        if self.recent.len() >= CAPACITY {
            self.recent.pop_front();
            self.forgotten = self.forgotten.saturating_add(1);
        }
        self.recent.push_back(Client {
            key: ProcessKey::of(&event.header),
            time: event.header.time,
            tool: exec.exe.file_name().into(),
            verb,
            argv: exec.argv.clone(),
        });
    }

    /// The clients that may have had this started.
    pub fn of(&self, started: &Started<'_>, table: &ProcessTable) -> Meant<'_> {
        let mut meant = self.recent.iter().filter(|client| client.may_mean(started, table));
        match (meant.next(), meant.count()) {
            (None, _) => Meant::None,
            (Some(client), 0) => Meant::One(client),
            (Some(_), others) => Meant::OneOf(others.saturating_add(1)),
        }
    }

    /// Clients that were forgotten for want of room.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

impl Client {
    fn may_mean(&self, started: &Started<'_>, table: &ProcessTable) -> bool {
        let age = started.time.checked_sub(self.time);
        let in_time = age.is_some_and(|age| age <= PATIENCE);
        let end = table.get(self.key).and_then(Process::exit).map_or(u64::MAX, |exit| exit.time);
        in_time && started.time <= end && self.verb == started.verb && self.names(started)
    }

    /// Whether its command line ends in the container's name and the command that was started.
    fn names(&self, started: &Started<'_>) -> bool {
        if self.argv.is_truncated() || started.exec.argv.is_truncated() {
            return false;
        }
        let own: Vec<&[u8]> = self.argv.args().collect();
        match self.verb {
            Verb::Exec => commands(started.exec).iter().any(|command| {
                let before = ends_in(&own, command).and_then(<[_]>::split_last);
                before.is_some_and(|(word, rest)| {
                    started.is_called(word)
                        || *word == b"--" && rest.iter().any(|word| started.is_called(word))
                })
            }),
            Verb::Run => started.is_run_by(&own),
        }
    }
}

impl Started<'_> {
    /// Whether a word of a command line names the container.
    fn is_called(&self, word: &[u8]) -> bool {
        let by_id = word.len() >= MIN_ID && self.container.starts_with(word);
        by_id
            || self.metadata.is_some_and(|known| {
                let pod = known.labels.get("io.kubernetes.pod.name").map(String::as_bytes);
                word == known.name.as_bytes() || pod == Some(word)
            })
    }

    /// Whether `run` with these words made it: by the name that they give it, or by its image and command.
    fn is_run_by(&self, words: &[&[u8]]) -> bool {
        let Some(known) = self.metadata else { return false };
        let name = known.name.as_bytes();
        let named =
            words.iter().zip(words.iter().skip(1)).any(|(flag, value)| *flag == b"--name" && *value == name);
        if named || words.iter().any(|word| word.strip_prefix(b"--name=") == Some(name)) {
            return true;
        }
        let given = words.iter().any(|word| word.starts_with(b"--name"));
        let image = known.image.reference.as_bytes();
        let commanded = commands(self.exec)
            .into_iter()
            .any(|command| ends_in(words, &command).and_then(<[_]>::last).is_some_and(|word| *word == image));
        !given && !image.is_empty() && (commanded || words.last().is_some_and(|word| *word == image))
    }
}

/// The command lines that may have led to this exec: as it is, or for a script as its caller wrote it.
fn commands(exec: &Exec) -> Vec<Vec<&[u8]>> {
    let argv: Vec<&[u8]> = exec.argv.args().collect();
    let script = argv.iter().position(|word| **word == *exec.filename).filter(|place| *place > 0);
    let as_written = script.and_then(|place| argv.get(place..)).map(<[_]>::to_vec);
    std::iter::once(argv).chain(as_written).filter(|command| !command.is_empty()).collect()
}

/// What comes before `end` in `words`, if they end so.
fn ends_in<'w, 'b>(words: &'w [&'b [u8]], end: &[&[u8]]) -> Option<&'w [&'b [u8]]> {
    let (before, last) = words.split_at_checked(words.len().checked_sub(end.len())?)?;
    (last == end).then_some(before)
}

/// What a client wants; `None` if it is none, or wants something else.
fn verb(exec: &Exec) -> Option<Verb> {
    if !TOOLS.contains(&exec.exe.file_name()) {
        return None;
    }
    exec.argv.args().skip(1).find_map(|argument| match argument {
        b"exec" => Some(Verb::Exec),
        b"run" => Some(Verb::Run),
        _ => None,
    })
}
