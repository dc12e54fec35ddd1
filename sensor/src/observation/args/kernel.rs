//! Arguments of calls on the kernel.

use super::{ByType, Names, number};
use crate::{
    decode::{Call, KernelCall},
    rules::{EventType, EventTypes, value::Value},
};

const SETNS: Names = &["res", "fd", "nstype"];

pub(super) const BY_TYPE: ByType = &[(EventTypes::NONE.with(EventType::SETNS), SETNS)];

/// The argument of this name.
pub(super) fn named<'o>(_: &'o Call, asked: &'o KernelCall, name: &str) -> Value<'o> {
    match (asked, name) {
        (KernelCall::Setns(facts), "fd") => Value::Number(facts.fd.into()),
        (KernelCall::Setns(facts), "nstype") => number(facts.nstype),
        (KernelCall::Setns(_), _) => Value::Missing,
    }
}
