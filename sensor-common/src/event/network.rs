//! Payloads of the network domain.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A new socket.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct NetworkSocket {
    /// The new descriptor, or the error.
    pub result: i64,
    /// Address family (`AF_*`).
    pub family: u32,
    /// Type and flags as passed (`SOCK_*`).
    pub kind: u32,
    /// Protocol as passed.
    pub protocol: u32,
    /// Explicit padding.
    pub reserved: u32,
}
