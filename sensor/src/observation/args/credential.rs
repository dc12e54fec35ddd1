//! Arguments of calls on credentials.

use super::{ByType, Names, number};
use crate::{
    decode::{Call, CredentialCall},
    rules::{EventType, EventTypes, value::Value},
};

const SETUID: Names = &["res", "uid"];
const SETGID: Names = &["res", "gid"];

pub(super) const BY_TYPE: ByType =
    &[(EventTypes::NONE.with(EventType::SETUID), SETUID), (EventTypes::NONE.with(EventType::SETGID), SETGID)];

/// The argument of this name.
pub(super) fn named<'o>(_: &'o Call, asked: &'o CredentialCall, name: &str) -> Value<'o> {
    match (asked, name) {
        (CredentialCall::Setid(facts), "uid" | "gid") => {
            let [first, ..] = facts.ids;
            number(first)
        }
        (CredentialCall::Setid(_), _) => Value::Missing,
    }
}
