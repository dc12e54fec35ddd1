//! Lines of a recording that are no events.

use crate::sink::{Severity, status};

/// Most lines that are named.
const MOST: u64 = 20;

/// Names the first lines on standard error, and counts all.
#[derive(Debug, Default)]
pub(super) struct BadLines(u64);

impl BadLines {
    pub(super) fn add(&mut self, line: u64, reason: &str) {
        self.0 += 1;
        if self.0 <= MOST {
            status(Severity::Warning, &format!("line {line} is passed over: {reason}"));
        }
    }

    /// How many there were.
    pub(super) fn finish(self) -> u64 {
        if let Some(more @ 1..) = self.0.checked_sub(MOST) {
            status(Severity::Warning, &format!("{more} more lines are passed over"));
        }
        self.0
    }
}
