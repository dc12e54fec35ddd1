//! Events of the credential domain.

use sensor_common::event::{Kind, credential as payload};
use sensor_common::header::Header;

use super::{Call, DecodeError, What, wire};

/// What was asked of the own credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialCall {
    /// Other user or group ids.
    Setid(payload::CredentialSetid),
}

impl CredentialCall {
    pub(super) fn setid(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, _) = wire::split::<payload::CredentialSetid>(header, rest)?;
        Ok(Call {
            kind: Kind::CredentialSetid,
            result: facts.result,
            what: What::Credential(Self::Setid(facts)),
        })
    }
}
