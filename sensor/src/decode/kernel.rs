//! Events of the kernel domain.

use sensor_common::event::{Kind, kernel as payload};
use sensor_common::header::Header;

use super::{Call, DecodeError, What, wire};

/// What was asked of the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KernelCall {
    /// Other namespaces.
    Setns(payload::KernelSetns),
}

impl KernelCall {
    pub(super) fn setns(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, _) = wire::split::<payload::KernelSetns>(header, rest)?;
        Ok(Call { kind: Kind::KernelSetns, result: facts.result, what: What::Kernel(Self::Setns(facts)) })
    }
}
