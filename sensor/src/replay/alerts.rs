//! The alerts that rules raise on a recording.

use std::{
    fmt,
    io::{self, BufRead, Write},
    path::Path,
};

use super::{Judge, Read, ReplayError, play, recorded::Recorded};
use crate::{
    alert::Raised,
    cli::Output,
    rules::{Rule, RuleSet, Scratch},
};

/// Judges a recording, and writes alerts.
#[derive(Debug)]
pub struct Alerts<'r, W> {
    rules: &'r RuleSet,
    scratch: Scratch,
    format: Output,
    to: W,
    written: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// How much of the recording could be used.
    pub read: Read,
    /// Alerts.
    pub alerts: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Read { events, bad_lines } = self.read;
        write!(f, "{events} events judged, {bad_lines} bad lines, {} alerts", self.alerts)
    }
}

impl<'r, W: Write> Alerts<'r, W> {
    /// Judges by these rules, and writes to `to`.
    pub fn new(rules: &'r RuleSet, format: Output, to: W) -> Self {
        Self { rules, scratch: Scratch::default(), format, to, written: 0 }
    }

    /// Judges a whole recording; `path` is its name in errors.
    pub fn run(mut self, path: &Path, from: impl BufRead) -> Result<Summary, ReplayError> {
        let read = play(path, from, &mut self)?;
        match self.to.flush() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(ReplayError::Write(error)),
            Ok(()) | Err(_) => {}
        }
        Ok(Summary { read, alerts: self.written })
    }
}

impl<W: Write> Judge for Alerts<'_, W> {
    fn judge(&mut self, recorded: &Recorded) -> io::Result<bool> {
        let evaluation = self.rules.evaluate(recorded.event_type, &recorded.fields, &mut self.scratch);
        for rule in evaluation.matches {
            match self.to.write_all(&line(self.format, recorded, rule)) {
                Ok(()) => self.written += 1,
                // The reader has seen enough.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

/// The alert as one line, as `vigie run` writes it.
pub(super) fn line(format: Output, recorded: &Recorded, rule: &Rule) -> Vec<u8> {
    let hostname = recorded.hostname();
    Raised::new(rule, rule.render_output(&recorded.fields), recorded.time(), &hostname)
        .with("vigie.container.verified", recorded.get("vigie.container.verified"))
        .line(format)
}
