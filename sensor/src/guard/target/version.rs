//! The version of the API, which may stand before a path.

use std::fmt;

use super::TargetError;

/// A version of the engine's API: `1.41`; of Podman's own, `4.3.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The first number.
    pub major: u16,
    /// The second one.
    pub minor: u16,
    /// The third one, which Podman's own endpoints have.
    pub patch: Option<u16>,
}

impl From<(u16, u16)> for Version {
    fn from((major, minor): (u16, u16)) -> Self {
        Self { major, minor, patch: None }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor, patch } = self;
        write!(f, "{major}.{minor}")?;
        patch.map_or(Ok(()), |patch| write!(f, ".{patch}"))
    }
}

impl Version {
    /// Reads the first part of a path, if it is a version; `next` is the part behind it. The engine takes any `v` with
    /// digits and dots behind it for a version, and so nothing like it may be a name.
    pub(super) fn of(segment: &str, next: Option<&str>) -> Result<Option<Self>, TargetError> {
        let like_one =
            |text: &&str| !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.'));
        let Some(numbers) = segment.strip_prefix('v').filter(like_one) else { return Ok(None) };
        let numbers = numbers.split('.').map(number).collect::<Result<Vec<_>, _>>()?;
        match *numbers.as_slice() {
            [major, minor] => Ok(Some(Self { major, minor, patch: None })),
            [major, minor, patch] if next == Some("libpod") => {
                Ok(Some(Self { major, minor, patch: Some(patch) }))
            }
            _ => Err(TargetError::Version),
        }
    }
}

fn number(digits: &str) -> Result<u16, TargetError> {
    let proper = digits == "0" || !digits.starts_with('0');
    proper.then(|| digits.parse().ok()).flatten().ok_or(TargetError::Version)
}
