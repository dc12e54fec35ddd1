//! Rules learnt from what was denied, or would have been: `vigie guard learn`.
//!
//! Denied requests of an audit log are put together by who asked (executable and image, or the host), for what, and
//! with which ways to the host; each group becomes a rule that allows exactly that. The rules are a proposal: whoever
//! attacked while the log was written is in it too.

mod group;
#[cfg(test)]
mod tests;
mod text;

use std::io::{self, BufRead};

use group::Groups;

/// Longest line that is read, in bytes.
const MAX_LINE: usize = 1 << 20;

/// What was read, put together.
#[derive(Debug, Default)]
pub struct Lessons {
    groups: Groups,
    counts: Counts,
}

/// How many lines of which kind there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Verdicts.
    pub records: u64,
    /// Denied ones among them.
    pub denied: u64,
    /// Denied ones for which no rule can be proposed.
    pub unlearnable: u64,
    /// Lines that are no record.
    pub unreadable: u64,
}

impl Lessons {
    /// Reads a log, line by line. A line that is no record is counted and passed over.
    pub fn read(&mut self, mut log: impl BufRead) -> io::Result<()> {
        let mut line = Vec::new();
        while next_line(&mut log, &mut line)? {
            if !line.trim_ascii().is_empty() {
                self.take(&line);
            }
        }
        Ok(())
    }

    fn take(&mut self, line: &[u8]) {
        let Some(record) = (line.len() <= MAX_LINE).then(|| serde_json::from_slice(line).ok()).flatten()
        else {
            self.counts.unreadable = self.counts.unreadable.saturating_add(1);
            return;
        };
        self.counts.records = self.counts.records.saturating_add(1);
        self.groups.take(&record, &mut self.counts);
    }

    /// How many lines of which kind there were.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The proposal, as a file of rules.
    pub fn rules(&self) -> String {
        text::file(&self.groups, self.counts)
    }
}

/// The next line, without more of it in memory than is of use; false at the end.
fn next_line(log: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    loop {
        let available = log.fill_buf()?;
        if available.is_empty() {
            return Ok(!line.is_empty());
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let (taken, used) = match end {
            Some(end) => (available.get(..end).unwrap_or_default(), end.saturating_add(1)),
            None => (available, available.len()),
        };
        let room = MAX_LINE.saturating_add(1).saturating_sub(line.len());
        line.extend_from_slice(taken.get(..taken.len().min(room)).unwrap_or_default());
        log.consume(used);
        if end.is_some() {
            // An empty line is not the end.
            if line.is_empty() {
                line.push(b' ');
            }
            return Ok(true);
        }
    }
}
