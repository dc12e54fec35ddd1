//! Events of the network domain.

use sensor_common::event::{Kind, network as payload};
use sensor_common::header::Header;

use super::{Call, DecodeError, What, wire};

/// What was asked of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkCall {
    /// A new one.
    Socket(payload::NetworkSocket),
}

impl NetworkCall {
    pub(super) fn socket(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, _) = wire::split::<payload::NetworkSocket>(header, rest)?;
        Ok(Call { kind: Kind::NetworkSocket, result: facts.result, what: What::Network(Self::Socket(facts)) })
    }
}
