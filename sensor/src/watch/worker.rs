//! A thread that looks at files, so that the engine never waits for a disk.
//!
//! It first does what operations ask for, then what has to be asked again, and digests what has been there all along
//! in between.

use std::{
    collections::VecDeque,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError, channel, sync_channel},
    thread,
    time::{Duration, Instant},
};

use super::files::Known;
use crate::sys::inspect::{self, Facts, Hash};

/// Most questions that wait.
const QUEUE: usize = 16_384;
/// Most bytes of a file that is digested.
pub const LARGEST: u64 = 64 << 20;
/// How long a file that may still be written waits until it is asked again: the first time, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));

/// What to look at.
#[derive(Debug)]
pub(super) enum Question {
    /// A file, once nobody of these can write it any more.
    File(Examine),
    /// Everything below a directory that came from elsewhere.
    Directory(Box<[u8]>),
    /// Files that were there before.
    Baseline(Vec<(Box<[u8]>, Facts)>),
}

/// A file to look at.
#[derive(Debug)]
pub(super) struct Examine {
    pub(super) ticket: u64,
    pub(super) path: Box<[u8]>,
    /// Its inode, to find who holds it.
    pub(super) ino: u64,
    /// Who may still write it.
    pub(super) holders: Vec<u32>,
    /// Whether a mapping may, too.
    pub(super) mapped: bool,
}

/// What was seen.
#[derive(Debug)]
pub(super) enum Answer {
    /// What a file is now; nothing if it is gone.
    File(u64, Option<Known>),
    /// What is below a directory, in an order in which a directory comes before what is in it.
    Directory(Vec<(Box<[u8]>, Facts)>),
    /// What was in a file that was there before.
    Baseline(Box<[u8]>, Known),
    /// Every file that was there before has been read.
    Complete,
}

/// The engine's end of the thread.
#[derive(Debug)]
pub(super) struct Worker {
    questions: SyncSender<Question>,
    answers: Receiver<Answer>,
}

impl Worker {
    /// Starts the thread; `wake` ends the engine's wait when there is an answer.
    pub(super) fn start(most: usize, wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        let (questions, asked) = sync_channel(QUEUE);
        let (answer, answers) = channel();
        let work = move || {
            Desk { asked, answer, wake, most, later: Vec::new(), baseline: VecDeque::new() }.work();
        };
        thread::Builder::new().name("vigie-watch".into()).spawn(work)?;
        Ok(Self { questions, answers })
    }

    /// Asks, unless too much is being asked already; says which.
    pub(super) fn ask(&self, question: Question) -> bool {
        match self.questions.try_send(question) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }

    /// An answer that is there.
    pub(super) fn answer(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }

    /// An answer, once it is there.
    pub(super) fn wait(&self, until: Instant) -> Option<Answer> {
        self.answers.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
    }
}

/// A file that may still be written.
struct Later {
    examine: Examine,
    at: Instant,
    pause: Duration,
}

struct Desk<W> {
    asked: Receiver<Question>,
    answer: Sender<Answer>,
    wake: W,
    most: usize,
    later: Vec<Later>,
    baseline: VecDeque<(Box<[u8]>, Facts)>,
}

impl<W: Fn()> Desk<W> {
    fn work(mut self) {
        loop {
            let pause = self.pause();
            match self.asked.recv_timeout(pause) {
                Ok(question) => self.take(question),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.ask_again();
        }
    }

    /// How long to wait for a question: not at all while there is something else to do.
    fn pause(&mut self) -> Duration {
        if let Some((path, facts)) = self.baseline.pop_front() {
            self.read(path, facts);
            if self.baseline.is_empty() {
                self.tell(Answer::Complete);
            }
            return Duration::ZERO;
        }
        let next = self.later.iter().map(|later| later.at).min();
        next.map_or(AGAIN.1, |at| at.saturating_duration_since(Instant::now()))
    }

    fn take(&mut self, question: Question) {
        match question {
            Question::File(examine) => self.examine(examine, AGAIN.0),
            Question::Directory(path) => {
                let found = walk(&path, self.most, |_| true);
                self.baseline.extend(found.iter().cloned());
                self.tell(Answer::Directory(found));
            }
            Question::Baseline(files) if files.is_empty() => self.tell(Answer::Complete),
            Question::Baseline(files) => self.baseline.extend(files),
        }
    }

    /// Looks at a file, or puts it off while it may still be written.
    fn examine(&mut self, mut examine: Examine, pause: Duration) {
        let Examine { ticket, path, ino, holders, mapped } = &mut examine;
        holders.retain(|pid| inspect::can_write(*pid, *ino, *mapped));
        if holders.is_empty() {
            let known = inspect::examine(path, LARGEST).map(|(facts, hash)| Known { facts, hash });
            let answer = Answer::File(*ticket, known);
            self.tell(answer);
        } else {
            self.later.push(Later { examine, at: Instant::now() + pause, pause: (pause * 2).min(AGAIN.1) });
        }
    }

    fn ask_again(&mut self) {
        let now = Instant::now();
        let (due, later) = std::mem::take(&mut self.later).into_iter().partition(|later| later.at <= now);
        self.later = later;
        let due: Vec<Later> = due;
        for Later { examine, pause, .. } in due {
            self.examine(examine, pause);
        }
    }

    fn read(&mut self, path: Box<[u8]>, facts: Facts) {
        if facts.is_regular()
            && let Some((facts, hash)) = inspect::examine(&path, LARGEST)
        {
            self.tell(Answer::Baseline(path, Known { facts, hash }));
        }
    }

    fn tell(&self, answer: Answer) {
        // An engine that has ended does not listen any more.
        self.answer.send(answer).unwrap_or_default();
        (self.wake)();
    }
}

/// What is at and below a path, at most so many: `enter` says into which directories to look.
pub(super) fn walk(path: &[u8], most: usize, enter: impl Fn(&[u8]) -> bool) -> Vec<(Box<[u8]>, Facts)> {
    let Some(facts) = Facts::at(path) else { return Vec::new() };
    let mut found = vec![(Box::from(path), facts)];
    let mut at = 0;
    while let Some((directory, _)) = found.get(at).filter(|(path, facts)| facts.is_directory() && enter(path))
    {
        let directory = directory.clone();
        inspect::list(&directory, |path, facts| {
            if found.len() <= most {
                found.push((path.into(), facts));
            }
        });
        at += 1;
        while found.get(at).is_some_and(|(path, facts)| !(facts.is_directory() && enter(path))) {
            at += 1;
        }
    }
    found
}

impl Hash {
    /// Whether two digests are known and differ.
    pub(super) fn differs(self, other: Self) -> bool {
        matches!((self, other), (Self::Sha256(one), Self::Sha256(two)) if one != two)
    }
}
