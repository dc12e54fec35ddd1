//! Arguments of calls on credentials.

use sensor_common::event::credential::{Credentials, NO_ID};

use super::{ByType, Names, number, owned};
use crate::{
    decode::{Call, CredentialCall},
    rules::{EventType, EventTypes, value::Value},
};

const UID: Names = &["res", "uid"];
const GID: Names = &["res", "gid"];
const REUID: Names = &["res", "ruid", "euid"];
const REGID: Names = &["res", "rgid", "egid"];
const RESUID: Names = &["res", "ruid", "euid", "suid"];
const RESGID: Names = &["res", "rgid", "egid", "sgid"];
const SETGROUPS: Names = &["res", "gidsetsize", "grouplist"];
const CAPSET: Names = &["res", "cap_inheritable", "cap_permitted", "cap_effective"];
const COMMIT: Names = &["uid", "euid", "old_uid", "old_euid", "gained"];

pub(super) const BY_TYPE: ByType = &[
    (EventTypes::NONE.with(EventType::SETUID).with(EventType::SETFSUID), UID),
    (EventTypes::NONE.with(EventType::SETGID).with(EventType::SETFSGID), GID),
    (EventTypes::NONE.with(EventType::SETREUID), REUID),
    (EventTypes::NONE.with(EventType::SETREGID), REGID),
    (EventTypes::NONE.with(EventType::SETRESUID), RESUID),
    (EventTypes::NONE.with(EventType::SETRESGID), RESGID),
    (EventTypes::NONE.with(EventType::SETGROUPS), SETGROUPS),
    (EventTypes::NONE.with(EventType::CAPSET), CAPSET),
    (EventTypes::NONE.with(EventType::COMMIT_CREDS), COMMIT),
];

/// The argument of this name.
pub(super) fn named<'o>(_: &'o Call, asked: &'o CredentialCall, name: &str) -> Value<'o> {
    match asked {
        CredentialCall::Setid(facts) => passed(facts.ids, name),
        CredentialCall::Setgroups { count, groups } => match name {
            "gidsetsize" => number(*count),
            "grouplist" => owned(groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")),
            _ => Value::Missing,
        },
        CredentialCall::Capset(facts) => capabilities(&facts.after, name),
        CredentialCall::Commit(commit) => match name {
            "uid" => known(commit.facts.after.uid),
            "euid" => known(commit.facts.after.euid),
            "old_uid" => known(commit.facts.before.uid),
            "old_euid" => known(commit.facts.before.euid),
            "gained" if !commit.is_late => {
                let gained = commit.facts.after.cap_effective & !commit.facts.before.cap_permitted;
                owned(crate::observation::capabilities::names(gained))
            }
            _ => Value::Missing,
        },
    }
}

/// An id as passed; -1 leaves it as it is.
fn passed([first, second, third]: [u32; 3], name: &str) -> Value<'static> {
    let id = |id| if id == NO_ID { Value::Number(-1) } else { number(id) };
    match name {
        "uid" | "gid" | "ruid" | "rgid" => id(first),
        "euid" | "egid" => id(second),
        "suid" | "sgid" => id(third),
        _ => Value::Missing,
    }
}

fn known(id: u32) -> Value<'static> {
    if id == NO_ID { Value::Missing } else { number(id) }
}

fn capabilities(now: &Credentials, name: &str) -> Value<'static> {
    let set = match name {
        "cap_inheritable" => now.cap_inheritable,
        "cap_permitted" => now.cap_permitted,
        "cap_effective" => now.cap_effective,
        _ => return Value::Missing,
    };
    owned(crate::observation::capabilities::names(set))
}
