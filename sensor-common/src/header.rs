//! What every record starts with: what happened, when, and who did it.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The first 64 bytes of every record. All values are the kernel's own at the time of the event.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Header {
    /// [`crate::event::Kind`] as its id.
    pub kind: u16,
    /// [`flags`] that apply to any kind.
    pub flags: u16,
    /// Length of the tail, in bytes.
    pub tail_len: u32,
    /// `CLOCK_BOOTTIME`, nanoseconds.
    pub time: u64,
    /// Id of the task's cgroup in the v2 hierarchy.
    pub cgroup: u64,
    /// `start_boottime` of the thread-group leader, nanoseconds; with `pid` the identity of the process.
    pub start: u64,
    /// Thread-group id, in the initial pid namespace.
    pub pid: u32,
    /// Thread id, in the initial pid namespace.
    pub tid: u32,
    /// Real user id, in the initial user namespace.
    pub uid: u32,
    /// Effective user id, in the initial user namespace.
    pub euid: u32,
    /// Real group id, in the initial user namespace.
    pub gid: u32,
    /// Inode number of the task's mount namespace.
    pub mnt_ns: u32,
    /// Number of the system call being served (the task's own ABI), or [`NO_SYSCALL`] where it is not known.
    pub syscall: u32,
    /// Number of the CPU that reported.
    pub cpu: u32,
}

/// [`Header::syscall`] where the kernel gives no way to know.
pub const NO_SYSCALL: u32 = u32::MAX;

/// Bits of [`Header::flags`].
pub mod flags {
    /// At least one optional value could not be read; its place holds zero.
    pub const PARTIAL: u16 = 1 << 0;
    /// An `io_uring` worker did it on behalf of the process.
    pub const IO_WORKER: u16 = 1 << 1;
    /// The strings came from memory that the program could still change; not a kernel object's own.
    pub const UNVERIFIED: u16 = 1 << 2;
    /// The executable was named by a descriptor (`execveat`); the kernel overwrites the call's number during an exec.
    pub const BY_DESCRIPTOR: u16 = 1 << 3;
    /// A call that has yet to end: what the kernel found, with its own objects. The record of its end completes it.
    pub const OBJECTS: u16 = 1 << 4;
    /// The task serves a 32-bit system call.
    pub const COMPAT: u16 = 1 << 5;
}
