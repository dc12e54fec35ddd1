//! What the engine tells the kernel programs.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Set once, before the programs are loaded, so that the verifier sees constants.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Config {
    /// Thread-group id of the sensor, whose own doings are counted and not reported.
    pub own_pid: u32,
    /// 1 where the helper `bpf_task_pt_regs` (Linux 5.15) may be called.
    pub task_pt_regs: u32,
    /// Unread bytes in a ring past which a napping reader is woken.
    pub wake_bytes: u32,
    /// 1 where the environment of a program that starts is wanted; it may hold secrets.
    pub capture_env: u32,
    /// 1 where the helper `bpf_get_socket_cookie` may be called with a socket of the kernel's (Linux 5.12).
    pub socket_cookie: u32,
}

/// What the reader of the rings is doing; kept by the engine, read by the programs to decide on a wake-up.
pub mod reader {
    /// Draining; it will look again by itself.
    pub const AWAKE: u32 = 0;
    /// Waiting a few milliseconds for records to gather; woken early when a ring fills.
    pub const NAPPING: u32 = 1;
    /// Waiting for the next record, whenever that is.
    pub const ASLEEP: u32 = 2;
}
