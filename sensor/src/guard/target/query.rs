//! The query, as Go's `net/url` reads it.

use super::{MAX_NAMES, TargetError, decode};

/// Reads a query: names and values in their order, of each name perhaps several.
pub(super) fn parse(query: &str) -> Result<Vec<(String, String)>, TargetError> {
    if query.contains(';') {
        return Err(TargetError::Semicolon);
    }
    // Go skips what is empty between two ampersands.
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let read = pairs.take(MAX_NAMES + 1).map(pair).collect::<Result<Vec<_>, _>>()?;
    if read.len() > MAX_NAMES { Err(TargetError::TooMany) } else { Ok(read) }
}

fn pair(pair: &str) -> Result<(String, String), TargetError> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let (name, value) = (decode::decode(name, true)?, decode::decode(value, true)?);
    match (name.as_str(), value.as_str()) {
        ("", _) => Err(TargetError::NoName),
        (name, value) if name.contains('\0') || value.contains('\0') => Err(TargetError::Control),
        _ => Ok((name, value)),
    }
}
