//! From values to text.

use super::Json;

/// Appends a value. Its depth is that of what was parsed, so the stack holds.
pub(super) fn value(json: &Json, out: &mut Vec<u8>) {
    match json {
        Json::Null => out.extend_from_slice(b"null"),
        Json::Bool(true) => out.extend_from_slice(b"true"),
        Json::Bool(false) => out.extend_from_slice(b"false"),
        Json::Number(digits) => out.extend_from_slice(digits.as_bytes()),
        Json::Text(string) => text(string, out),
        Json::List(elements) => {
            joined(b'[', elements, b']', out, value);
        }
        Json::Object(members) => {
            joined(b'{', members, b'}', out, |(name, member), out| {
                text(name, out);
                out.push(b':');
                value(member, out);
            });
        }
    }
}

fn joined<T>(open: u8, items: &[T], close: u8, out: &mut Vec<u8>, item: impl Fn(&T, &mut Vec<u8>)) {
    out.push(open);
    for (index, one) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        item(one, out);
    }
    out.push(close);
}

fn text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for block in text.as_bytes().chunks(BLOCK) {
        // Most blocks need no escape, and to see that is faster than to look at each byte.
        if block.iter().fold(false, |any, byte| any | needs_escape(*byte)) {
            for byte in block {
                escaped(*byte, out);
            }
        } else {
            out.extend_from_slice(block);
        }
    }
    out.push(b'"');
}

/// Bytes that are looked at together.
const BLOCK: usize = 256;

const fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn escaped(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        _ => out.push(byte),
    }
}
