//! Alerts for a terminal, where nothing a monitored program wrote may act on it.

use super::{Alert, active::is_active, time::rfc3339};

/// The alert as Falco prints it, `TIME: PRIORITY OUTPUT`, escaped, newline included.
pub fn text_line(alert: &Alert<'_>) -> Vec<u8> {
    let mut line = rfc3339(alert.time);
    line.push_str(": ");
    line.push_str(alert.priority);
    line.push(' ');
    line.push_str(&escape_with(alert.output, Backslash::Keep));
    line.push('\n');
    line.into_bytes()
}

/// Bytes as text from which they can be told again: `\\` for a backslash, `\xNN` for what is not UTF-8, and the
/// usual escapes or `\u{N}` for what a terminal may act on.
pub fn escape(bytes: &[u8]) -> String {
    escape_with(bytes, Backslash::Double)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Backslash {
    Double,
    Keep,
}

fn escape_with(bytes: &[u8], backslash: Backslash) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' if backslash == Backslash::Double => text.push_str("\\\\"),
                '\n' | '\t' | '\r' => text.extend(character.escape_default()),
                active if is_active(active) => text.extend(active.escape_unicode()),
                quiet => text.push(quiet),
            }
        }
        for byte in chunk.invalid() {
            text.push_str("\\x");
            text.extend(
                [byte >> 4, byte & 0xf].iter().filter_map(|digit| char::from_digit((*digit).into(), 16)),
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_active_is_left() {
        let alert = Alert {
            time: 0,
            rule: "r",
            priority: "Warning",
            source: "syscall",
            hostname: "h",
            output: b"file=a\nb\x1b[2J\xff \xe2\x80\xae",
            tags: &[],
            fields: &[],
        };
        let line = String::from_utf8(text_line(&alert)).unwrap();
        assert_eq!(line, "1970-01-01T00:00:00.000000000Z: Warning file=a\\nb\\u{1b}[2J\\xff \\u{202e}\n");
    }

    #[test]
    fn escaped_bytes_differ_whenever_the_bytes_do() {
        assert_eq!(escape(b"\\xff"), "\\\\xff");
        assert_eq!(escape(b"\xff"), "\\xff");
        assert_eq!(escape("é".as_bytes()), "é");
    }
}
