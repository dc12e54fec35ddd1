//! Fields of who a process was and is: ids before and after a call that changes them, and rights from nowhere.

use sensor_common::event::credential::{Credentials, NO_ID};

use super::{
    Observation, Rows, number, or_missing,
    user::{group_name, user_name},
};
use crate::{
    decode::{CredentialCall, What},
    rules::{EventType, EventTypes, value::Value},
};

/// Events that change ids or capabilities.
pub(super) const CHANGES: EventTypes = EventTypes::NONE
    .with(EventType::SETUID)
    .with(EventType::SETGID)
    .with(EventType::SETREUID)
    .with(EventType::SETREGID)
    .with(EventType::SETRESUID)
    .with(EventType::SETRESGID)
    .with(EventType::SETFSUID)
    .with(EventType::SETFSGID)
    .with(EventType::CAPSET)
    .with(EventType::COMMIT_CREDS);

pub(super) const ROWS: Rows = &[
    ("vigie.cred.uid", |o, _| after(o, |cred| cred.uid)),
    ("vigie.cred.euid", |o, _| after(o, |cred| cred.euid)),
    ("vigie.cred.suid", |o, _| after(o, |cred| cred.suid)),
    ("vigie.cred.fsuid", |o, _| after(o, |cred| cred.fsuid)),
    ("vigie.cred.gid", |o, _| after(o, |cred| cred.gid)),
    ("vigie.cred.egid", |o, _| after(o, |cred| cred.egid)),
    ("vigie.cred.sgid", |o, _| after(o, |cred| cred.sgid)),
    ("vigie.cred.fsgid", |o, _| after(o, |cred| cred.fsgid)),
    ("vigie.cred.before.uid", |o, _| before(o, |cred| cred.uid)),
    ("vigie.cred.before.euid", |o, _| before(o, |cred| cred.euid)),
    ("vigie.cred.before.suid", |o, _| before(o, |cred| cred.suid)),
    ("vigie.cred.before.fsuid", |o, _| before(o, |cred| cred.fsuid)),
    ("vigie.cred.before.gid", |o, _| before(o, |cred| cred.gid)),
    ("vigie.cred.before.egid", |o, _| before(o, |cred| cred.egid)),
    ("vigie.cred.before.sgid", |o, _| before(o, |cred| cred.sgid)),
    ("vigie.cred.before.fsgid", |o, _| before(o, |cred| cred.fsgid)),
    ("vigie.cred.escalation", |o, _| match credential_call(o) {
        Some(CredentialCall::Commit(commit)) => Value::Bool(commit.is_escalation),
        Some(CredentialCall::Setid(_) | CredentialCall::Setgroups { .. } | CredentialCall::Capset(_))
        | None => Value::Missing,
    }),
];

fn credential_call<'o>(observation: &'o Observation<'_>) -> Option<&'o CredentialCall> {
    match &observation.call()?.what {
        What::Credential(call) => Some(call),
        What::File(_) | What::Network(_) | What::Process(_) | What::Kernel(_) => None,
    }
}

fn before(observation: &Observation<'_>, id: impl FnOnce(&Credentials) -> u32) -> Value<'static> {
    known(credential_call(observation).and_then(CredentialCall::before).map(id))
}

fn after(observation: &Observation<'_>, id: impl FnOnce(&Credentials) -> u32) -> Value<'static> {
    known(credential_call(observation).and_then(CredentialCall::after).map(id))
}

fn known(id: Option<u32>) -> Value<'static> {
    or_missing(id.filter(|id| *id != NO_ID), number)
}

/// An id that was passed to a call, under the name of the user or group, as Falco has it; nothing where there is none.
pub(super) fn named_id(
    observation: &Observation<'_>,
    argument: &str,
    value: &Value<'_>,
) -> Option<Value<'static>> {
    let Value::Number(id) = *value else { return None };
    let (_, id) = (credential_call(observation)?, u32::try_from(id).ok()?);
    let name = match argument {
        "uid" | "ruid" | "euid" | "suid" => user_name(observation, id),
        "gid" | "rgid" | "egid" | "sgid" => group_name(observation, id),
        _ => Value::Missing,
    };
    (name != Value::Missing).then_some(name)
}

impl Observation<'_> {
    /// Who the process was when the event began: of a call that changes that, before it.
    pub(super) fn ids(&self) -> Ids {
        let header = &self.event.header;
        let (uid, euid, gid) = (header.uid, header.euid, header.gid);
        match credential_call(self).and_then(CredentialCall::before) {
            Some(cred) => Ids {
                uid: if cred.uid == NO_ID { uid } else { cred.uid },
                euid: if cred.euid == NO_ID { euid } else { cred.euid },
                gid: if cred.gid == NO_ID { gid } else { cred.gid },
                egid: Some(cred.egid).filter(|egid| *egid != NO_ID),
            },
            None => Ids { uid, euid, gid, egid: self.egid() },
        }
    }

    /// The process's capabilities as of its last change of them, or of its exec.
    pub(super) fn capabilities(&self) -> Option<Capabilities> {
        if let Some(cred) =
            credential_call(self).filter(|call| call.knows_capabilities()).and_then(CredentialCall::after)
        {
            return Some(cred.into());
        }
        self.changed_credentials().map(Into::into).or_else(|| {
            self.exec().map(|exec| Capabilities {
                permitted: exec.facts.cap_permitted,
                effective: exec.facts.cap_effective,
                inheritable: exec.facts.cap_inheritable,
            })
        })
    }

    fn egid(&self) -> Option<u32> {
        self.changed_credentials().map(|cred| cred.egid).or_else(|| self.exec().map(|exec| exec.facts.egid))
    }

    /// What the thread made of its credentials since the last exec.
    fn changed_credentials(&self) -> Option<&Credentials> {
        self.process
            .filter(|_| !self.is_exec())?
            .credentials_of(self.event.header.tid, self.event.header.time)
    }
}

/// Ids of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ids {
    /// Real user id.
    pub(super) uid: u32,
    /// Effective user id.
    pub(super) euid: u32,
    /// Real group id.
    pub(super) gid: u32,
    /// Effective group id, where it is known.
    pub(super) egid: Option<u32>,
}

/// Sets of capabilities, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Capabilities {
    /// Permitted.
    pub(super) permitted: u64,
    /// Effective.
    pub(super) effective: u64,
    /// Inheritable.
    pub(super) inheritable: u64,
}

impl From<&Credentials> for Capabilities {
    fn from(cred: &Credentials) -> Self {
        Self {
            permitted: cred.cap_permitted,
            effective: cred.cap_effective,
            inheritable: cred.cap_inheritable,
        }
    }
}
