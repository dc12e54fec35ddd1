//! Targets written down.

use std::fmt::Write;

use crate::guard::Target;

/// What stands for itself in a path, besides letters and digits.
const OF_PATHS: &[u8] = b"-._~:@,=";
/// What stands for itself in a query.
const OF_QUERIES: &[u8] = b"-._~";

/// The one spelling of a target.
pub(super) fn uri(target: &Target) -> String {
    let mut uri = String::new();
    if let Some(version) = target.version {
        add(&mut uri, format_args!("/v{version}"));
    }
    for segment in &target.segments {
        uri.push('/');
        escape(&mut uri, segment, OF_PATHS);
    }
    if uri.is_empty() {
        uri.push('/');
    }
    for (at, (name, value)) in target.query.iter().enumerate() {
        uri.push(if at == 0 { '?' } else { '&' });
        escape(&mut uri, name, OF_QUERIES);
        uri.push('=');
        escape(&mut uri, value, OF_QUERIES);
    }
    uri
}

fn escape(uri: &mut String, text: &str, plain: &[u8]) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            uri.push(char::from(byte));
        } else {
            add(uri, format_args!("%{byte:02X}"));
        }
    }
}

fn add(uri: &mut String, text: std::fmt::Arguments<'_>) {
    // A String takes whatever is written to it.
    uri.write_fmt(text).unwrap_or_default();
}
