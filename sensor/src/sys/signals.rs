//! Signals: stop, load rules anew, and tell the counters.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::rings::Waker;

/// What signals have asked for.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    stop: Arc<AtomicBool>,
    reload: Arc<AtomicBool>,
    summary: Arc<AtomicBool>,
}

impl Requests {
    /// Whether SIGHUP came since the last question.
    pub fn take_reload(&self) -> bool {
        self.reload.swap(false, Ordering::Relaxed)
    }

    /// Whether SIGINT or SIGTERM came.
    pub fn stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Whether SIGUSR1 came since the last question.
    pub fn take_summary(&self) -> bool {
        self.summary.swap(false, Ordering::Relaxed)
    }

    /// Listens on a thread of its own, and wakes the engine at each signal. The handlers are in place when this
    /// returns.
    pub fn listen(&self, waker: Waker) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let guard = runtime.enter();
        let stop = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = stop.map(signal);
        let (mut interrupt, mut terminate, mut hangup) = (interrupt?, terminate?, hangup?);
        let mut user = signal(SignalKind::user_defined1())?;
        drop(guard);
        let requests = self.clone();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(async {
                loop {
                    let asked = requests.next(&mut interrupt, &mut terminate, &mut hangup, &mut user).await;
                    asked.store(true, Ordering::Relaxed);
                    waker.wake();
                }
            })
        })?;
        Ok(())
    }

    async fn next(
        &self,
        interrupt: &mut Signal,
        terminate: &mut Signal,
        hangup: &mut Signal,
        user: &mut Signal,
    ) -> &AtomicBool {
        tokio::select! {
            _ = interrupt.recv() => &self.stop,
            _ = terminate.recv() => &self.stop,
            _ = hangup.recv() => &self.reload,
            _ = user.recv() => &self.summary,
        }
    }
}
