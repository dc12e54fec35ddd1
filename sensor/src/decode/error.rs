//! Why a record could not be understood, each reason with the name it is counted under.

use thiserror::Error;

/// A record that is not an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The record ends before its header or its payload does.
    #[error("a record of {len} bytes is shorter than the {needed} its kind needs")]
    Short {
        /// Length of the record, in bytes.
        len: usize,
        /// Least length of a record of its kind.
        needed: usize,
    },
    /// No kind has this id.
    #[error("no event kind has the id {0:#06x}")]
    UnknownKind(u16),
    /// The header promises a longer tail than there is.
    #[error("a tail of {tail_len} bytes is announced, {available} are there")]
    BadTail {
        /// What the header says.
        tail_len: u32,
        /// Bytes behind the payload.
        available: usize,
    },
    /// A slice points outside of the tail.
    #[error("the slice of `{0}` points outside of the tail")]
    BadSlice(&'static str),
}

impl DecodeError {
    /// The counter names, in a fixed order.
    pub const NAMES: [&'static str; 4] = ["short", "unknown_kind", "bad_tail", "bad_slice"];

    /// The name it is counted under.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Short { len: _, needed: _ } => "short",
            Self::UnknownKind(_) => "unknown_kind",
            Self::BadTail { tail_len: _, available: _ } => "bad_tail",
            Self::BadSlice(_) => "bad_slice",
        }
    }
}
