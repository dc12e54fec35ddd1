//! Path and query of a request, brought into their only spelling.
//!
//! What is judged is what is forwarded: the target is decoded once, judged, and written anew from what was judged. A
//! spelling that somebody might decode in another way is refused.

mod decode;
mod path;
mod query;
mod version;
mod write;

use super::Target;
pub use version::Version;

/// Most parts of a path.
const MAX_SEGMENTS: usize = 64;
/// Most names in a query.
const MAX_NAMES: usize = 1024;

/// Why a target is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It does not begin with a slash.
    #[error("the target is not a path")]
    NoPath,
    /// A character that has to be escaped in a target.
    #[error("the target has a character in it that must be escaped")]
    Character,
    /// `%` without two hexadecimal digits behind it.
    #[error("the target has a broken percent escape")]
    Escape,
    /// An escaped slash, which is a part of a name to some and ends it to others.
    #[error("the path has an escaped slash")]
    Slash,
    /// Two slashes without anything between them, or one at the end.
    #[error("the path has an empty part")]
    Empty,
    /// `.` or `..`, in any spelling.
    #[error("the path has a part `.` or `..`")]
    Dots,
    /// An escape is left after the path was decoded.
    #[error("the path is escaped twice")]
    Twice,
    /// A control character in the path, or NUL in the query.
    #[error("the target has a control character")]
    Control,
    /// What the escapes stand for is not text.
    #[error("the target is not UTF-8")]
    Encoding,
    /// `/v` with digits and dots behind it that are not a version.
    #[error("the version of the API is not two numbers, as in /v1.41, or three, as in /v4.3.1/libpod")]
    Version,
    /// A semicolon, which is a separator to some and not to others.
    #[error("the query has a semicolon")]
    Semicolon,
    /// A value without a name.
    #[error("the query has a value without a name")]
    NoName,
    /// More than [`MAX_SEGMENTS`] or [`MAX_NAMES`].
    #[error("the target has too many parts")]
    TooMany,
}

impl Target {
    /// Reads a target as it stands in a request line.
    pub fn parse(target: &str) -> Result<Self, TargetError> {
        if !target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err(TargetError::Character);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (version, segments) = path::parse(path)?;
        Ok(Self { version, segments, query: query::parse(query)? })
    }

    /// Writes it in its only spelling: [`Target::parse`] reads from that the same again.
    pub fn to_uri(&self) -> String {
        write::uri(self)
    }
}

#[cfg(test)]
mod tests;
