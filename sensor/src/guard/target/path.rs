//! The path: a version, and the parts behind it.

use super::{MAX_SEGMENTS, TargetError, decode};

/// A version of the engine's API.
type Version = (u16, u16);

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
    let version = segments.first().map_or(Ok(None), |first| version(first))?;
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

/// The engine takes any `v` with digits and dots behind it for a version, and so nothing like it may be a name.
fn version(segment: &str) -> Result<Option<Version>, TargetError> {
    let like_one =
        |text: &&str| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
    let Some(numbers) = segment.strip_prefix('v').filter(like_one) else { return Ok(None) };
    let (major, minor) = numbers.split_once('.').ok_or(TargetError::Version)?;
    Ok(Some((number(major)?, number(minor)?)))
}

fn number(digits: &str) -> Result<u16, TargetError> {
    let proper = digits == "0" || !digits.starts_with('0');
    proper.then(|| digits.parse().ok()).flatten().ok_or(TargetError::Version)
}
