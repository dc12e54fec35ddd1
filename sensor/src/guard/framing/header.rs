//! Headers, line by line.

use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::Violation;

/// Headers of which one request has one at most: what frames it, and what the engine reads from it.
const SINGLE: [&str; 12] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "expect",
    "content-type",
    "content-encoding",
    "user-agent",
    "accept",
    "x-registry-auth",
    "x-registry-config",
];

/// Reads the lines of all headers; empty lines are none.
pub(super) fn all(lines: &[u8]) -> Result<HeaderMap, Violation> {
    let mut headers = HeaderMap::new();
    let lines = lines.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = one(line)?;
        if let Some(single) = SINGLE.iter().find(|single| name == **single)
            && headers.contains_key(&name)
        {
            return Err(Violation::Repeated(single));
        }
        headers.append(name, value);
    }
    Ok(headers)
}

fn one(line: &[u8]) -> Result<(HeaderName, HeaderValue), Violation> {
    let colon = line.iter().position(|byte| *byte == b':').ok_or(Violation::HeaderName)?;
    let (name, value) = (line.get(..colon).unwrap_or_default(), line.get(colon + 1..).unwrap_or_default());
    if !name.iter().all(|byte| is_of_token(*byte)) {
        return Err(Violation::HeaderName);
    }
    let name = HeaderName::from_bytes(name).ok().ok_or(Violation::HeaderName)?;
    let value = HeaderValue::from_bytes(trim(value)).ok().ok_or(Violation::Control)?;
    Ok((name, value))
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Without the spaces and tabs around it, and without any other character that is a space to somebody.
fn trim(value: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let Some(start) = value.iter().position(|byte| !is_space(byte)) else { return &[] };
    let end = value.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    value.get(start..end).unwrap_or_default()
}
