//! Percent escapes.

use super::TargetError;

/// Text with each escape replaced by what it stands for, once. Where `plus` says so, `+` is a space.
pub(super) fn decode(text: &str, plus: bool) -> Result<String, TargetError> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => digit(bytes.next())? << 4 | digit(bytes.next())?,
            b'+' if plus => b' ',
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok().ok_or(TargetError::Encoding)
}

/// Whether there is something in a text that would be decoded.
pub(super) fn has_escape(text: &str) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit();
    text.as_bytes().windows(3).any(|window| match window {
        [b'%', digits @ ..] => digits.iter().all(is_digit),
        _ => false,
    })
}

fn digit(byte: Option<u8>) -> Result<u8, TargetError> {
    match byte {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        _ => Err(TargetError::Escape),
    }
}
