//! A body, taken out of what frames it.

use bytes::{Buf, Bytes, BytesMut};

use super::{Length, Part, Violation};

/// Most digits of a chunk's size: up to 4 GiB.
const MAX_DIGITS: u8 = 8;

/// Where in a body the next byte is.
#[derive(Debug)]
pub(super) enum Body {
    /// So many bytes are left.
    Exactly(u64),
    /// In its chunks.
    Chunked(Chunk),
}

/// Where in its chunks the next byte is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chunk {
    /// In the size: what it is so far, and by how many digits.
    Size { size: u64, digits: u8 },
    /// The line feed behind the size.
    SizeEnd { size: u64 },
    /// In the data: so many bytes are left.
    Data { left: u64 },
    /// The line end behind the data, or its second byte.
    DataEnd { returned: bool },
    /// The empty line behind the last chunk, or its second byte.
    Last { returned: bool },
    /// Behind everything.
    Over,
}

const START: Chunk = Chunk::Size { size: 0, digits: 0 };

impl Body {
    pub(super) fn new(length: Length) -> Self {
        match length {
            Length::None => Self::Exactly(0),
            Length::Exactly(length) => Self::Exactly(length),
            Length::Chunked => Self::Chunked(START),
        }
    }

    /// The next part at the front of `buffer`, if it is there.
    pub(super) fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Part>, Violation> {
        match self {
            Self::Exactly(0) => Ok(Some(Part::End)),
            Self::Exactly(left) => Ok(take(buffer, left).map(Part::Data)),
            Self::Chunked(chunk) => chunk.next(buffer),
        }
    }
}

impl Chunk {
    fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Part>, Violation> {
        loop {
            match self {
                Self::Over => return Ok(Some(Part::End)),
                Self::Data { left: 0 } => *self = Self::DataEnd { returned: false },
                Self::Data { left } => return Ok(take(buffer, left).map(Part::Data)),
                Self::Size { .. } | Self::SizeEnd { .. } | Self::DataEnd { .. } | Self::Last { .. } => {
                    let Some(byte) = buffer.first().copied() else { return Ok(None) };
                    buffer.advance(1);
                    *self = self.frame(byte)?;
                }
            }
        }
    }

    /// What comes behind a byte that is not data.
    fn frame(self, byte: u8) -> Result<Self, Violation> {
        match (self, byte) {
            (Self::Size { size, digits: 1.. }, b'\r') => Ok(Self::SizeEnd { size }),
            (Self::Size { .. } | Self::Last { returned: false }, b'\n') => Err(Violation::BareLineFeed),
            (Self::Size { digits: 1.., .. }, b';' | b' ' | b'\t') => Err(Violation::ChunkExtension),
            (Self::Size { size, digits }, byte) => Self::digit(size, digits, byte),
            (Self::SizeEnd { size: 0 }, b'\n') => Ok(Self::Last { returned: false }),
            (Self::SizeEnd { size }, b'\n') => Ok(Self::Data { left: size }),
            (Self::DataEnd { returned: false }, b'\r') => Ok(Self::DataEnd { returned: true }),
            (Self::DataEnd { returned: true }, b'\n') => Ok(START),
            (Self::DataEnd { returned: false }, _) => Err(Violation::ChunkEnd),
            (Self::Last { returned: false }, b'\r') => Ok(Self::Last { returned: true }),
            (Self::Last { returned: true }, b'\n') => Ok(Self::Over),
            (Self::Last { returned: false }, _) => Err(Violation::Trailers),
            (Self::SizeEnd { .. } | Self::DataEnd { .. } | Self::Last { .. }, _) => {
                Err(Violation::BareCarriageReturn)
            }
            (Self::Data { .. } | Self::Over, _) => Ok(self),
        }
    }

    fn digit(size: u64, digits: u8, byte: u8) -> Result<Self, Violation> {
        match char::from(byte).to_digit(16) {
            Some(digit) if digits < MAX_DIGITS => {
                Ok(Self::Size { size: size << 4 | u64::from(digit), digits: digits + 1 })
            }
            _ => Err(Violation::ChunkSize),
        }
    }
}

/// As much of what is left as is there; `None` if nothing is.
fn take(buffer: &mut BytesMut, left: &mut u64) -> Option<Bytes> {
    let most = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
    *left -= u64::try_from(most).unwrap_or(*left);
    (most > 0).then(|| buffer.split_to(most).freeze())
}
