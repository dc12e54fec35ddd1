//! Payloads of the process domain.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::file::Name;
use crate::tail::{Path, Slice};

/// A new process; the header is the parent's.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct ProcessFork {
    /// `start_boottime` of the child, nanoseconds.
    pub child_start: u64,
    /// Cgroup of the child, v2 hierarchy.
    pub child_cgroup: u64,
    /// Thread-group id of the child.
    pub child_pid: u32,
    /// Thread-group id of the child in its own pid namespace.
    pub child_vpid: u32,
    /// Inode number of the child's own pid namespace.
    pub child_pid_ns: u32,
    /// Thread-group id of the child's parent: the maker's, or with `CLONE_PARENT` that of the maker's own parent.
    pub child_ppid: u32,
    /// What was asked for (`CLONE_*`), the signal left out. `clone3` takes it from the program's memory.
    pub flags: u64,
}

/// A program began to run in a process; everything is read from the new memory and the new credentials.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct ProcessExec {
    /// `start_boottime` of the parent process, nanoseconds.
    pub parent_start: u64,
    /// Thread-group id of the parent (`real_parent`).
    pub parent_pid: u32,
    /// Session id (`setsid`), a pid in the initial namespace.
    pub sid: u32,
    /// Process group id, a pid in the initial namespace.
    pub pgid: u32,
    /// Thread-group id in the process's own pid namespace.
    pub vpid: u32,
    /// Permitted capabilities, one bit each.
    pub cap_permitted: u64,
    /// Effective capabilities.
    pub cap_effective: u64,
    /// Inheritable capabilities.
    pub cap_inheritable: u64,
    /// Effective group id.
    pub egid: u32,
    /// Audit login user id; `u32::MAX` where none was set.
    pub loginuid: u32,
    /// Audit session id; `u32::MAX` where none was set.
    pub session_id: u32,
    /// Controlling terminal as the kernel's device number (`major << 20 | minor`), 0 for none.
    pub tty: u32,
    /// Inode number of the pid namespace.
    pub pid_ns: u32,
    /// Inode number of the user namespace.
    pub user_ns: u32,
    /// Inode number of the network namespace.
    pub net_ns: u32,
    /// Number of arguments as the kernel counted them.
    pub argc: u32,
    /// Exact length of the argument area, in bytes, whatever was captured of it.
    pub argv_len: u32,
    /// Device of the executable's file system (`major << 20 | minor`).
    pub exe_dev: u32,
    /// Inode number of the executable.
    pub exe_ino: u64,
    /// Links to the executable's inode; 0 once it was deleted.
    pub exe_nlink: u32,
    /// File mode of the executable.
    pub exe_mode: u32,
    /// [`crate::event::file::file_flags`] of the executable.
    pub exe_flags: u32,
    /// First bytes of the argument area, arguments ended by NUL; whole unless `argv_tail` is not empty.
    pub argv: Slice,
    /// Last bytes of the argument area, where it is longer than [`ARGV_HEAD`].
    pub argv_tail: Slice,
    /// The name that was passed to the system call (for a script the script's own).
    pub filename: Slice,
    /// Path of the executable that runs (`mm->exe_file`).
    pub exe: Path,
    /// Working directory.
    pub cwd: Path,
    /// User that owns the executable, initial user namespace.
    pub exe_uid: u32,
    /// Group that owns the executable, initial user namespace.
    pub exe_gid: u32,
    /// Last change of the executable's content, nanoseconds since 1970.
    pub exe_mtime: u64,
    /// Last change of the executable's inode, nanoseconds since 1970.
    pub exe_ctime: u64,
    /// Size of the executable, in bytes.
    pub exe_size: u64,
    /// Process group id in the process's own pid namespace; 0 where its leader is not in there.
    pub vpgid: u32,
    /// Thread-group id of the parent in the parent's own pid namespace.
    pub parent_vpid: u32,
    /// First bytes of the environment, `NAME=value` ended by NUL; empty unless it was asked for.
    pub env: Slice,
    /// Exact length of the environment, in bytes, whatever was captured of it.
    pub env_len: u32,
    /// The connection that standard input is, if it is one.
    pub stdin: Connection,
    /// Size of the address space (`mm->task_size`), bytes: at most 4 GiB for programs of 32 bits.
    pub task_size: u64,
}

/// A connection of the Internet Protocol, by the kernel's own socket. All zero for none.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct Connection {
    /// `AF_INET` (2) or `AF_INET6` (10); 0 for none.
    pub family: u32,
    /// Local port.
    pub local_port: u16,
    /// Port of the peer.
    pub peer_port: u16,
    /// Address of the peer, in network byte order; IPv4 in the first four bytes.
    pub peer: [u8; 16],
}

/// Most bytes kept from the start of an argument area.
pub const ARGV_HEAD: usize = 4096;
/// Most bytes kept from the end of a longer one.
pub const ARGV_TAIL: usize = 1024;
/// Most bytes kept of an environment.
pub const ENV_HEAD: usize = 4096;

/// The end of a process.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct ProcessExit {
    /// Status as `wait` reports it: exit code in bits 8 to 15, signal in bits 0 to 6, core dump in bit 7.
    pub status: u32,
    /// Explicit padding.
    pub reserved: u32,
}

/// A signal sent by a system call.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct ProcessKill {
    /// What the call returned.
    pub result: i64,
    /// The pid as passed, in the sender's pid namespace; 0 and below name groups.
    pub pid: i32,
    /// The thread as passed, where the call names one; else 0.
    pub tid: i32,
    /// The signal; 0 only asks whether there is such a process.
    pub signal: u32,
    /// The descriptor that names the process, where the call has one; else -1.
    pub pidfd: i32,
    /// Thread-group id of the process that the descriptor names, in the initial pid namespace; 0 where it is not known.
    pub target: u32,
    /// Explicit padding.
    pub reserved: u32,
}

/// A program that the kernel refused to run.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct ProcessExecFailed {
    /// What the call returned.
    pub result: i64,
    /// The directory passed, `AT_FDCWD` where the call has none.
    pub dirfd: i32,
    /// Flags passed (`AT_*`).
    pub flags: u32,
    /// What was to run.
    pub name: Name,
    /// Explicit padding.
    pub reserved: u32,
}

/// A request to trace, read or change another process.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct ProcessPtrace {
    /// What the call returned.
    pub result: i64,
    /// The request (`PTRACE_*`).
    pub request: u64,
    /// The address passed.
    pub addr: u64,
    /// The data passed, an address or a value.
    pub data: u64,
    /// The thread as passed, in the caller's pid namespace.
    pub pid: i32,
    /// Explicit padding.
    pub reserved: u32,
}

/// Another process's memory read or written.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct ProcessVm {
    /// Bytes copied, or the error.
    pub result: i64,
    /// The process as passed, in the caller's pid namespace.
    pub pid: i32,
    /// Explicit padding.
    pub reserved: u32,
}

/// What a process says of itself.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct ProcessPrctl {
    /// What the call returned.
    pub result: i64,
    /// The second argument.
    pub argument: u64,
    /// The option (`PR_*`).
    pub option: u32,
    /// The new name, of `PR_SET_NAME`.
    pub name: Slice,
}

/// Another session or process group.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
pub struct ProcessGroup {
    /// What the call returned.
    pub result: i64,
    /// The process as passed; 0 the caller.
    pub pid: i32,
    /// The group as passed; 0 one of its own.
    pub pgid: i32,
    /// The caller's session after the call, a pid in the initial namespace.
    pub sid: u32,
    /// The caller's process group after the call, likewise.
    pub own_pgid: u32,
}
