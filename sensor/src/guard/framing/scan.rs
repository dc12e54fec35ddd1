//! The end of a head, looked for byte by byte, so that what cannot be one is refused as soon as it is seen.

use super::{MAX_HEAD, MAX_HEADERS, MAX_TARGET, Violation};

/// Longest request line: the target, a method and a version.
const MAX_LINE: usize = MAX_TARGET + 32;

/// How far a head was looked at.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// Bytes that were.
    at: usize,
    /// Lines that ended.
    lines: usize,
    /// Bytes of the line that has not.
    in_line: usize,
    /// The last byte was a carriage return.
    returned: bool,
}

impl Scan {
    /// Whether nothing was seen yet.
    pub(super) fn is_at_start(&self) -> bool {
        self.at == 0
    }

    /// Goes on in `bytes`, which begin with the head: the head's length, once its end is there.
    pub(super) fn scan(&mut self, bytes: &[u8]) -> Result<Option<usize>, Violation> {
        for byte in bytes.get(self.at..).unwrap_or_default() {
            if self.at >= MAX_HEAD {
                return Err(Violation::HeadTooLong);
            }
            self.at += 1;
            if self.returned {
                if self.end_line(*byte)? {
                    return Ok(Some(self.at));
                }
            } else {
                self.in_line(*byte)?;
            }
        }
        Ok(None)
    }

    /// The byte behind a carriage return. Whether the head is over.
    fn end_line(&mut self, byte: u8) -> Result<bool, Violation> {
        if byte != b'\n' {
            return Err(Violation::BareCarriageReturn);
        }
        self.returned = false;
        if self.in_line == 0 {
            return if self.lines == 0 { Err(Violation::RequestLine) } else { Ok(true) };
        }
        (self.lines, self.in_line) = (self.lines + 1, 0);
        if self.lines > MAX_HEADERS + 1 { Err(Violation::TooManyHeaders) } else { Ok(false) }
    }

    fn in_line(&mut self, byte: u8) -> Result<(), Violation> {
        match byte {
            b'\r' => {
                self.returned = true;
                return Ok(());
            }
            b'\n' => return Err(Violation::BareLineFeed),
            b' ' | b'\t' if self.in_line == 0 && self.lines > 0 => return Err(Violation::Folding),
            byte if !byte.is_ascii_uppercase() && self.in_line == 0 && self.lines == 0 => {
                return Err(Violation::Method);
            }
            b'\t' => {}
            byte if byte.is_ascii_control() => return Err(Violation::Control),
            _ => {}
        }
        self.in_line += 1;
        if self.lines == 0 && self.in_line > MAX_LINE { Err(Violation::TargetTooLong) } else { Ok(()) }
    }
}
