//! How far it is, for whoever waits at a terminal.

use std::io::{IsTerminal, Write, stderr};

/// Lines between two reports.
const STEP: u64 = 100_000;

/// Counts lines, and says so on standard error if that is a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    lines: u64,
    shown: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { lines: 0, shown: stderr().is_terminal() }
    }

    pub(super) fn step(&mut self) {
        self.lines += 1;
        if self.shown && self.lines.is_multiple_of(STEP) {
            // Who closes standard error does not want to know.
            drop(write!(stderr().lock(), "\r{} lines", self.lines));
        }
    }

    /// Clears the line.
    pub(super) fn end(&self) {
        if self.shown && self.lines >= STEP {
            drop(write!(stderr().lock(), "\r\x1b[K"));
        }
    }
}
