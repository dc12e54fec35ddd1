//! The path: a version, and the parts behind it.

use super::{MAX_SEGMENTS, TargetError, Version, decode};

/// Reads a path. `/` alone has no parts.
pub(super) fn parse(path: &str) -> Result<(Option<Version>, Vec<String>), TargetError> {
    let path = path.strip_prefix('/').ok_or(TargetError::NoPath)?;
    if path.is_empty() {
        return Ok((None, Vec::new()));
    }
    if path.split('/').nth(MAX_SEGMENTS).is_some() {
        return Err(TargetError::TooMany);
    }
    let mut segments = path.split('/').map(segment).collect::<Result<Vec<_>, _>>()?;
    let version = match segments.as_slice() {
        [first, rest @ ..] => Version::of(first, rest.first().map(String::as_str))?,
        [] => None,
    };
    if version.is_some() {
        segments.remove(0);
    }
    Ok((version, segments))
}

fn segment(text: &str) -> Result<String, TargetError> {
    let segment = decode::decode(text, false)?;
    match segment.as_str() {
        "" => Err(TargetError::Empty),
        "." | ".." => Err(TargetError::Dots),
        decoded if decoded.contains('/') => Err(TargetError::Slash),
        decoded if decoded.contains(char::is_control) => Err(TargetError::Control),
        decoded if decode::has_escape(decoded) => Err(TargetError::Twice),
        _ => Ok(segment),
    }
}
