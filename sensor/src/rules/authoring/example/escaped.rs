//! The lossless form of texts that are not UTF-8, which recorded events hold beside the readable one.

/// What a field's name begins with where its value is escaped.
pub const PREFIX: &str = "vigie.escaped.";

/// The bytes that an escaped text stands for: `\\`, `\n`, `\r`, `\t`, `\xNN` and `\u{N}` are understood. `None`
/// where something else follows a backslash.
pub fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(rest.get(..at)?.as_bytes());
        rest = escape(rest.get(at + 1..)?, &mut bytes)?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Some(bytes)
}

/// Resolves one escape, its backslash already read; gives what follows it.
fn escape<'t>(text: &'t str, bytes: &mut Vec<u8>) -> Option<&'t str> {
    let mut rest = text.chars();
    let plain = match rest.next()? {
        '\\' => b'\\',
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'x' => u8::try_from(hexadecimal(text.get(1..3)?)?).ok()?,
        'u' => {
            let (digits, rest) = text.strip_prefix("u{")?.split_once('}')?;
            let character = char::from_u32(hexadecimal(digits)?)?;
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            return Some(rest);
        }
        _ => return None,
    };
    bytes.push(plain);
    if text.starts_with('x') { text.get(3..) } else { Some(rest.as_str()) }
}

/// Digits only: the standard library takes a sign, too.
fn hexadecimal(digits: &str) -> Option<u32> {
    let all = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if all { u32::from_str_radix(digits, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::escape;

    #[test]
    fn what_alerts_escape_reads_back() {
        for bytes in
            [&b"/tmp/\xff\\n"[..], b"a\nb\tc\rd", "é\u{202e}\u{1b}".as_bytes(), b"", b"\\x41\xfe\xff"]
        {
            assert_eq!(unescape(&escape(bytes)).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn what_is_no_escape_is_refused() {
        for text in ["\\", "\\q", "\\x4", "\\xzz", "\\x+1", "\\u{110000}", "\\u{", "\\u{+41}", "\\xé"] {
            assert_eq!(unescape(text), None, "{text}");
        }
    }
}
