//! Fields of a network that is to be made, or that a container joins or leaves.

use super::value::{label, owned, pairs, text};
use crate::guard::Json;
use crate::rules::{FieldRef, Value};

/// The value of `docker.network.NAME`.
pub(super) fn value<'v>(body: &'v Json, name: &str, field: &FieldRef) -> Value<'v> {
    match name {
        "name" => text(body.at(&["Name"]).text()),
        "driver" => text(body.at(&["Driver"]).text()),
        "options" => owned(pairs(body.at(&["Options"]))),
        "label" => label(body.at(&["Labels"]), field),
        "container" => text(body.at(&["Container"]).text()),
        _ => Value::Missing,
    }
}
