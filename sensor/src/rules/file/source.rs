//! A rules file as text, places in it, and what is reported about them.

use std::fmt;
use std::sync::Arc;

use crate::rules::problem::{Concern, Problem};

/// Largest rules file, in bytes.
pub const MAX_FILE_SIZE: usize = 4 << 20;
/// Largest size of all files that are loaded at once, in bytes: what is made of a text takes several times its size.
pub const MAX_TOTAL_SIZE: usize = 8 << 20;

/// Where something stands, for people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Name of the file as it was given.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// An error in a rules file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: error: {problem}")]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Problem,
}

/// Something in a rules file that is allowed and probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where.
    pub place: Place,
    /// What.
    pub concern: Concern,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: warning: {}", self.place, self.concern)
    }
}

/// Every error found in a set of rules files; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The errors, in the order of the files.
    pub faults: Vec<Fault>,
}

impl LoadError {
    /// Most errors that are kept; who has more will load again anyway.
    pub const MAX_FAULTS: usize = 100;
}

impl From<Fault> for LoadError {
    fn from(fault: Fault) -> Self {
        Self { faults: vec![fault] }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LoadError {}

/// The text of one rules file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Name of the file as it was given.
    pub file: Arc<str>,
    /// Its text, without a byte order mark.
    pub text: Arc<str>,
    /// Where the lines start, in bytes, so that a place is found without reading the whole text.
    line_starts: Arc<[u32]>,
}

impl Source {
    /// Takes a text in, refusing what no rules file may hold: too many bytes, or a NUL.
    pub fn new(file: &str, text: &str) -> Result<Self, Fault> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > MAX_FILE_SIZE {
            let place = Place { file: file.into(), line: 1, column: 1 };
            return Err(Fault { place, problem: Problem::FileTooLarge { size: size(text.len()) } });
        }
        let source = Self { file: file.into(), text: text.into(), line_starts: line_starts(text) };
        match text.find('\0') {
            Some(at) => Err(source.fault(at, Problem::Nul)),
            None => Ok(source),
        }
    }

    /// Where a line starts, by its number from 0.
    fn line_start(&self, index: usize) -> Option<usize> {
        self.line_starts.get(index).map(|start| *start as usize)
    }

    /// The place of a byte of the text.
    pub fn place(&self, at: usize) -> Place {
        let at = at.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start as usize <= at);
        let start = line.checked_sub(1).and_then(|index| self.line_start(index)).unwrap_or_default();
        let column = self.text.get(start..at).unwrap_or_default().chars().count() + 1;
        Place { file: Arc::clone(&self.file), line, column }
    }

    /// The byte of the text at a line and a column, both from 1.
    pub fn byte(&self, line: usize, column: usize) -> usize {
        let index = line.saturating_sub(1);
        let start = self.line_start(index).unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        rest.char_indices().nth(column.saturating_sub(1)).map_or(self.text.len(), |(byte, _)| start + byte)
    }

    /// An error at a byte of the text.
    pub fn fault(&self, at: usize, problem: Problem) -> Fault {
        Fault { place: self.place(at), problem }
    }
}

/// A length as sizes of files are told.
pub(crate) fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Where the lines of a text start; a line ends as YAML says, with LF, CR LF or CR.
fn line_starts(text: &str) -> Arc<[u32]> {
    let bytes = text.as_bytes();
    let ends = (0_u32..).zip(bytes).filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(*at as usize + 1) != Some(&b'\n'),
        _ => false,
    });
    let starts = || std::iter::once(0).chain(ends.clone().map(|(at, _)| at + 1));
    // Counted first: a file of nothing but line breaks would have its table grow to twice the size.
    let mut table = Vec::with_capacity(starts().count());
    table.extend(starts());
    table.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_lead_back_to_bytes() {
        let source = Source::new("a.yaml", "ä b\r\nc\rd\n").unwrap();
        for at in [0, 2, 3, 6, 7, 8, 9] {
            let place = source.place(at);
            assert_eq!(source.byte(place.line, place.column), at, "{place}");
        }
        assert_eq!(source.place(8).to_string(), "a.yaml:3:1");
        assert_eq!(source.byte(99, 1), source.text.len());
    }

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let source = Source::new("a.yaml", "\u{feff}ä b\nc").unwrap();
        let show = |at| source.place(at).to_string();
        assert_eq!(show(0), "a.yaml:1:1");
        assert_eq!(show(3), "a.yaml:1:3");
        assert_eq!(show(5), "a.yaml:2:1");
        assert_eq!(show(usize::MAX), "a.yaml:2:2");
    }

    #[test]
    fn nul_and_excess_are_refused() {
        let fault = Source::new("a.yaml", "a: b\nc\0").unwrap_err();
        assert_eq!(fault.to_string(), "a.yaml:2:2: error: a rules file cannot hold a NUL character");
        let fault = Source::new("a.yaml", &"x".repeat(MAX_FILE_SIZE + 1)).unwrap_err();
        assert!(matches!(fault.problem, Problem::FileTooLarge { .. }));
    }
}
