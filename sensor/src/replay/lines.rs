//! Lines of bounded length.

use std::io::{self, BufRead};

/// Longest line, in bytes; an event with the longest arguments that the sensor keeps is far shorter.
pub(super) const LONGEST: usize = 1 << 20;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'l> {
    /// Nothing but blanks.
    Blank,
    /// Its text.
    Text(&'l [u8]),
    /// It is longer than [`LONGEST`], and was passed over.
    TooLong,
}

/// Reads lines into one buffer.
#[derive(Debug)]
pub(super) struct Lines<R> {
    from: R,
    buffer: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from, buffer: Vec::new(), number: 0 }
    }

    /// Number of the line that was read last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line, without its end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let mut too_long = false;
        loop {
            let available = self.from.fill_buf()?;
            if available.is_empty() {
                if self.buffer.is_empty() && !too_long {
                    return Ok(None);
                }
                break;
            }
            let end = memchr::memchr(b'\n', available);
            let part = available.get(..end.unwrap_or(available.len())).unwrap_or_default();
            too_long = too_long || self.buffer.len() + part.len() > LONGEST;
            if !too_long {
                self.buffer.extend_from_slice(part);
            }
            let taken = part.len() + usize::from(end.is_some());
            self.from.consume(taken);
            if end.is_some() {
                break;
            }
        }
        self.number += 1;
        let text = self.buffer.trim_ascii();
        Ok(Some(match text {
            _ if too_long => Line::TooLong,
            [] => Line::Blank,
            text => Line::Text(text),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_and_the_last_needs_no_end() {
        let mut lines = Lines::new(io::BufReader::with_capacity(3, &b"{\"a\":1}\r\n\n  \n{}"[..]));
        assert_eq!(lines.next().unwrap(), Some(Line::Text(b"{\"a\":1}")));
        assert_eq!(lines.next().unwrap(), Some(Line::Blank));
        assert_eq!(lines.next().unwrap(), Some(Line::Blank));
        assert_eq!(lines.next().unwrap(), Some(Line::Text(b"{}")));
        assert_eq!((lines.number(), lines.next().unwrap()), (4, None));
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let text = [vec![b'x'; LONGEST + 1], b"\n{}\n".to_vec(), vec![b'y'; LONGEST]].concat();
        let mut lines = Lines::new(&*text);
        assert_eq!(lines.next().unwrap(), Some(Line::TooLong));
        assert!(lines.buffer.capacity() <= LONGEST);
        assert_eq!(lines.next().unwrap(), Some(Line::Text(b"{}")));
        assert!(matches!(lines.next().unwrap(), Some(Line::Text(text)) if text.len() == LONGEST));
    }
}
