//! Fields of a volume that is to be made.

use super::value::{label, owned, pairs, text};
use crate::guard::Json;
use crate::rules::{FieldRef, Value};

/// The value of `docker.volume.NAME`.
pub(super) fn value<'v>(body: &'v Json, name: &str, field: &FieldRef) -> Value<'v> {
    match name {
        "name" => text(body.at(&["Name"]).text()),
        "driver" => text(body.at(&["Driver"]).text()),
        "options" => owned(pairs(body.at(&["DriverOpts"]))),
        "label" => label(body.at(&["Labels"]), field),
        _ => Value::Missing,
    }
}
