//! Numbers of the kernel's interface under the names that C and Falco give them.

/// A name for each bit.
pub(super) type Flags = &'static [(u64, &'static str)];
/// A name for each number.
pub(super) type Names = &'static [(u64, &'static str)];

/// Names of the bits that are set, in the table's order, separated by `|`; what has none as a hexadecimal number.
pub(super) fn flags(value: u64, table: Flags) -> String {
    let set = table.iter().filter(|(bit, _)| value & bit != 0);
    let rest = table.iter().fold(value, |rest, (bit, _)| rest & !bit);
    let mut names: Vec<String> = set.map(|(_, name)| (*name).to_owned()).collect();
    match rest {
        0 if names.is_empty() => return "0".to_owned(),
        0 => {}
        rest => names.push(format!("{rest:#x}")),
    }
    names.join("|")
}

/// The name of a number, or the number.
pub(super) fn name(value: u64, table: Names) -> String {
    let known = table.iter().find(|(number, _)| *number == value);
    known.map_or_else(|| value.to_string(), |(_, name)| (*name).to_owned())
}

/// The name at a place of a list, or the place.
pub(super) fn nth(place: u32, prefix: &str, list: &[&str]) -> String {
    let known = usize::try_from(place).ok().and_then(|place| list.get(place));
    known.map_or_else(|| place.to_string(), |name| format!("{prefix}{name}"))
}

/// `CLONE_*` of `linux/sched.h`, in Falco's order.
pub(super) const CLONE: Flags = &[
    (0x0000_0400, "CLONE_FILES"),
    (0x0000_0200, "CLONE_FS"),
    (0x8000_0000, "CLONE_IO"),
    (0x0800_0000, "CLONE_NEWIPC"),
    (0x4000_0000, "CLONE_NEWNET"),
    (0x0002_0000, "CLONE_NEWNS"),
    (0x2000_0000, "CLONE_NEWPID"),
    (0x0400_0000, "CLONE_NEWUTS"),
    (0x0000_8000, "CLONE_PARENT"),
    (0x0010_0000, "CLONE_PARENT_SETTID"),
    (0x0000_2000, "CLONE_PTRACE"),
    (0x0000_0800, "CLONE_SIGHAND"),
    (0x0004_0000, "CLONE_SYSVSEM"),
    (0x0001_0000, "CLONE_THREAD"),
    (0x0080_0000, "CLONE_UNTRACED"),
    (0x0000_0100, "CLONE_VM"),
    (0x1000_0000, "CLONE_NEWUSER"),
    (0x0020_0000, "CLONE_CHILD_CLEARTID"),
    (0x0100_0000, "CLONE_CHILD_SETTID"),
    (0x0008_0000, "CLONE_SETTLS"),
    (0x0000_4000, "CLONE_VFORK"),
    (0x0200_0000, "CLONE_NEWCGROUP"),
    (0x0000_1000, "CLONE_PIDFD"),
    (0x0000_0080, "CLONE_NEWTIME"),
    (0x1_0000_0000, "CLONE_CLEAR_SIGHAND"),
    (0x2_0000_0000, "CLONE_INTO_CGROUP"),
];

/// `PTRACE_*` of `linux/ptrace.h` and of x86.
pub(super) const PTRACE: Names = &[
    (0, "PTRACE_TRACEME"),
    (1, "PTRACE_PEEKTEXT"),
    (2, "PTRACE_PEEKDATA"),
    (3, "PTRACE_PEEKUSR"),
    (4, "PTRACE_POKETEXT"),
    (5, "PTRACE_POKEDATA"),
    (6, "PTRACE_POKEUSR"),
    (7, "PTRACE_CONT"),
    (8, "PTRACE_KILL"),
    (9, "PTRACE_SINGLESTEP"),
    (12, "PTRACE_GETREGS"),
    (13, "PTRACE_SETREGS"),
    (14, "PTRACE_GETFPREGS"),
    (15, "PTRACE_SETFPREGS"),
    (16, "PTRACE_ATTACH"),
    (17, "PTRACE_DETACH"),
    (18, "PTRACE_GETFPXREGS"),
    (19, "PTRACE_SETFPXREGS"),
    (24, "PTRACE_SYSCALL"),
    (0x4200, "PTRACE_SETOPTIONS"),
    (0x4203, "PTRACE_SETSIGINFO"),
    (0x4204, "PTRACE_GETREGSET"),
    (0x4205, "PTRACE_SETREGSET"),
    (0x4206, "PTRACE_SEIZE"),
    (0x4207, "PTRACE_INTERRUPT"),
    (0x420b, "PTRACE_SETSIGMASK"),
];

/// `PR_*` of `linux/prctl.h`, of those that are reported.
pub(super) const PRCTL: Names =
    &[(4, "PR_SET_DUMPABLE"), (15, "PR_SET_NAME"), (35, "PR_SET_MM"), (36, "PR_SET_CHILD_SUBREAPER")];

/// Names of signals by number (`asm/signal.h`), without their `SIG`.
pub(super) const SIGNALS: &[&str] = &[
    "0", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
    "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
    "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// A signal's name; a number for 0, which is none, and for real-time signals.
pub(super) fn signal(number: u32) -> String {
    if number == 0 { "0".to_owned() } else { nth(number, "SIG", SIGNALS) }
}

/// Commands of `bpf` by number (`linux/bpf.h`), without their `BPF_`.
pub(super) const BPF: &[&str] = &[
    "MAP_CREATE",
    "MAP_LOOKUP_ELEM",
    "MAP_UPDATE_ELEM",
    "MAP_DELETE_ELEM",
    "MAP_GET_NEXT_KEY",
    "PROG_LOAD",
    "OBJ_PIN",
    "OBJ_GET",
    "PROG_ATTACH",
    "PROG_DETACH",
    "PROG_TEST_RUN",
    "PROG_GET_NEXT_ID",
    "MAP_GET_NEXT_ID",
    "PROG_GET_FD_BY_ID",
    "MAP_GET_FD_BY_ID",
    "OBJ_GET_INFO_BY_FD",
    "PROG_QUERY",
    "RAW_TRACEPOINT_OPEN",
    "BTF_LOAD",
    "BTF_GET_FD_BY_ID",
    "TASK_FD_QUERY",
    "MAP_LOOKUP_AND_DELETE_ELEM",
    "MAP_FREEZE",
    "BTF_GET_NEXT_ID",
    "MAP_LOOKUP_BATCH",
    "MAP_LOOKUP_AND_DELETE_BATCH",
    "MAP_UPDATE_BATCH",
    "MAP_DELETE_BATCH",
    "LINK_CREATE",
    "LINK_UPDATE",
    "LINK_GET_FD_BY_ID",
    "LINK_GET_NEXT_ID",
    "ENABLE_STATS",
    "ITER_CREATE",
    "LINK_DETACH",
    "PROG_BIND_MAP",
    "TOKEN_CREATE",
];

/// Types of programs by number, without their `BPF_PROG_TYPE_`.
pub(super) const PROGRAMS: &[&str] = &[
    "UNSPEC",
    "SOCKET_FILTER",
    "KPROBE",
    "SCHED_CLS",
    "SCHED_ACT",
    "TRACEPOINT",
    "XDP",
    "PERF_EVENT",
    "CGROUP_SKB",
    "CGROUP_SOCK",
    "LWT_IN",
    "LWT_OUT",
    "LWT_XMIT",
    "SOCK_OPS",
    "SK_SKB",
    "CGROUP_DEVICE",
    "SK_MSG",
    "RAW_TRACEPOINT",
    "CGROUP_SOCK_ADDR",
    "LWT_SEG6LOCAL",
    "LIRC_MODE2",
    "SK_REUSEPORT",
    "FLOW_DISSECTOR",
    "CGROUP_SYSCTL",
    "RAW_TRACEPOINT_WRITABLE",
    "CGROUP_SOCKOPT",
    "TRACING",
    "STRUCT_OPS",
    "EXT",
    "LSM",
    "SK_LOOKUP",
    "SYSCALL",
    "NETFILTER",
];

/// Types of maps by number, without their `BPF_MAP_TYPE_`.
pub(super) const MAPS: &[&str] = &[
    "UNSPEC",
    "HASH",
    "ARRAY",
    "PROG_ARRAY",
    "PERF_EVENT_ARRAY",
    "PERCPU_HASH",
    "PERCPU_ARRAY",
    "STACK_TRACE",
    "CGROUP_ARRAY",
    "LRU_HASH",
    "LRU_PERCPU_HASH",
    "LPM_TRIE",
    "ARRAY_OF_MAPS",
    "HASH_OF_MAPS",
    "DEVMAP",
    "SOCKMAP",
    "CPUMAP",
    "XSKMAP",
    "SOCKHASH",
    "CGROUP_STORAGE",
    "REUSEPORT_SOCKARRAY",
    "PERCPU_CGROUP_STORAGE",
    "QUEUE",
    "STACK",
    "SK_STORAGE",
    "DEVMAP_HASH",
    "STRUCT_OPS",
    "RINGBUF",
    "INODE_STORAGE",
    "TASK_STORAGE",
    "BLOOM_FILTER",
    "USER_RINGBUF",
    "CGRP_STORAGE",
    "ARENA",
    "INSN_ARRAY",
];

/// Operations of `io_uring` by number (`linux/io_uring.h`), without their `IORING_OP_`.
pub(super) const OPERATIONS: &[&str] = &[
    "NOP",
    "READV",
    "WRITEV",
    "FSYNC",
    "READ_FIXED",
    "WRITE_FIXED",
    "POLL_ADD",
    "POLL_REMOVE",
    "SYNC_FILE_RANGE",
    "SENDMSG",
    "RECVMSG",
    "TIMEOUT",
    "TIMEOUT_REMOVE",
    "ACCEPT",
    "ASYNC_CANCEL",
    "LINK_TIMEOUT",
    "CONNECT",
    "FALLOCATE",
    "OPENAT",
    "CLOSE",
    "FILES_UPDATE",
    "STATX",
    "READ",
    "WRITE",
    "FADVISE",
    "MADVISE",
    "SEND",
    "RECV",
    "OPENAT2",
    "EPOLL_CTL",
    "SPLICE",
    "PROVIDE_BUFFERS",
    "REMOVE_BUFFERS",
    "TEE",
    "SHUTDOWN",
    "RENAMEAT",
    "UNLINKAT",
    "MKDIRAT",
    "SYMLINKAT",
    "LINKAT",
    "MSG_RING",
    "FSETXATTR",
    "SETXATTR",
    "FGETXATTR",
    "GETXATTR",
    "SOCKET",
    "URING_CMD",
    "SEND_ZC",
    "SENDMSG_ZC",
    "READ_MULTISHOT",
    "WAITID",
    "FUTEX_WAIT",
    "FUTEX_WAKE",
    "FUTEX_WAITV",
    "FIXED_FD_INSTALL",
    "FTRUNCATE",
    "BIND",
    "LISTEN",
    "RECV_ZC",
    "EPOLL_WAIT",
    "READV_FIXED",
    "WRITEV_FIXED",
    "PIPE",
];

/// `IORING_SETUP_*`, as Falco names them, and what came since.
pub(super) const RING_SETUP: Flags = &[
    (1, "IORING_SETUP_IOPOLL"),
    (1 << 1, "IORING_SETUP_SQPOLL"),
    (1 << 2, "IORING_SETUP_SQ_AFF"),
    (1 << 3, "IORING_SETUP_CQSIZE"),
    (1 << 4, "IORING_SETUP_CLAMP"),
    (1 << 5, "IORING_SETUP_ATTACH_RW"),
    (1 << 6, "IORING_SETUP_R_DISABLED"),
    (1 << 7, "IORING_SETUP_SUBMIT_ALL"),
    (1 << 8, "IORING_SETUP_COOP_TASKRUN"),
    (1 << 9, "IORING_SETUP_TASKRUN_FLAG"),
    (1 << 10, "IORING_SETUP_SQE128"),
    (1 << 11, "IORING_SETUP_CQE32"),
    (1 << 12, "IORING_SETUP_SINGLE_ISSUER"),
    (1 << 13, "IORING_SETUP_DEFER_TASKRUN"),
];

/// `MODULE_INIT_*` of `linux/module.h`.
pub(super) const MODULE_LOAD: Flags = &[
    (1, "MODULE_INIT_IGNORE_MODVERSIONS"),
    (2, "MODULE_INIT_IGNORE_VERMAGIC"),
    (4, "MODULE_INIT_COMPRESSED_FILE"),
];

/// Flags of `delete_module`.
pub(super) const MODULE_REMOVE: Flags = &[(0o4000, "O_NONBLOCK"), (0o1000, "O_TRUNC")];

/// Flags of `userfaultfd`.
pub(super) const USERFAULTFD: Flags =
    &[(0o4000, "O_NONBLOCK"), (0o2_000_000, "O_CLOEXEC"), (1, "UFFD_USER_MODE_ONLY")];

/// `PERF_TYPE_*` by number.
pub(super) const PERF_TYPES: &[&str] =
    &["HARDWARE", "SOFTWARE", "TRACEPOINT", "HW_CACHE", "RAW", "BREAKPOINT"];

/// Flags of `kexec_load` and `kexec_file_load`, which share a register but not their meaning.
pub(super) const KEXEC_LOAD: Flags = &[(1, "KEXEC_ON_CRASH"), (2, "KEXEC_PRESERVE_CONTEXT")];
/// Flags of `kexec_file_load`.
pub(super) const KEXEC_FILE: Flags =
    &[(1, "KEXEC_FILE_UNLOAD"), (2, "KEXEC_FILE_ON_CRASH"), (4, "KEXEC_FILE_NO_INITRAMFS")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_joined_as_falco_does() {
        assert_eq!(flags(0x1002_0000, CLONE), "CLONE_NEWNS|CLONE_NEWUSER");
        assert_eq!(flags(0, CLONE), "0");
        assert_eq!(flags(0x4011, CLONE), "CLONE_VFORK|0x11");
    }

    #[test]
    fn numbers_without_a_name_stay_numbers() {
        assert_eq!(name(16, PTRACE), "PTRACE_ATTACH");
        assert_eq!(name(77, PTRACE), "77");
        assert_eq!(nth(5, "BPF_", BPF), "BPF_PROG_LOAD");
        assert_eq!(nth(200, "BPF_", BPF), "200");
        assert_eq!([9, 0, 64].map(signal), ["SIGKILL", "0", "64"]);
    }
}
