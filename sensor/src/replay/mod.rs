//! Judges recorded events: the lines that `vigie events` wrote, by rules that may have changed since.
//!
//! A recording is read line by line, and each line is bounded, so that its length does not matter.

mod alerts;
mod bad;
mod diff;
mod lines;
mod progress;
mod recorded;

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use bad::BadLines;
use lines::{Line, Lines};
use progress::Progress;
use recorded::{Recorded, Unknown};

pub use alerts::{Alerts, Summary};
pub use diff::{Diff, Difference};

/// The recording cannot be read, or the alerts cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The recording cannot be read.
    #[error("{path}: cannot be read: {source}", path = crate::rules::files::shown(.path))]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The alerts cannot be written.
    #[error("alerts cannot be written: {0}")]
    Write(#[source] io::Error),
}

/// What is done with each event of a recording.
trait Judge {
    /// Judges an event; `Ok(false)` if nobody is interested in the rest.
    fn judge(&mut self, recorded: &Recorded) -> io::Result<bool>;
}

/// How much of a recording could be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Events that were judged.
    pub events: u64,
    /// Lines that are no events.
    pub bad_lines: u64,
}

/// Opens a recording; `-` is standard input.
pub fn open(path: &Path) -> Result<Box<dyn BufRead>, ReplayError> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    match File::open(path) {
        Ok(file) => Ok(Box::new(BufReader::new(file))),
        Err(source) => Err(ReplayError::Read { path: path.to_owned(), source }),
    }
}

/// Hands every event to `judge`.
fn play(path: &Path, from: impl BufRead, judge: &mut impl Judge) -> Result<Read, ReplayError> {
    let mut lines = Lines::new(from);
    let mut read = Read::default();
    let (mut bad, mut unknown) = (BadLines::default(), Unknown::default());
    let mut progress = Progress::new();
    let cannot_read = |source| ReplayError::Read { path: path.to_owned(), source };
    while let Some(line) = lines.next().map_err(cannot_read)? {
        progress.step();
        let recorded = match line {
            Line::Blank => continue,
            Line::TooLong => Err(format!("longer than {} bytes", lines::LONGEST)),
            Line::Text(text) => Recorded::parse(text, &mut unknown),
        };
        match recorded {
            Ok(recorded) => {
                read.events += 1;
                if !judge.judge(&recorded).map_err(ReplayError::Write)? {
                    break;
                }
            }
            Err(reason) => bad.add(lines.number(), &reason),
        }
    }
    progress.end();
    unknown.report();
    read.bad_lines = bad.finish();
    Ok(read)
}

#[cfg(test)]
mod tests;
