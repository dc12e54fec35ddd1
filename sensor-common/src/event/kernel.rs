//! Payloads of the kernel domain: calls that change what the kernel is or what a process can reach in it.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::tail::{Path, Slice};

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

/// A thread left namespaces, or other things that it shared.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct KernelUnshare {
    /// What the call returned.
    pub result: i64,
    /// What is not to be shared any more (`CLONE_*`).
    pub flags: u64,
}

/// Code put into the kernel.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct KernelModuleLoad {
    /// What the call returned.
    pub result: i64,
    /// Length of the image, where it was passed in memory, in bytes.
    pub length: u64,
    /// Inode number of the module's file, 0 where there is none.
    pub ino: u64,
    /// Device of its file system (`major << 20 | minor`).
    pub dev: u32,
    /// The descriptor passed, -1 where the call has none.
    pub fd: i32,
    /// Flags passed (`MODULE_INIT_*`).
    pub flags: u32,
    /// Parameters for the module.
    pub parameters: Slice,
    /// Path of the module's file.
    pub file: Path,
}

/// Code taken out of the kernel.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct KernelModuleRemove {
    /// What the call returned.
    pub result: i64,
    /// Flags passed (`O_NONBLOCK`, `O_TRUNC`).
    pub flags: u32,
    /// Name of the module.
    pub name: Slice,
}

/// A command to `bpf`, of those that load, attach, pin or get hold of something.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct KernelBpf {
    /// What the call returned.
    pub result: i64,
    /// The command (`BPF_*`).
    pub command: u32,
    /// Type of the program (`BPF_PROG_TYPE_*`) or map (`BPF_MAP_TYPE_*`) that is to be made.
    pub object: u32,
    /// What the program is to be attached to (`BPF_*` of `bpf_attach_type`), where the command says so.
    pub attach_type: u32,
    /// Name of the program or map, up to 16 bytes; of a raw tracepoint its own.
    pub name: Slice,
}

/// A descriptor by which a program handles page faults.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct KernelUserfaultfd {
    /// What the call returned.
    pub result: i64,
    /// Flags passed.
    pub flags: u32,
    /// Explicit padding.
    pub reserved: u32,
}

/// A new `io_uring`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct KernelIoUringSetup {
    /// What the call returned.
    pub result: i64,
    /// Entries asked for.
    pub entries: u32,
    /// Entries of the submission queue as the kernel made it.
    pub sq_entries: u32,
    /// Entries of the completion queue.
    pub cq_entries: u32,
    /// `IORING_SETUP_*`.
    pub flags: u32,
    /// CPU of the kernel's polling thread.
    pub sq_thread_cpu: u32,
    /// Milliseconds after which that thread sleeps.
    pub sq_thread_idle: u32,
    /// `IORING_FEAT_*`.
    pub features: u32,
    /// Explicit padding.
    pub reserved: u32,
}

/// The first operation of its kind that was submitted to an `io_uring`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct KernelIoUringSubmit {
    /// `IORING_OP_*`.
    pub opcode: u32,
    /// 1 where the kernel says that its polling thread took it, which it does until Linux 5.18.
    pub sq_thread: u32,
}

/// A performance counter or trace point opened.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct KernelPerfEventOpen {
    /// What the call returned.
    pub result: i64,
    /// Which event of its type.
    pub config: u64,
    /// Flags passed (`PERF_FLAG_*`).
    pub flags: u64,
    /// Type of the event (`PERF_TYPE_*`).
    pub kind: u32,
    /// The process or thread to watch; 0 the caller, -1 all.
    pub pid: i32,
    /// The CPU to watch, -1 any.
    pub cpu: i32,
    /// Descriptor of the group leader, -1 none.
    pub group: i32,
}

/// Another kernel made ready to take over.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct KernelKexec {
    /// What the call returned.
    pub result: i64,
    /// Flags passed (`KEXEC_*`).
    pub flags: u64,
    /// Number of segments, where the kernel was passed in memory.
    pub segments: u64,
    /// Descriptor of the kernel's file, -1 where the call has none.
    pub fd: i32,
    /// Explicit padding.
    pub reserved: u32,
    /// Path of the kernel's file.
    pub file: Path,
}
