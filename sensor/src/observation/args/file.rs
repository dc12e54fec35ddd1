//! Arguments of calls on files.

use super::{ByType, Names, non_empty};
use crate::{
    decode::{Call, FileCall},
    rules::{EventType, EventTypes, value::Value},
};

const UNLINK: Names = &["res", "path"];
const UNLINKAT: Names = &["res", "dirfd", "name", "flags"];

pub(super) const BY_TYPE: ByType = &[
    (EventTypes::NONE.with(EventType::UNLINK).with(EventType::RMDIR), UNLINK),
    (EventTypes::NONE.with(EventType::UNLINKAT), UNLINKAT),
];

/// The argument of this name.
pub(super) fn named<'o>(_: &'o Call, asked: &'o FileCall, name: &str) -> Value<'o> {
    match (asked, name) {
        (FileCall::Remove { name, .. }, "path" | "name") => non_empty(name.path.as_bytes()),
        (FileCall::Remove { facts, .. }, "dirfd") => Value::Number(facts.dirfd.into()),
        (FileCall::Remove { facts, .. }, "flags") => Value::Number(facts.flags.into()),
        (FileCall::Remove { .. }, _) => Value::Missing,
    }
}
