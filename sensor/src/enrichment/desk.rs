//! Work that may take long, on a thread beside the engine: one question at a time, the others in a bounded queue. A
//! thread that does not come back is given up, and another one takes the next question.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

/// Most questions that wait.
const CAPACITY: usize = 1024;
/// How many threads are given up before no question is taken any more.
const MAX_LOST: u32 = 8;

/// Tells the engine that an answer is there.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Answers questions `Q` by answers `A`.
pub(super) struct Desk<Q, A> {
    name: &'static str,
    work: fn(&Q) -> A,
    wake: Wake,
    patience: Duration,
    queue: VecDeque<Q>,
    current: Option<(Q, Instant)>,
    worker: Option<Worker<Q, A>>,
    lost: u32,
}

struct Worker<Q, A> {
    ask: SyncSender<Q>,
    answers: Receiver<A>,
}

impl<Q: Clone + Send + 'static, A: Send + 'static> Desk<Q, A> {
    /// Questions are answered by `work`, each within `patience`.
    pub(super) fn new(name: &'static str, patience: Duration, work: fn(&Q) -> A, wake: Wake) -> Self {
        let queue = VecDeque::new();
        Self { name, work, wake, patience, queue, current: None, worker: None, lost: 0 }
    }

    /// Takes a question; false if there is no room for it.
    pub(super) fn ask(&mut self, question: Q, now: Instant) -> bool {
        if self.queue.len() >= CAPACITY || self.lost >= MAX_LOST {
            return false;
        }
        self.queue.push_back(question);
        self.go_on(now);
        true
    }

    /// The questions that are done with, each with its answer unless that did not come in time.
    pub(super) fn take(&mut self, now: Instant) -> Vec<(Q, Option<A>)> {
        let mut done = Vec::new();
        while let Some(answered) = self.take_one(now) {
            done.push(answered);
            self.go_on(now);
        }
        done
    }

    /// Number of threads given up.
    pub(super) fn lost(&self) -> u32 {
        self.lost
    }

    fn take_one(&mut self, now: Instant) -> Option<(Q, Option<A>)> {
        let (_, since) = self.current.as_ref()?;
        let answer = match self.worker.as_ref().map(|worker| worker.answers.try_recv()) {
            Some(Ok(answer)) => Some(answer),
            Some(Err(TryRecvError::Empty)) if now.saturating_duration_since(*since) < self.patience => {
                return None;
            }
            Some(Err(_)) | None => {
                self.worker = None;
                self.lost = self.lost.saturating_add(1);
                None
            }
        };
        self.current.take().map(|(question, _)| (question, answer))
    }

    /// Gives the thread the next question if it has none.
    fn go_on(&mut self, now: Instant) {
        if self.current.is_some() {
            return;
        }
        let Some(question) = self.queue.pop_front() else { return };
        if self.worker.is_none() {
            self.worker = Worker::start(self.name, self.work, Arc::clone(&self.wake));
        }
        if let Some(worker) = &self.worker {
            // A thread that is gone takes no question, and the missing answer tells.
            drop(worker.ask.send(question.clone()));
        }
        self.current = Some((question, now));
    }
}

impl<Q: Send + 'static, A: Send + 'static> Worker<Q, A> {
    fn start(name: &str, work: fn(&Q) -> A, wake: Wake) -> Option<Self> {
        let (ask, asked) = sync_channel::<Q>(1);
        let (answer, answers) = sync_channel(1);
        let all = move || {
            for question in asked {
                if answer.send(work(&question)).is_err() {
                    break;
                }
                wake();
            }
        };
        thread::Builder::new().name(name.to_owned()).spawn(all).ok()?;
        Some(Self { ask, answers })
    }
}

impl<Q, A> fmt::Debug for Desk<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk")
            .field("name", &self.name)
            .field("queue", &self.queue.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    /// A desk and the bell that rings with each answer.
    fn desk(patience: Duration, work: fn(&u32) -> u32) -> (Desk<u32, u32>, Receiver<()>) {
        let (rope, bell) = channel();
        let wake = move || rope.send(()).unwrap_or_default();
        (Desk::new("test", patience, work, Arc::new(wake)), bell)
    }

    #[test]
    fn questions_are_answered_in_order() {
        let (mut desk, bell) = desk(Duration::from_mins(1), |question| question * 2);
        let now = Instant::now();
        assert!(desk.ask(1, now) && desk.ask(2, now));
        let mut done = Vec::new();
        while done.len() < 2 {
            bell.recv().unwrap();
            done.extend(desk.take(now));
        }
        assert_eq!(done, [(1, Some(2)), (2, Some(4))]);
        assert_eq!(desk.lost(), 0);
    }

    #[test]
    fn a_thread_that_does_not_come_back_is_given_up() {
        let stuck = |question: &u32| loop {
            if *question != 1 {
                break *question;
            }
            thread::park();
        };
        let (mut desk, bell) = desk(Duration::from_secs(5), stuck);
        let now = Instant::now();
        assert!(desk.ask(1, now) && desk.ask(2, now));
        assert!(desk.take(now).is_empty());
        let later = now + Duration::from_secs(6);
        assert_eq!(desk.take(later), [(1, None)]);
        bell.recv().unwrap();
        assert_eq!(desk.take(later), [(2, Some(2))]);
        assert_eq!(desk.lost(), 1);
    }

    #[test]
    fn there_are_never_more_questions_or_threads_than_the_bounds() {
        let (mut desk, _bell) = desk(Duration::ZERO, |_| {
            loop {
                thread::park();
            }
        });
        let now = Instant::now();
        let taken = (0..5000).filter(|question| desk.ask(*question, now)).count();
        assert_eq!(taken, CAPACITY + 1);
        let mut given_up = 0;
        for _ in 0..MAX_LOST {
            given_up += desk.take(now).len();
        }
        assert!(given_up >= 8, "{given_up}");
        assert!(!desk.ask(1, now));
    }
}
