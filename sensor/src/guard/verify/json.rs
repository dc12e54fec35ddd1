//! Looking into JSON where whatever is missing is nothing.

use crate::guard::Json;

/// What is not there.
static NULL: Json = Json::Null;

/// The member of this name; `null` where there is none.
pub(super) fn at<'j>(json: &'j Json, name: &str) -> &'j Json {
    members(json).iter().find(|(known, _)| known == name).map_or(&NULL, |(_, value)| value)
}

/// The members of an object.
pub(super) fn members(json: &Json) -> &[(String, Json)] {
    if let Json::Object(members) = json { members } else { &[] }
}

/// The elements of a list.
pub(super) fn elements(json: &Json) -> &[Json] {
    if let Json::List(elements) = json { elements } else { &[] }
}

/// A text; empty for anything else.
pub(super) fn text(json: &Json) -> &str {
    if let Json::Text(text) = json { text } else { "" }
}

/// The texts of a list.
pub(super) fn texts(json: &Json) -> impl Iterator<Item = &str> {
    elements(json).iter().map(text)
}

/// Whether it is `true`.
pub(super) fn is_true(json: &Json) -> bool {
    *json == Json::Bool(true)
}
