//! The one table of event kinds; everything about a kind is derived from its row.

pub mod container;
pub mod credential;
pub mod file;
pub mod hook;
pub mod kernel;
pub mod network;
pub mod process;

use hook::{Hook, Tier};

/// A payload that has a row in the table.
pub trait Payload:
    zerocopy::FromBytes + zerocopy::IntoBytes + zerocopy::KnownLayout + zerocopy::Immutable + Copy + Default
{
    /// The kind whose records carry it.
    const KIND: Kind;
}

/// Which ring carries a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// Few and precious: processes, credentials, containers, the kernel itself.
    Critical,
    /// Many: files, network.
    Bulk,
}

macro_rules! events {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident = $id:literal, $ring:ident, $payload:path {
            $($tier:ident $program:literal on $target:literal, without: $without:literal;)+
        }
    )+) => {
        /// What happened. The id's high byte is the domain, the low byte a number within it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Kind {
            $($(#[doc = $doc])+ $name = $id,)+
        }

        impl Kind {
            /// Every kind, in table order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The kind with this id.
            pub const fn from_id(id: u16) -> Option<Self> {
                match id {
                    $($id => Some(Self::$name),)+
                    _ => None,
                }
            }

            /// Its name in the docs and in the counters.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// What it reports, from the table's doc comment.
            pub const fn doc(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc, "\n",)+),)+
                }
            }

            /// The ring that carries it.
            pub const fn ring(self) -> Ring {
                match self {
                    $(Self::$name => Ring::$ring,)+
                }
            }

            /// The hooks that report it.
            pub const fn hooks(self) -> &'static [Hook] {
                match self {
                    $(Self::$name => &[$(Hook {
                        program: $program, target: $target, tier: Tier::$tier, without: $without,
                    },)+],)+
                }
            }

            /// Size of its payload, in bytes.
            pub const fn payload_size(self) -> usize {
                match self {
                    $(Self::$name => size_of::<$payload>(),)+
                }
            }

            /// Its place in [`Kind::ALL`], which is its index in the counters map.
            pub const fn index(self) -> u32 {
                let mut index = 0;
                $(
                    if self as u16 == $id {
                        return index;
                    }
                    index += 1;
                )+
                index
            }
        }

        $(impl Payload for $payload {
            const KIND: Kind = Kind::$name;
        })+
    };
}

events! {
    /// A process made another one (`fork`, `vfork`, `clone`, `clone3`); threads are not reported.
    ProcessFork = 0x0101, Critical, process::ProcessFork {
        Both "sched_process_fork" on "sched_process_fork",
            without: "ancestors are only known from the programs they ran";
    }
    /// A process runs a new program; reported once the kernel can no longer fail the call.
    ProcessExec = 0x0102, Critical, process::ProcessExec {
        Both "sched_process_exec" on "sched_process_exec", without: "no program that starts is seen";
    }
    /// The last thread of a process ended.
    ProcessExit = 0x0103, Critical, process::ProcessExit {
        Both "sched_process_exit" on "sched_process_exit", without: "the table keeps ended processes longer";
    }
    /// A signal was sent to a process (`kill`, `tkill`, `tgkill`), or the kernel refused to.
    ProcessKill = 0x0104, Critical, process::ProcessKill {
        Both "sys_exit_kill" on "syscalls/sys_exit_kill", without: "kill(2) is not seen";
        Both "sys_exit_tkill" on "syscalls/sys_exit_tkill", without: "tkill(2) is not seen";
        Both "sys_exit_tgkill" on "syscalls/sys_exit_tgkill", without: "tgkill(2) is not seen";
        Both "sys_exit_rt_sigqueueinfo" on "syscalls/sys_exit_rt_sigqueueinfo",
            without: "rt_sigqueueinfo(2) is not seen";
        Both "sys_exit_rt_tgsigqueueinfo" on "syscalls/sys_exit_rt_tgsigqueueinfo",
            without: "rt_tgsigqueueinfo(2) is not seen";
        Both "sys_exit_pidfd_send_signal" on "syscalls/sys_exit_pidfd_send_signal",
            without: "pidfd_send_signal(2) is not seen";
    }
    /// The kernel refused to run a program (`execve`, `execveat`); the process goes on with the one it has.
    ProcessExecFailed = 0x0105, Critical, process::ProcessExecFailed {
        Both "sys_exit_execve" on "syscalls/sys_exit_execve", without: "execve(2) that fails is not seen";
        Both "sys_exit_execveat" on "syscalls/sys_exit_execveat", without: "execveat(2) that fails is not seen";
    }
    /// A process traces another, or asked to be traced (`ptrace`); requests that only read, or let it go on, are left out.
    ProcessPtrace = 0x0106, Critical, process::ProcessPtrace {
        Both "sys_exit_ptrace" on "syscalls/sys_exit_ptrace", without: "ptrace(2) is not seen";
    }
    /// A process read or wrote the memory of another (`process_vm_readv`, `process_vm_writev`).
    ProcessVm = 0x0107, Critical, process::ProcessVm {
        Both "sys_exit_process_vm_readv" on "syscalls/sys_exit_process_vm_readv",
            without: "process_vm_readv(2) is not seen";
        Both "sys_exit_process_vm_writev" on "syscalls/sys_exit_process_vm_writev",
            without: "process_vm_writev(2) is not seen";
    }
    /// A process changed its name, what may be seen of it, or whose children it adopts (`prctl`); other options are not
    /// reported.
    ProcessPrctl = 0x0108, Critical, process::ProcessPrctl {
        Both "sys_exit_prctl" on "syscalls/sys_exit_prctl", without: "prctl(2) is not seen";
    }
    /// A process began a session or moved to another process group (`setsid`, `setpgid`).
    ProcessGroup = 0x0109, Critical, process::ProcessGroup {
        Both "sys_exit_setsid" on "syscalls/sys_exit_setsid", without: "setsid(2) is not seen";
        Both "sys_exit_setpgid" on "syscalls/sys_exit_setpgid", without: "setpgid(2) is not seen";
    }
    /// A file was opened, or the kernel refused to.
    FileOpen = 0x0201, Bulk, file::FileOpen {
        Lsm "do_filp_open" on "do_filp_open", without: "no open by name is seen, io_uring's included";
        Lsm "do_file_open" on "do_file_open", without: "no open by name is seen, io_uring's included";
        Lsm "do_file_open_root_dentry" on "do_file_open_root", without: "opens by handle are not seen";
        Lsm "do_file_open_root" on "do_file_open_root", without: "opens by handle are not seen";
        Tracepoint "sys_exit_open" on "syscalls/sys_exit_open", without: "open(2) is not seen";
        Tracepoint "sys_exit_openat" on "syscalls/sys_exit_openat", without: "openat(2) is not seen";
        Tracepoint "sys_exit_openat2" on "syscalls/sys_exit_openat2", without: "openat2(2) is not seen";
        Tracepoint "sys_exit_creat" on "syscalls/sys_exit_creat", without: "creat(2) is not seen";
        Tracepoint "sys_exit_open_by_handle_at" on "syscalls/sys_exit_open_by_handle_at",
            without: "open_by_handle_at(2) is not seen";
    }
    /// A name of a file, or an empty directory, was removed.
    FileRemove = 0x0202, Bulk, file::FileRemove {
        Both "sys_exit_unlink" on "syscalls/sys_exit_unlink", without: "unlink(2) is not seen";
        Both "sys_exit_unlinkat" on "syscalls/sys_exit_unlinkat", without: "unlinkat(2) is not seen";
        Both "sys_exit_rmdir" on "syscalls/sys_exit_rmdir", without: "rmdir(2) is not seen";
        Lsm "security_path_unlink" on "security_path_unlink",
            without: "unlink: names are known only as passed, and nothing of the files; io_uring's and 32-bit calls are not seen";
        Lsm "security_path_rmdir" on "security_path_rmdir",
            without: "rmdir: names are known only as passed, and nothing of the files; io_uring's and 32-bit calls are not seen";
    }
    /// A file got another name, which may have been another file's.
    FileRename = 0x0203, Bulk, file::FileRename {
        Both "sys_exit_rename" on "syscalls/sys_exit_rename", without: "rename(2) is not seen";
        Both "sys_exit_renameat" on "syscalls/sys_exit_renameat", without: "renameat(2) is not seen";
        Both "sys_exit_renameat2" on "syscalls/sys_exit_renameat2", without: "renameat2(2) is not seen";
        Lsm "security_path_rename" on "security_path_rename",
            without: "rename: names are known only as passed, and nothing of the files; io_uring's and 32-bit calls are not seen";
    }
    /// A file got one more name.
    FileLink = 0x0204, Bulk, file::FileLink {
        Both "sys_exit_link" on "syscalls/sys_exit_link", without: "link(2) is not seen";
        Both "sys_exit_linkat" on "syscalls/sys_exit_linkat", without: "linkat(2) is not seen";
        Lsm "security_path_link" on "security_path_link",
            without: "link: names are known only as passed, and nothing of the files; io_uring's and 32-bit calls are not seen";
    }
    /// A symbolic link was made.
    FileSymlink = 0x0205, Bulk, file::FileSymlink {
        Both "sys_exit_symlink" on "syscalls/sys_exit_symlink", without: "symlink(2) is not seen";
        Both "sys_exit_symlinkat" on "syscalls/sys_exit_symlinkat", without: "symlinkat(2) is not seen";
        Lsm "security_path_symlink" on "security_path_symlink",
            without: "symlink: names are known only as passed, and nothing of the files; io_uring's and 32-bit calls are not seen";
    }
    /// A directory was made.
    FileMkdir = 0x0206, Bulk, file::FileMkdir {
        Both "sys_exit_mkdir" on "syscalls/sys_exit_mkdir", without: "mkdir(2) is not seen";
        Both "sys_exit_mkdirat" on "syscalls/sys_exit_mkdirat", without: "mkdirat(2) is not seen";
        Lsm "security_path_mkdir" on "security_path_mkdir",
            without: "mkdir: names are known only as passed, and nothing of the files; io_uring's and 32-bit calls are not seen";
    }
    /// A device, pipe, socket or file was made (`mknod`).
    FileMknod = 0x0207, Bulk, file::FileMknod {
        Both "sys_exit_mknod" on "syscalls/sys_exit_mknod", without: "mknod(2) is not seen";
        Both "sys_exit_mknodat" on "syscalls/sys_exit_mknodat", without: "mknodat(2) is not seen";
    }
    /// The mode of a file was changed.
    FileMode = 0x0208, Bulk, file::FileMode {
        Both "sys_exit_chmod" on "syscalls/sys_exit_chmod", without: "chmod(2) is not seen";
        Both "sys_exit_fchmod" on "syscalls/sys_exit_fchmod", without: "fchmod(2) is not seen";
        Both "sys_exit_fchmodat" on "syscalls/sys_exit_fchmodat", without: "fchmodat(2) is not seen";
        Both "sys_exit_fchmodat2" on "syscalls/sys_exit_fchmodat2", without: "fchmodat2(2) is not seen";
        Lsm "security_path_chmod" on "security_path_chmod",
            without: "chmod: names are known only as passed, and nothing of the files; io_uring's and 32-bit calls are not seen";
    }
    /// The owner or group of a file was changed.
    FileOwner = 0x0209, Bulk, file::FileOwner {
        Both "sys_exit_chown" on "syscalls/sys_exit_chown", without: "chown(2) is not seen";
        Both "sys_exit_lchown" on "syscalls/sys_exit_lchown", without: "lchown(2) is not seen";
        Both "sys_exit_fchown" on "syscalls/sys_exit_fchown", without: "fchown(2) is not seen";
        Both "sys_exit_fchownat" on "syscalls/sys_exit_fchownat", without: "fchownat(2) is not seen";
        Lsm "security_path_chown" on "security_path_chown",
            without: "chown: names are known only as passed, and nothing of the files; io_uring's and 32-bit calls are not seen";
        Lsm "chown_common" on "chown_common",
            without: "chown: names are known only as passed, and nothing of the files; io_uring's and 32-bit calls are not seen";
    }
    /// A file was cut or extended (`truncate`, `ftruncate`).
    FileTruncate = 0x020a, Bulk, file::FileTruncate {
        Both "sys_exit_truncate" on "syscalls/sys_exit_truncate", without: "truncate(2) is not seen";
        Both "sys_exit_ftruncate" on "syscalls/sys_exit_ftruncate", without: "ftruncate(2) is not seen";
        Lsm "security_path_truncate" on "security_path_truncate",
            without: "truncate: names are known only as passed, and nothing of the files; io_uring's and 32-bit calls are not seen";
    }
    /// An extended attribute of a file was set or removed.
    FileXattr = 0x020b, Bulk, file::FileXattr {
        Both "sys_exit_setxattr" on "syscalls/sys_exit_setxattr", without: "setxattr(2) is not seen";
        Both "sys_exit_lsetxattr" on "syscalls/sys_exit_lsetxattr", without: "lsetxattr(2) is not seen";
        Both "sys_exit_fsetxattr" on "syscalls/sys_exit_fsetxattr", without: "fsetxattr(2) is not seen";
        Both "sys_exit_removexattr" on "syscalls/sys_exit_removexattr", without: "removexattr(2) is not seen";
        Both "sys_exit_lremovexattr" on "syscalls/sys_exit_lremovexattr", without: "lremovexattr(2) is not seen";
        Both "sys_exit_fremovexattr" on "syscalls/sys_exit_fremovexattr", without: "fremovexattr(2) is not seen";
    }
    /// A regular file that was open for writing was closed.
    FileClose = 0x020c, Bulk, file::FileClose {
        Lsm "locks_remove_file" on "locks_remove_file",
            without: "it is not seen when files that were written are closed";
        Tracepoint "sys_enter_close" on "syscalls/sys_enter_close", without: "close(2) is not seen";
    }
    /// A file was mapped so that writes to memory change it.
    FileMap = 0x020d, Bulk, file::FileMap {
        Both "sys_exit_mmap" on "syscalls/sys_exit_mmap", without: "mmap(2) is not seen";
    }
    /// A file system was mounted, or a mount changed.
    FileMount = 0x0210, Bulk, file::FileMount {
        Both "sys_exit_mount" on "syscalls/sys_exit_mount", without: "mount(2) is not seen";
    }
    /// A mount was taken away.
    FileUmount = 0x0211, Bulk, file::FileUmount {
        Both "sys_exit_umount" on "syscalls/sys_exit_umount", without: "umount2(2) is not seen";
    }
    /// A process or a whole mount namespace got another root.
    FileRoot = 0x0212, Bulk, file::FileRoot {
        Both "sys_exit_pivot_root" on "syscalls/sys_exit_pivot_root", without: "pivot_root(2) is not seen";
        Both "sys_exit_chroot" on "syscalls/sys_exit_chroot", without: "chroot(2) is not seen";
    }
    /// A mount was moved or attached (`move_mount`).
    FileMoveMount = 0x0213, Bulk, file::FileMoveMount {
        Both "sys_exit_move_mount" on "syscalls/sys_exit_move_mount", without: "move_mount(2) is not seen";
    }
    /// A mount was taken hold of by name (`open_tree`).
    FileOpenTree = 0x0214, Bulk, file::FileOpenTree {
        Both "sys_exit_open_tree" on "syscalls/sys_exit_open_tree", without: "open_tree(2) is not seen";
    }
    /// A file system was made ready to be attached (`fsmount`).
    FileFsmount = 0x0215, Bulk, file::FileFsmount {
        Both "sys_exit_fsmount" on "syscalls/sys_exit_fsmount", without: "fsmount(2) is not seen";
    }
    /// A socket was made.
    NetworkSocket = 0x0301, Bulk, network::NetworkSocket {
        Both "sys_exit_socket" on "syscalls/sys_exit_socket", without: "socket(2) is not seen";
    }
    /// A socket was connected to a peer, or began to be, or the kernel refused to.
    NetworkConnect = 0x0302, Bulk, network::NetworkConnect {
        Both "sys_exit_connect" on "syscalls/sys_exit_connect", without: "connect(2) is not seen";
        Lsm "__sys_connect_file" on "__sys_connect_file",
            without: "connections through io_uring and of 32-bit programs are not seen";
    }
    /// A socket got an address of its own.
    NetworkBind = 0x0303, Bulk, network::NetworkBind {
        Both "sys_exit_bind" on "syscalls/sys_exit_bind", without: "bind(2) is not seen";
    }
    /// A socket began to take connections.
    NetworkListen = 0x0304, Bulk, network::NetworkListen {
        Both "sys_exit_listen" on "syscalls/sys_exit_listen", without: "listen(2) is not seen";
    }
    /// A connection was taken.
    NetworkAccept = 0x0305, Bulk, network::NetworkAccept {
        Both "sys_exit_accept" on "syscalls/sys_exit_accept", without: "accept(2) is not seen";
        Both "sys_exit_accept4" on "syscalls/sys_exit_accept4", without: "accept4(2) is not seen";
    }
    /// Two sockets connected to each other were made.
    NetworkSocketpair = 0x0306, Bulk, network::NetworkSocketpair {
        Both "sys_exit_socketpair" on "syscalls/sys_exit_socketpair", without: "socketpair(2) is not seen";
    }
    /// A datagram was sent: the first to its peer through an unconnected socket, or one of DNS.
    NetworkSend = 0x0307, Bulk, network::NetworkSend {
        Both "sys_exit_sendto" on "syscalls/sys_exit_sendto", without: "datagrams sent by sendto(2) are not seen";
        Both "sys_exit_sendmsg" on "syscalls/sys_exit_sendmsg", without: "datagrams sent by sendmsg(2) are not seen";
        Both "sys_exit_sendmmsg" on "syscalls/sys_exit_sendmmsg",
            without: "datagrams sent by sendmmsg(2) are not seen";
    }
    /// A datagram was received: the first of its peer through an unconnected socket, or one of DNS.
    NetworkReceive = 0x0308, Bulk, network::NetworkReceive {
        Both "sys_exit_recvfrom" on "syscalls/sys_exit_recvfrom",
            without: "datagrams received by recvfrom(2) are not seen";
        Both "sys_exit_recvmsg" on "syscalls/sys_exit_recvmsg",
            without: "datagrams received by recvmsg(2) are not seen";
        Both "sys_exit_recvmmsg" on "syscalls/sys_exit_recvmmsg",
            without: "datagrams received by recvmmsg(2) are not seen";
    }
    /// A socket became standard input, output or error of a process.
    NetworkRedirect = 0x0309, Bulk, network::NetworkRedirect {
        Both "sys_exit_dup" on "syscalls/sys_exit_dup", without: "sockets duplicated by dup(2) are not seen";
        Both "sys_exit_dup2" on "syscalls/sys_exit_dup2", without: "sockets duplicated by dup2(2) are not seen";
        Both "sys_exit_dup3" on "syscalls/sys_exit_dup3", without: "sockets duplicated by dup3(2) are not seen";
        Both "sys_exit_fcntl" on "syscalls/sys_exit_fcntl", without: "sockets duplicated by fcntl(2) are not seen";
    }
    /// A process changed its user or group ids (`setuid` and its family), or was refused.
    CredentialSetid = 0x0401, Critical, credential::CredentialSetid {
        Both "sys_exit_setuid" on "syscalls/sys_exit_setuid", without: "setuid(2) is not seen";
        Both "sys_exit_setgid" on "syscalls/sys_exit_setgid", without: "setgid(2) is not seen";
        Both "sys_exit_setreuid" on "syscalls/sys_exit_setreuid", without: "setreuid(2) is not seen";
        Both "sys_exit_setregid" on "syscalls/sys_exit_setregid", without: "setregid(2) is not seen";
        Both "sys_exit_setresuid" on "syscalls/sys_exit_setresuid", without: "setresuid(2) is not seen";
        Both "sys_exit_setresgid" on "syscalls/sys_exit_setresgid", without: "setresgid(2) is not seen";
        Both "sys_exit_setfsuid" on "syscalls/sys_exit_setfsuid", without: "setfsuid(2) is not seen";
        Both "sys_exit_setfsgid" on "syscalls/sys_exit_setfsgid", without: "setfsgid(2) is not seen";
        Both "sys_enter_setuid" on "syscalls/sys_enter_setuid",
            without: "who a process was before setuid(2) is not known";
        Both "sys_enter_setgid" on "syscalls/sys_enter_setgid",
            without: "who a process was before setgid(2) is not known";
        Both "sys_enter_setreuid" on "syscalls/sys_enter_setreuid",
            without: "who a process was before setreuid(2) is not known";
        Both "sys_enter_setregid" on "syscalls/sys_enter_setregid",
            without: "who a process was before setregid(2) is not known";
        Both "sys_enter_setresuid" on "syscalls/sys_enter_setresuid",
            without: "who a process was before setresuid(2) is not known";
        Both "sys_enter_setresgid" on "syscalls/sys_enter_setresgid",
            without: "who a process was before setresgid(2) is not known";
        Both "sys_enter_setfsuid" on "syscalls/sys_enter_setfsuid",
            without: "who a process was before setfsuid(2) is not known";
        Both "sys_enter_setfsgid" on "syscalls/sys_enter_setfsgid",
            without: "who a process was before setfsgid(2) is not known";
    }
    /// A process changed its supplementary groups.
    CredentialSetgroups = 0x0402, Critical, credential::CredentialSetgroups {
        Both "sys_exit_setgroups" on "syscalls/sys_exit_setgroups", without: "setgroups(2) is not seen";
    }
    /// A process changed its capabilities.
    CredentialCapset = 0x0403, Critical, credential::CredentialCapset {
        Both "sys_exit_capset" on "syscalls/sys_exit_capset", without: "capset(2) is not seen";
        Both "sys_enter_capset" on "syscalls/sys_enter_capset",
            without: "who a process was before capset(2) is not known";
    }
    /// The kernel gave a process a user id of 0 or capabilities that it did not have, for whatever reason. Without the
    /// hook the engine finds out about user ids alone, from the process's next event.
    CredentialCommit = 0x0404, Critical, credential::CredentialCommit {
        Lsm "commit_creds" on "commit_creds", without: "privileges gained within the kernel are seen late, or not";
    }
    /// A thread entered other namespaces (`setns`).
    KernelSetns = 0x0501, Critical, kernel::KernelSetns {
        Both "sys_exit_setns" on "syscalls/sys_exit_setns", without: "setns(2) is not seen";
    }
    /// A thread stopped sharing namespaces or other things (`unshare`). New namespaces of a new process are in the flags
    /// of its fork.
    KernelUnshare = 0x0502, Critical, kernel::KernelUnshare {
        Both "sys_exit_unshare" on "syscalls/sys_exit_unshare", without: "unshare(2) is not seen";
    }
    /// A module was loaded into the kernel, from memory or from a file.
    KernelModuleLoad = 0x0503, Critical, kernel::KernelModuleLoad {
        Both "sys_exit_init_module" on "syscalls/sys_exit_init_module", without: "init_module(2) is not seen";
        Both "sys_exit_finit_module" on "syscalls/sys_exit_finit_module", without: "finit_module(2) is not seen";
    }
    /// A module was taken out of the kernel.
    KernelModuleRemove = 0x0504, Critical, kernel::KernelModuleRemove {
        Both "sys_exit_delete_module" on "syscalls/sys_exit_delete_module", without: "delete_module(2) is not seen";
    }
    /// `bpf` loaded, attached, pinned or got hold of something; access to elements of maps is not reported.
    KernelBpf = 0x0505, Critical, kernel::KernelBpf {
        Both "sys_exit_bpf" on "syscalls/sys_exit_bpf", without: "bpf(2) is not seen";
    }
    /// A process asked to handle page faults itself.
    KernelUserfaultfd = 0x0506, Critical, kernel::KernelUserfaultfd {
        Both "sys_exit_userfaultfd" on "syscalls/sys_exit_userfaultfd", without: "userfaultfd(2) is not seen";
    }
    /// An `io_uring` was made.
    KernelIoUringSetup = 0x0507, Critical, kernel::KernelIoUringSetup {
        Both "sys_exit_io_uring_setup" on "syscalls/sys_exit_io_uring_setup", without: "io_uring_setup(2) is not seen";
    }
    /// A process submitted an operation to an `io_uring`: the first of each kind per ring.
    KernelIoUringSubmit = 0x0508, Critical, kernel::KernelIoUringSubmit {
        Both "io_uring_submit_req" on "io_uring_submit_req",
            without: "what io_uring is used for is not seen";
        Both "io_uring_submit_sqe_5_13" on "io_uring_submit_sqe",
            without: "what io_uring is used for is not seen";
        Both "io_uring_submit_sqe_5_10" on "io_uring_submit_sqe",
            without: "what io_uring is used for is not seen";
        Both "io_uring_submit_sqe" on "io_uring_submit_sqe",
            without: "what io_uring is used for is not seen";
    }
    /// A performance counter or trace point was opened.
    KernelPerfEventOpen = 0x0509, Critical, kernel::KernelPerfEventOpen {
        Both "sys_exit_perf_event_open" on "syscalls/sys_exit_perf_event_open", without: "perf_event_open(2) is not seen";
    }
    /// Another kernel was made ready to take over.
    KernelKexec = 0x050a, Critical, kernel::KernelKexec {
        Both "sys_exit_kexec_load" on "syscalls/sys_exit_kexec_load", without: "kexec_load(2) is not seen";
        Both "sys_exit_kexec_file_load" on "syscalls/sys_exit_kexec_file_load", without: "kexec_file_load(2) is not seen";
    }
    /// A cgroup was created.
    CgroupMkdir = 0x0601, Critical, container::CgroupMkdir {
        Both "cgroup_mkdir" on "cgroup_mkdir", without: "a container is only known after a look at the file system";
    }
    /// A process was moved to another cgroup.
    CgroupAttachTask = 0x0602, Critical, container::CgroupAttachTask {
        Both "cgroup_attach_task" on "cgroup_attach_task", without: "moves into and out of containers are not seen";
    }
    /// A cgroup was removed.
    CgroupRmdir = 0x0603, Critical, container::CgroupRmdir {
        Both "cgroup_rmdir" on "cgroup_rmdir", without: "ended containers are kept longer";
    }
}

/// Size of the largest payload, in bytes.
pub const MAX_PAYLOAD: usize = {
    let mut largest = 0;
    let mut i = 0;
    while i < Kind::ALL.len() {
        #[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
        let size = Kind::ALL[i].payload_size();
        if size > largest {
            largest = size;
        }
        i += 1;
    }
    largest
};

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn ids_are_unique_and_lead_back() {
        for (index, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(Kind::from_id(*kind as u16), Some(*kind));
            assert_eq!(kind.index() as usize, index);
            assert!(!kind.doc().trim().is_empty());
        }
        assert_eq!(Kind::from_id(0), None);
    }

    #[test]
    fn every_kind_has_a_hook_in_each_tier_and_programs_are_unique() {
        let mut programs = Vec::new();
        for kind in Kind::ALL {
            for tier in [Tier::Lsm, Tier::Tracepoint] {
                let has_hook = kind.hooks().iter().any(|h| h.tier.serves(tier));
                // Without a hook on it, userspace tells what became of rights from what it knows of the process.
                let is_told_in_userspace = (*kind, tier) == (Kind::CredentialCommit, Tier::Tracepoint);
                assert!(has_hook != is_told_in_userspace, "{} in {tier:?}", kind.name());
            }
            programs.extend(kind.hooks().iter().map(|h| h.program));
        }
        let all = programs.len();
        programs.sort_unstable();
        programs.dedup();
        assert_eq!(programs.len(), all);
    }

    #[test]
    fn payloads_keep_the_tail_aligned() {
        for kind in Kind::ALL {
            assert_eq!(kind.payload_size() % 8, 0, "{}", kind.name());
        }
    }
}
