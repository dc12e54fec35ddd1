//! Alerts and events as JSON: Falco's shape, one line each, with nothing in it that a terminal would act on.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::ser::Formatter;

use super::{Alert, active::is_active, text::escape, time::rfc3339};
use crate::rules::Value;

/// The alert as one line of JSON, newline included.
pub fn json_line(alert: &Alert<'_>) -> Vec<u8> {
    line(&Line {
        hostname: alert.hostname,
        output: Bytes(alert.output),
        output_fields: Fields(alert.fields),
        priority: alert.priority,
        rule: alert.rule,
        source: alert.source,
        tags: alert.tags,
        time: rfc3339(alert.time),
    })
}

/// Fields by name as one line of JSON, newline included.
pub fn fields_line<N: AsRef<str>>(fields: &[(N, Value<'_>)]) -> Vec<u8> {
    line(&Fields(fields))
}

/// Falco's members of an alert.
#[derive(Serialize)]
struct Line<'a> {
    hostname: &'a str,
    output: Bytes<'a>,
    output_fields: Fields<'a, Box<str>>,
    priority: &'a str,
    rule: &'a str,
    source: &'a str,
    tags: &'a [String],
    time: String,
}

/// Text that was bytes: what is not UTF-8 is replaced, and [`Fields`] adds the lossless form beside it.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&String::from_utf8_lossy(self.0))
    }
}

struct Fields<'a, N>(&'a [(N, Value<'a>)]);

impl<N: AsRef<str>> Serialize for Fields<'_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0 {
            map.serialize_entry(name.as_ref(), &Json(value))?;
            if let Some(escaped) = lossless(value) {
                map.serialize_entry(&format!("vigie.escaped.{}", name.as_ref()), &Json(&escaped))?;
            }
        }
        map.end()
    }
}

/// Text that is not UTF-8, with `\xNN` for each byte that is not and `\\` for a backslash; of a list in which one
/// such text is, every text.
fn lossless<'a>(value: &Value<'a>) -> Option<Value<'a>> {
    let escaped = |text: &[u8]| Value::Text(Cow::Owned(escape(text).into_bytes()));
    match value {
        Value::Text(text) => std::str::from_utf8(text).is_err().then(|| escaped(text)),
        Value::List(items) if items.iter().any(|item| lossless(item).is_some()) => {
            let each = |item: &Value<'a>| match item {
                Value::Text(text) => escaped(text),
                Value::Missing
                | Value::Pending
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Decimal(_)
                | Value::Ip(_)
                | Value::List(_) => item.clone(),
            };
            Some(Value::List(items.iter().map(each).collect()))
        }
        Value::List(_)
        | Value::Missing
        | Value::Pending
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Decimal(_)
        | Value::Ip(_) => None,
    }
}

struct Json<'a>(&'a Value<'a>);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Missing | Value::Pending => serializer.serialize_none(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(value) => serializer.serialize_i64(*value),
            Value::Decimal(value) => serializer.serialize_f64(value.to_string().parse().unwrap_or_default()),
            Value::Text(text) => Bytes(text).serialize(serializer),
            Value::Ip(address) => serializer.collect_str(address),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&Json(item)))?;
                list.end()
            }
        }
    }
}

/// A value as one line of JSON, newline included.
pub(crate) fn line(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Quiet);
    if let Err(error) = value.serialize(&mut serializer) {
        // Nothing above fails, and a vector takes whatever it is given.
        tracing::error!("a line of JSON could not be written: {error}");
    }
    bytes.push(b'\n');
    bytes
}

/// JSON in which every character that a terminal might act on is written as its number: the second set of
/// control characters, and those that turn the direction of writing. The first set always is.
struct Quiet;

impl Formatter for Quiet {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_active) {
            let (quiet, from) = rest.split_at(at);
            writer.write_all(quiet.as_bytes())?;
            let mut chars = from.chars();
            if let Some(active) = chars.next() {
                write!(writer, "\\u{:04x}", u32::from(active))?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Value<'_> {
        Value::Text(Cow::Borrowed(bytes))
    }

    fn parsed(fields: &[(&str, Value<'_>)]) -> serde_json::Value {
        let line = fields_line(fields);
        assert_eq!(memchr::memchr_iter(b'\n', &line).count(), 1);
        serde_json::from_slice(&line).unwrap()
    }

    #[test]
    fn hostile_text_is_one_quiet_line_that_reads_back() {
        let name = "a\n\u{1b}[2J\u{9b}2J\u{202e}\"\\é\0";
        let fields = [("fd.name", text(name.as_bytes()))];
        let line = fields_line(&fields);
        assert!(!String::from_utf8(line).unwrap().trim_end().contains(is_active));
        assert_eq!(parsed(&fields)["fd.name"], name);
    }

    #[test]
    fn bytes_that_are_no_text_come_with_a_lossless_form() {
        let json = parsed(&[("fd.name", text(b"/tmp/\xff\\n"))]);
        assert_eq!(json["fd.name"], "/tmp/\u{fffd}\\n");
        assert_eq!(json["vigie.escaped.fd.name"], "/tmp/\\xff\\\\n");
        let json = parsed(&[("argv", Value::List(vec![text(b"a\\"), text(b"\xfe")]))]);
        assert_eq!(json["vigie.escaped.argv"].to_string(), r#"["a\\\\","\\xfe"]"#);
    }

    #[test]
    fn values_keep_their_types() {
        let list = Value::List(vec![Value::Number(1), text(b"x")]);
        let json = parsed(&[("a", Value::Bool(true)), ("b", Value::Missing), ("c", list)]);
        assert_eq!(json.to_string(), r#"{"a":true,"b":null,"c":[1,"x"]}"#);
    }
}
