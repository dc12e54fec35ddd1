//! Threads that read about processes. One may hang for as long as a process likes, so there are several, and those
//! that have come back are used again: making a thread for each connection would take a good part of its time.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Most threads.
const MAX: usize = 64;

/// Something to do, and how the thread that does it is reached once it is done.
struct Job {
    work: Box<dyn FnOnce() + Send>,
    back: Sender<Self>,
    permit: OwnedSemaphorePermit,
}

/// Threads that have nothing to do; each ends when its sender is dropped.
type Idle = Mutex<Vec<Sender<Job>>>;

/// The threads.
#[derive(Debug)]
pub(super) struct Readers {
    idle: Arc<Idle>,
    room: Arc<Semaphore>,
}

impl Default for Readers {
    fn default() -> Self {
        Self { idle: Arc::default(), room: Arc::new(Semaphore::new(MAX)) }
    }
}

impl Readers {
    /// Has one of them do something; `None` where all of them hang, or no thread can be made.
    pub(super) fn read<T: Send + 'static>(
        &self,
        what: impl FnOnce() -> T + Send + 'static,
    ) -> Option<oneshot::Receiver<T>> {
        let permit = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move || {
            // Nobody may be waiting any more.
            drop(answer.send(what()));
        });
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let thread = idle.map_or_else(|| start(Arc::downgrade(&self.idle)), Some)?;
        let job = Job { work, back: thread.clone(), permit };
        thread.send(job).ok()?;
        Some(answered)
    }
}

/// A new thread, which does what it is sent.
fn start(idle: Weak<Idle>) -> Option<Sender<Job>> {
    let (sender, jobs) = channel::<Job>();
    let run = move || {
        while let Ok(Job { work, back, permit }) = jobs.recv() {
            work();
            let Some(idle) = idle.upgrade() else { return };
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(back);
            // Only now, so that there are never more threads than there is room.
            drop(permit);
        }
    };
    std::thread::Builder::new().name("vigie-caller".into()).spawn(run).ok()?;
    Some(sender)
}

#[cfg(test)]
mod tests {
    use std::thread::{self, ThreadId};

    use super::*;

    fn thread_of(readers: &Readers) -> ThreadId {
        readers.read(|| thread::current().id()).unwrap().blocking_recv().unwrap()
    }

    /// Until all of them have come back.
    fn wait(readers: &Readers) {
        while readers.room.available_permits() < MAX {
            thread::yield_now();
        }
    }

    #[test]
    fn a_thread_that_has_come_back_is_used_again() {
        let readers = Readers::default();
        let first = thread_of(&readers);
        wait(&readers);
        assert_eq!(thread_of(&readers), first);
    }

    #[test]
    fn those_that_hang_hold_up_nobody_and_are_not_too_many() {
        let readers = Readers::default();
        let (release, held) = channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let hang = || {
            let held = Arc::clone(&held);
            readers.read(move || held.lock().unwrap().recv().is_ok())
        };
        let waiting: Vec<_> = (1..MAX).map(|_| hang().unwrap()).collect();
        assert_ne!(thread_of(&readers), thread::current().id());
        wait_for_one(&readers);
        let last = hang().unwrap();
        assert!(hang().is_none(), "no room");
        drop(release);
        for one in waiting.into_iter().chain([last]) {
            assert_eq!(one.blocking_recv(), Ok(false));
        }
        wait(&readers);
    }

    fn wait_for_one(readers: &Readers) {
        while readers.room.available_permits() == 0 {
            thread::yield_now();
        }
    }
}
