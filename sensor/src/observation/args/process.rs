//! Arguments of calls on processes.

use super::{ByType, Names, number};
use crate::{
    decode::{Call, ProcessCall},
    rules::{EventType, EventTypes, value::Value},
};

const KILL: Names = &["pid", "sig", "res"];
const TKILL: Names = &["tid", "sig", "res"];
const TGKILL: Names = &["pid", "tid", "sig", "res"];

pub(super) const BY_TYPE: ByType = &[
    (EventTypes::NONE.with(EventType::KILL), KILL),
    (EventTypes::NONE.with(EventType::TKILL), TKILL),
    (EventTypes::NONE.with(EventType::TGKILL), TGKILL),
];

/// The argument of this name.
pub(super) fn named<'o>(_: &'o Call, asked: &'o ProcessCall, name: &str) -> Value<'o> {
    match (asked, name) {
        (ProcessCall::Kill(facts), "pid") => Value::Number(facts.pid.into()),
        (ProcessCall::Kill(facts), "tid") => Value::Number(facts.tid.into()),
        (ProcessCall::Kill(facts), "sig") => number(facts.signal),
        (ProcessCall::Kill(_), _) => Value::Missing,
    }
}
