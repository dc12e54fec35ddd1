//! JSON as the engine's decoder reads it: of a body there must be one reading only, and that one is written anew.
//!
//! The parser takes RFC 8259 and nothing else: no byte order mark, no comments, nothing behind the value. What decoders
//! are known to read in different ways is refused, not repaired: bytes that are not UTF-8, half a surrogate pair, and a
//! member that is named twice.

pub mod fold;
mod parse;
mod write;

use bytes::Bytes;
use bytestring::ByteString;

pub use parse::{JsonError, JsonFault, MAX_DEPTH, MAX_VALUES};

/// A value. Objects keep their members in the order they were written in; numbers keep their digits. Texts without an
/// escape are parts of what was read, and keep it in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(ByteString),
    /// A text.
    Text(ByteString),
    /// A list.
    List(Vec<Self>),
    /// An object; no name occurs twice.
    Object(Vec<(ByteString, Self)>),
}

/// What is not there.
static NULL: Json = Json::Null;

impl Json {
    /// Reads a whole text.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        Self::parse_shared(Bytes::copy_from_slice(bytes))
    }

    /// Reads a whole text, without a copy of it.
    pub fn parse_shared(bytes: Bytes) -> Result<Self, JsonError> {
        parse::parse(bytes)
    }

    /// Writes the value in its only spelling: no blanks, and escapes only where there have to be some.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_of(0)
    }

    /// The same, into room for so many bytes, which is made at once.
    pub fn to_bytes_of(&self, size: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(size);
        write::value(self, &mut out);
        out
    }

    /// The member of this name, of an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// What a path of names leads to; `null` where it leads nowhere.
    pub fn at(&self, path: &[&str]) -> &Self {
        path.iter().try_fold(self, |value, name| value.get(name)).unwrap_or(&NULL)
    }

    /// The members of an object; of anything else none.
    pub fn members(&self) -> &[(ByteString, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// The elements of a list; of anything else none.
    pub fn elements(&self) -> &[Self] {
        if let Self::List(elements) = self { elements } else { &[] }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The text, and an empty one for anything else: what Go makes of `null` and of what is missing.
    pub fn text(&self) -> &str {
        self.as_text().unwrap_or_default()
    }

    /// The texts of a list.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.elements().iter().map(Self::text)
    }

    /// The whole number, if it is one of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        if let Self::Number(digits) = self { digits.parse().ok() } else { None }
    }

    /// Whether it is `true`.
    pub fn is_true(&self) -> bool {
        *self == Self::Bool(true)
    }

    /// Whether it asks for anything: false for `null`, `false`, zero, and whatever is empty. Clients send all of these
    /// for what they leave alone.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(truth) => *truth,
            Self::Number(digits) => !is_zero(digits),
            Self::Text(text) => !text.is_empty(),
            Self::List(elements) => !elements.is_empty(),
            Self::Object(members) => !members.is_empty(),
        }
    }

    /// What kind of value it is, for messages.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a truth value",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

/// Whether a number is zero, in any of its spellings.
fn is_zero(digits: &str) -> bool {
    let mantissa = digits.split(['e', 'E']).next().unwrap_or_default();
    mantissa.bytes().all(|byte| matches!(byte, b'0' | b'.' | b'-'))
}

#[cfg(test)]
#[path = "json/tests.rs"]
mod tests;
