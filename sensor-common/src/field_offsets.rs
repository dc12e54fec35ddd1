//! The kernel's struct members that the programs read, found in the running kernel's BTF at start.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Offset of a member that this kernel does not have.
pub const MISSING: u32 = u32::MAX;

/// Where one offset comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in [`FieldOffsets`].
    pub name: &'static str,
    /// The kernel's struct.
    pub structure: &'static str,
    /// Dotted path of the member within it; empty for the size of the struct. Where kernels differ the names are
    /// alternatives, separated by `|`.
    pub member: &'static str,
}

macro_rules! field_offsets {
    ($($(#[doc = $doc:literal])* $name:ident: $structure:literal, $member:literal;)+) => {
        /// Byte offsets into the kernel's structs, or [`MISSING`].
        #[repr(C)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
        pub struct FieldOffsets {
            $(#[doc = concat!("`", $structure, ".", $member, "`")] pub $name: u32,)+
        }

        impl FieldOffsets {
            /// The table: one row per member.
            pub const FIELDS: &'static [Field] =
                &[$(Field { name: stringify!($name), structure: $structure, member: $member },)+];

            /// Every member missing.
            pub const UNKNOWN: Self = Self { $($name: MISSING,)+ };

            /// Asks `offset` for each row.
            pub fn resolve(mut offset: impl FnMut(&Field) -> Option<u32>) -> Self {
                Self {
                    $($name: offset(&Field {
                        name: stringify!($name), structure: $structure, member: $member,
                    }).unwrap_or(MISSING),)+
                }
            }
        }
    };
}

field_offsets! {
    task_flags: "task_struct", "flags";
    task_pid: "task_struct", "pid";
    task_tgid: "task_struct", "tgid";
    task_group_leader: "task_struct", "group_leader";
    task_real_parent: "task_struct", "real_parent";
    task_start_boottime: "task_struct", "start_boottime";
    task_mm: "task_struct", "mm";
    task_fs: "task_struct", "fs";
    task_files: "task_struct", "files";
    task_cred: "task_struct", "cred";
    task_nsproxy: "task_struct", "nsproxy";
    task_signal: "task_struct", "signal";
    task_thread_pid: "task_struct", "thread_pid";
    task_loginuid: "task_struct", "loginuid";
    task_sessionid: "task_struct", "sessionid";
    task_exit_code: "task_struct", "exit_code";
    task_cgroups: "task_struct", "cgroups";
    signal_live: "signal_struct", "live";
    signal_group_exit_code: "signal_struct", "group_exit_code";
    signal_tty: "signal_struct", "tty";
    signal_pids: "signal_struct", "pids";
    tty_index: "tty_struct", "index";
    tty_driver: "tty_struct", "driver";
    tty_driver_major: "tty_driver", "major";
    tty_driver_minor_start: "tty_driver", "minor_start";
    pid_level: "pid", "level";
    pid_numbers: "pid", "numbers";
    upid_nr: "upid", "nr";
    upid_ns: "upid", "ns";
    upid_size: "upid", "";
    pid_ns_inum: "pid_namespace", "ns.inum";
    user_ns_inum: "user_namespace", "ns.inum";
    mnt_ns_inum: "mnt_namespace", "ns.inum";
    net_ns_inum: "net", "ns.inum";
    nsproxy_mnt_ns: "nsproxy", "mnt_ns";
    nsproxy_net_ns: "nsproxy", "net_ns";
    cred_uid: "cred", "uid";
    cred_euid: "cred", "euid";
    cred_gid: "cred", "gid";
    cred_egid: "cred", "egid";
    cred_cap_permitted: "cred", "cap_permitted";
    cred_cap_effective: "cred", "cap_effective";
    cred_cap_inheritable: "cred", "cap_inheritable";
    cred_user_ns: "cred", "user_ns";
    mm_arg_start: "mm_struct", "arg_start";
    mm_arg_end: "mm_struct", "arg_end";
    mm_env_start: "mm_struct", "env_start";
    mm_env_end: "mm_struct", "env_end";
    mm_exe_file: "mm_struct", "exe_file";
    bprm_argc: "linux_binprm", "argc";
    bprm_filename: "linux_binprm", "filename";
    bprm_fdpath: "linux_binprm", "fdpath";
    fs_pwd: "fs_struct", "pwd";
    fs_root: "fs_struct", "root";
    files_fdt: "files_struct", "fdt";
    fdtable_fd: "fdtable", "fd";
    fdtable_max_fds: "fdtable", "max_fds";
    file_path: "file", "f_path";
    file_inode: "file", "f_inode";
    file_flags: "file", "f_flags";
    file_mode: "file", "f_mode";
    file_private_data: "file", "private_data";
    path_mnt: "path", "mnt";
    path_dentry: "path", "dentry";
    mount_mnt: "mount", "mnt";
    mount_parent: "mount", "mnt_parent";
    mount_mountpoint: "mount", "mnt_mountpoint";
    vfsmount_root: "vfsmount", "mnt_root";
    dentry_parent: "dentry", "d_parent";
    dentry_name: "dentry", "d_name.name";
    dentry_inode: "dentry", "d_inode";
    inode_ino: "inode", "i_ino";
    inode_i_size: "inode", "i_size";
    inode_uid: "inode", "i_uid";
    inode_gid: "inode", "i_gid";
    inode_mode: "inode", "i_mode";
    inode_nlink: "inode", "i_nlink";
    /// Flat since Linux 6.11, with underscores since 6.7. Only the lower half of the nanoseconds is read.
    inode_mtime_sec: "inode", "i_mtime_sec|__i_mtime.tv_sec|i_mtime.tv_sec";
    inode_mtime_nsec: "inode", "i_mtime_nsec|__i_mtime.tv_nsec|i_mtime.tv_nsec";
    inode_ctime_sec: "inode", "i_ctime_sec|__i_ctime.tv_sec|i_ctime.tv_sec";
    inode_ctime_nsec: "inode", "i_ctime_nsec|__i_ctime.tv_nsec|i_ctime.tv_nsec";
    inode_sb: "inode", "i_sb";
    /// overlayfs keeps the upper dentry right behind the inode it embeds.
    inode_size: "inode", "";
    sb_dev: "super_block", "s_dev";
    sb_magic: "super_block", "s_magic";
    filename_name: "filename", "name";
    open_flags_flag: "open_flags", "open_flag";
    open_flags_mode: "open_flags", "mode";
    cgroup_kn: "cgroup", "kn";
    cgroup_root: "cgroup", "root";
    cgroup_root_hierarchy_id: "cgroup_root", "hierarchy_id";
    kernfs_node_id: "kernfs_node", "id";
    kernfs_node_name: "kernfs_node", "name";
    css_set_dfl_cgrp: "css_set", "dfl_cgrp";
    pt_regs_syscall: "pt_regs", "orig_ax";
    pt_regs_arg1: "pt_regs", "si";
    pt_regs_arg0: "pt_regs", "di";
    pt_regs_arg2: "pt_regs", "dx";
    pt_regs_arg3: "pt_regs", "r10";
    pt_regs_arg4: "pt_regs", "r8";
    pt_regs_arg5: "pt_regs", "r9";
    pt_regs_size: "pt_regs", "";
    task_stack: "task_struct", "stack";
    socket_sk: "socket", "sk";
    socket_type: "socket", "type";
    sock_family: "sock", "__sk_common.skc_family";
    sock_state: "sock", "__sk_common.skc_state";
    sock_daddr: "sock", "__sk_common.skc_daddr";
    sock_rcv_saddr: "sock", "__sk_common.skc_rcv_saddr";
    sock_v6_daddr: "sock", "__sk_common.skc_v6_daddr";
    sock_v6_rcv_saddr: "sock", "__sk_common.skc_v6_rcv_saddr";
    sock_dport: "sock", "__sk_common.skc_dport";
    sock_num: "sock", "__sk_common.skc_num";
    sock_net: "sock", "__sk_common.skc_net.net";
    sock_protocol: "sock", "sk_protocol";
    unix_addr: "unix_sock", "addr";
    unix_path: "unix_sock", "path";
    unix_peer: "unix_sock", "peer";
    unix_address_len: "unix_address", "len";
    unix_address_name: "unix_address", "name";
    task_status: "task_struct", "thread_info.status";
    /// The register that holds the first argument of a 32-bit call.
    pt_regs_compat_arg0: "pt_regs", "bx";
    task_real_cred: "task_struct", "real_cred";
    cred_suid: "cred", "suid";
    cred_sgid: "cred", "sgid";
    cred_fsuid: "cred", "fsuid";
    cred_fsgid: "cred", "fsgid";
    mm_task_size: "mm_struct", "task_size";
    inode_private: "inode", "i_private";
    io_kiocb_opcode: "io_kiocb", "opcode";
    io_kiocb_ctx: "io_kiocb", "ctx";
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_has_its_own_name_and_member() {
        let names: BTreeSet<_> = FieldOffsets::FIELDS.iter().map(|f| f.name).collect();
        let members: BTreeSet<_> = FieldOffsets::FIELDS.iter().map(|f| (f.structure, f.member)).collect();
        assert_eq!(names.len(), FieldOffsets::FIELDS.len());
        assert_eq!(members.len(), FieldOffsets::FIELDS.len());
    }
}
