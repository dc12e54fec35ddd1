//! Other rules while the guard works: SIGHUP has them loaded beside its work.

use std::io;
use std::sync::Arc;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::spawn_blocking;

use super::office::Office;
use crate::cli::Judging;
use crate::commands::judging;
use crate::sink::{Severity, status};

/// SIGHUP, which ends the guard no longer once this is there.
#[derive(Debug)]
pub(super) struct Hangups(Signal);

impl Hangups {
    /// To be called within a runtime.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(signal(SignalKind::hangup())?))
    }

    /// Has the office judge by what the command line names now, each time; rules that cannot be used change nothing.
    pub(super) async fn heed(mut self, options: Judging, office: Arc<Office>) {
        while self.0.recv().await.is_some() {
            let options = options.clone();
            match spawn_blocking(move || judging::load(&options)).await {
                Ok(Ok(rules)) => {
                    let used = rules.rules().iter().filter(|rule| rule.enabled).count();
                    office.replace(rules);
                    status(Severity::Info, &format!("guard: {used} rules loaded anew"));
                }
                Ok(Err(error)) => stay(&format!("the new ones cannot be used:\n{error}")),
                Err(error) => stay(&format!("loading others ended abnormally: {error}")),
            }
        }
    }
}

fn stay(why: &str) {
    status(Severity::Error, &format!("guard: the rules in force stay; {why}"));
}
