//! Arguments of calls on sockets.

use super::{ByType, Names, number};
use crate::{
    decode::{Call, NetworkCall},
    rules::{EventType, EventTypes, value::Value},
};

const SOCKET: Names = &["fd", "domain", "type", "proto"];

pub(super) const BY_TYPE: ByType = &[(EventTypes::NONE.with(EventType::SOCKET), SOCKET)];

/// The argument of this name.
pub(super) fn named<'o>(call: &'o Call, asked: &'o NetworkCall, name: &str) -> Value<'o> {
    match (asked, name) {
        (NetworkCall::Socket(_), "fd") => Value::Number(call.result),
        (NetworkCall::Socket(facts), "domain") => number(facts.family),
        (NetworkCall::Socket(facts), "type") => number(facts.kind),
        (NetworkCall::Socket(facts), "proto") => number(facts.protocol),
        (NetworkCall::Socket(_), _) => Value::Missing,
    }
}
