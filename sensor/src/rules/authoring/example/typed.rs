//! From texts, and from JSON, to values of a field's type.

use std::borrow::Cow;

use super::escaped::unescape;
use crate::rules::decimal::Decimal;
use crate::rules::field::{Argument, FieldRef};
use crate::rules::literal;
use crate::rules::problem::Problem;
use crate::rules::value::{Type, Value};
use crate::rules::yaml::excerpt;

/// The value that a text stands for in a field.
pub fn from_text(field: &FieldRef, text: &str) -> Result<Value<'static>, Problem> {
    let value = match field.field.kind.of {
        Type::Bool => match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Number | Type::Port => literal::number(text.as_bytes()).map(Value::Number),
        Type::Decimal => Decimal::parse(text.as_bytes()).map(Value::Decimal),
        Type::Text | Type::Bytes => Some(Value::Text(Cow::Owned(text.as_bytes().to_vec()))),
        Type::Ip | Type::Net => text.parse().ok().map(Value::Ip),
    };
    value.ok_or_else(|| mismatch(field, text))
}

/// As [`from_text`], for a text in which bytes that are no characters are escaped.
pub fn from_escaped(field: &FieldRef, text: &str) -> Result<Value<'static>, Problem> {
    match (unescape(text), field.field.kind.of) {
        (Some(bytes), Type::Text | Type::Bytes) => Ok(Value::Text(bytes.into())),
        (Some(_) | None, _) => Err(mismatch(field, text)),
    }
}

/// The value that a JSON value stands for in a field; `escaped` says that its texts are.
pub fn from_json(
    field: &FieldRef,
    json: &serde_json::Value,
    escaped: bool,
) -> Result<Value<'static>, Problem> {
    match json {
        serde_json::Value::Null => Ok(Value::Missing),
        serde_json::Value::Bool(truth) => Ok(Value::Bool(*truth)),
        serde_json::Value::Number(number) => from_json_number(field, number),
        serde_json::Value::String(text) if escaped => from_escaped(field, text),
        serde_json::Value::String(text) => from_text(field, text),
        serde_json::Value::Array(elements) => elements
            .iter()
            .map(|element| from_json(field, element, escaped))
            .collect::<Result<_, _>>()
            .map(Value::List),
        serde_json::Value::Object(_) => Err(mismatch(field, "an object")),
    }
}

fn from_json_number(field: &FieldRef, number: &serde_json::Number) -> Result<Value<'static>, Problem> {
    let is_text = matches!(field.field.kind.of, Type::Text | Type::Bytes);
    match number.as_i64() {
        // As a rule sees it, an argument of an event is a text.
        Some(number) if is_text && field.field.argument == Argument::RequiredKey => {
            Ok(Value::Text(number.to_string().into_bytes().into()))
        }
        Some(_) | None if is_text => Err(mismatch(field, &number.to_string())),
        Some(number) if field.field.kind.of == Type::Number => Ok(Value::Number(number)),
        Some(_) | None => from_text(field, &number.to_string()),
    }
}

/// Whether a field can have a list: because it is one, or because it stands for several things at once.
pub fn takes_list(field: &FieldRef) -> bool {
    let several = field.field.kind.ends;
    let indexed = field.field.argument == Argument::OptionalIndex && field.argument.is_none();
    field.field.kind.list || several || indexed
}

/// The error for a value that a field cannot have.
pub fn mismatch(field: &FieldRef, found: &str) -> Problem {
    let kind = field.field.kind;
    let expected = match kind.of {
        _ if kind.list => "a list",
        Type::Bool => "`true` or `false`",
        Type::Number | Type::Port => "a whole number of 64 bits",
        Type::Decimal => "a number",
        Type::Text | Type::Bytes => "a text",
        Type::Ip | Type::Net => "an IP address",
    };
    Problem::ValueType { field: field.to_string(), kind: kind.name(), expected, found: excerpt(found) }
}

/// A value for messages.
pub fn shown(value: &Value<'_>) -> String {
    let mut bytes = Vec::new();
    value.print(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
