//! Payloads of the kernel domain: calls that change what the kernel is or what a process can reach in it.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A thread entered other namespaces.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct KernelSetns {
    /// What the call returned.
    pub result: i64,
    /// The descriptor passed: of a namespace, or of a process.
    pub fd: i32,
    /// The types of namespaces asked for (`CLONE_NEW*`); 0 for any.
    pub nstype: u32,
}
