//! Events of the credential domain.

use sensor_common::event::{
    Kind,
    credential::{self as payload, Credentials},
};
use sensor_common::header::Header;

use super::{Call, DecodeError, What, wire};

/// What was asked of the own credentials, or became of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialCall {
    /// Other user or group ids.
    Setid(payload::CredentialSetid),
    /// Other supplementary groups.
    Setgroups {
        /// How many, as passed.
        count: u32,
        /// The first of them.
        groups: Box<[u32]>,
    },
    /// Other capabilities.
    Capset(payload::CredentialCapset),
    /// More rights than before came into force.
    Commit(Commit),
}

/// More rights than before came into force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// What was in force before and after; ids that are not known are [`payload::NO_ID`].
    pub facts: payload::CredentialCommit,
    /// Nothing that may give rights accounts for it: neither an exec, nor one of the calls that change ids, nor another
    /// user namespace.
    pub is_escalation: bool,
    /// It was found out from a later event, which tells of user ids alone.
    pub is_late: bool,
}

impl Commit {
    /// A process of which an event shows other user ids than those from which it had no way to these.
    pub fn late(before: (u32, u32), header: &Header) -> Self {
        const UNKNOWN: Credentials = Credentials {
            uid: payload::NO_ID,
            gid: payload::NO_ID,
            suid: payload::NO_ID,
            sgid: payload::NO_ID,
            euid: payload::NO_ID,
            egid: payload::NO_ID,
            fsuid: payload::NO_ID,
            fsgid: payload::NO_ID,
            cap_inheritable: 0,
            cap_permitted: 0,
            cap_effective: 0,
        };
        let (uid, euid) = before;
        let before = Credentials { uid, euid, ..UNKNOWN };
        let after = Credentials { uid: header.uid, euid: header.euid, gid: header.gid, ..UNKNOWN };
        let facts = payload::CredentialCommit { before, after, user_ns_before: 0, user_ns_after: 0 };
        Self { facts, is_escalation: true, is_late: true }
    }
}

impl CredentialCall {
    pub(super) fn setid(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        wire::call(
            header,
            rest,
            |facts: &payload::CredentialSetid| facts.result,
            |facts| Self::Setid(facts).into(),
        )
    }

    pub(super) fn capset(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        wire::call(
            header,
            rest,
            |facts: &payload::CredentialCapset| facts.result,
            |facts| Self::Capset(facts).into(),
        )
    }

    pub(super) fn setgroups(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, tail) = wire::split::<payload::CredentialSetgroups>(header, rest)?;
        let words = tail.bytes(facts.groups, "groups")?.as_chunks().0;
        let groups = words.iter().map(|word| u32::from_ne_bytes(*word)).collect();
        let what = Self::Setgroups { count: facts.count, groups }.into();
        Ok(Call { kind: Kind::CredentialSetgroups, result: facts.result, what })
    }

    pub(super) fn commit(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let explained = super::syscall::may_give_rights(header);
        let commit = |facts: payload::CredentialCommit| Commit {
            is_escalation: !explained && facts.user_ns_before == facts.user_ns_after,
            is_late: false,
            facts,
        };
        wire::call(header, rest, |_| 0, |facts| Self::Commit(commit(facts)).into())
    }

    /// Who the caller was when the call began, where that is known.
    pub fn before(&self) -> Option<&Credentials> {
        match self {
            Self::Setid(facts) => Some(&facts.before).filter(|_| facts.has_before != 0),
            Self::Capset(facts) => Some(&facts.before).filter(|_| facts.has_before != 0),
            Self::Commit(commit) => Some(&commit.facts.before),
            Self::Setgroups { .. } => None,
        }
    }

    /// Whether [`CredentialCall::after`] tells of capabilities.
    pub fn knows_capabilities(&self) -> bool {
        match self {
            Self::Setid(_) | Self::Capset(_) => true,
            Self::Commit(commit) => !commit.is_late,
            Self::Setgroups { .. } => false,
        }
    }

    /// Who the caller is from now on, where the event says so.
    pub fn after(&self) -> Option<&Credentials> {
        match self {
            Self::Setid(facts) => Some(&facts.after),
            Self::Capset(facts) => Some(&facts.after),
            Self::Commit(commit) => Some(&commit.facts.after),
            Self::Setgroups { .. } => None,
        }
    }
}

impl From<CredentialCall> for What {
    fn from(call: CredentialCall) -> Self {
        Self::Credential(call)
    }
}

#[cfg(test)]
mod tests {
    use sensor_common::header::flags;

    use super::*;
    use crate::decode::{Body, decode, record::Tail};

    /// What a commit during a call is taken for.
    fn is_escalation(syscall: u32, flags: u16, namespaces: (u32, u32)) -> bool {
        let (user_ns_before, user_ns_after) = namespaces;
        let facts = payload::CredentialCommit { user_ns_before, user_ns_after, ..Default::default() };
        let record = Tail::default().record(Header { syscall, flags, ..Header::default() }, &facts);
        let Body::Call(call) = decode(&record).unwrap().body else { panic!("not a call") };
        let What::Credential(CredentialCall::Commit(commit)) = call.what else { panic!("not a commit") };
        assert!(!commit.is_late);
        commit.is_escalation
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn rights_need_a_call_that_gives_them() {
        const X32: u32 = 0x4000_0000;
        for call in [59, 322, 105, 117, 126, X32 + 520, X32 + 105] {
            assert!(!is_escalation(call, 0, (1, 1)), "{call}");
        }
        for call in [0, 1, 16, 56, 157, 298, X32 + 1] {
            assert!(is_escalation(call, 0, (1, 1)), "{call}");
        }
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn numbers_of_32_bit_calls_mean_other_calls() {
        assert!(!is_escalation(213, flags::COMPAT, (1, 1)), "setuid32");
        assert!(is_escalation(213, 0, (1, 1)), "epoll_create");
        assert!(is_escalation(105, flags::COMPAT, (1, 1)), "getitimer");
    }

    #[test]
    fn rights_in_another_user_namespace_and_in_an_unknown_call_are_not_judged() {
        assert!(!is_escalation(1, 0, (1, 2)));
        assert!(!is_escalation(sensor_common::header::NO_SYSCALL, 0, (1, 1)));
    }

    #[test]
    fn groups_come_out_as_they_went_in() {
        let mut tail = Tail::default();
        let groups = tail.slice(&[5, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
        let facts = payload::CredentialSetgroups { result: 0, count: 9, groups };
        let Body::Call(call) = decode(&tail.record(Header::default(), &facts)).unwrap().body else {
            panic!("not a call")
        };
        let What::Credential(CredentialCall::Setgroups { count, groups }) = call.what else {
            panic!("no groups")
        };
        assert_eq!((count, &*groups), (9, &[5, u32::MAX][..]));
    }
}
