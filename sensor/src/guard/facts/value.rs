//! From JSON to the values of fields. What is empty is missing, but for lists, which are empty then.

use crate::guard::Json;
use crate::rules::{FieldArgument, FieldRef, Value};

/// A text; an empty one is missing.
pub(super) fn text(text: &str) -> Value<'_> {
    if text.is_empty() { Value::Missing } else { Value::from(text) }
}

/// A truth value; false if there is none.
pub(super) fn flag(json: &Json) -> Value<'_> {
    Value::Bool(json.is_truthy())
}

/// A whole number; zero is none.
pub(super) fn number(json: &Json) -> Value<'_> {
    json.as_i64().filter(|number| *number != 0).map_or(Value::Missing, Value::Number)
}

/// A list of texts.
pub(super) fn texts(json: &Json) -> Value<'_> {
    list(json.texts())
}

/// A list of these texts.
pub(super) fn list<'v>(texts: impl IntoIterator<Item = &'v str>) -> Value<'v> {
    Value::List(texts.into_iter().map(Value::from).collect())
}

/// A list of texts that are made.
pub(super) fn owned(texts: impl IntoIterator<Item = String>) -> Value<'static> {
    Value::List(texts.into_iter().map(|text| Value::Text(text.into_bytes().into())).collect())
}

/// A list of texts that are kept.
pub(super) fn borrowed(texts: &[String]) -> Value<'_> {
    list(texts.iter().map(String::as_str))
}

/// The texts of a list, separated by blanks.
pub(super) fn joined(json: &Json) -> Value<'static> {
    let joined = json.texts().collect::<Vec<_>>().join(" ");
    if joined.is_empty() { Value::Missing } else { Value::Text(joined.into_bytes().into()) }
}

/// The names in a list of `name=value`.
pub(super) fn names_of(json: &Json) -> Value<'_> {
    list(json.texts().map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name)))
}

/// The members of a map, each as `key=value`.
pub(super) fn pairs(json: &Json) -> impl Iterator<Item = String> {
    json.members().iter().map(|(key, value)| format!("{key}={}", value.text()))
}

/// The names of a map.
pub(super) fn keys(json: &Json) -> impl Iterator<Item = &str> {
    json.members().iter().map(|(key, _)| &**key)
}

/// The label that a field asks for.
pub(super) fn label<'v>(labels: &'v Json, field: &FieldRef) -> Value<'v> {
    labels.get(key(field)).and_then(Json::as_text).map_or(Value::Missing, Value::from)
}

/// The key in the brackets of a field.
pub(super) fn key(field: &FieldRef) -> &str {
    if let Some(FieldArgument::Key(key)) = &field.argument { key } else { "" }
}
