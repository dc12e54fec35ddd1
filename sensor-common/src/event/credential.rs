//! Payloads of the credential domain.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A change of user or group ids. The header has the ids after the call.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct CredentialSetid {
    /// What the call returned.
    pub result: i64,
    /// The ids as passed, in the order of the call's arguments; `u32::MAX` where the call has fewer, and where an id is
    /// to stay as it is.
    pub ids: [u32; 3],
    /// Explicit padding.
    pub reserved: u32,
}
