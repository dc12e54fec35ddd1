//! Hooks of the file domain: here opens, in the modules the rest.

mod attributes;
mod contents;
mod mounts;
mod names;
mod objects;

use aya_ebpf::{
    macros::{fexit, tracepoint},
    programs::{FExitContext, TracePointContext},
};

use crate::kernel::open::{self, Request};

/// Opens by name (`open`, `openat`, `openat2`, `creat`, `io_uring`), `lsm` tier.
///
/// # Reports
/// The file that the kernel returns, and failures with their error.
/// # Since kernel
/// 5.5 (fexit).
/// # Blind spots
/// The descriptor's number and whether it is closed on exec, which are chosen elsewhere.
#[fexit(function = "do_filp_open")]
pub fn do_filp_open(ctx: FExitContext) -> i32 {
    open::by_name(&ctx, ctx.arg(1), ctx.arg(2), ctx.arg(3))
}

/// [`do_filp_open`] under the name it has since Linux 7.0.
#[fexit(function = "do_file_open")]
pub fn do_file_open(ctx: FExitContext) -> i32 {
    open::by_name(&ctx, ctx.arg(1), ctx.arg(2), ctx.arg(3))
}

/// Opens by handle (`open_by_handle_at`) and the kernel's own opens relative to a root, `lsm` tier.
///
/// # Reports
/// As [`do_filp_open`]; the name is empty for a handle.
/// # Since kernel
/// 5.5 (fexit).
/// # Blind spots
/// As [`do_filp_open`].
#[fexit(function = "do_file_open_root")]
pub fn do_file_open_root(ctx: FExitContext) -> i32 {
    open::by_handle(&ctx, ctx.arg(2), ctx.arg(3))
}

/// [`do_file_open_root`] for kernels that pass the root as a dentry and a mount (before Linux 5.13).
///
/// # Reports
/// As [`do_file_open_root`].
/// # Since kernel
/// 5.5 (fexit).
/// # Blind spots
/// As [`do_filp_open`].
#[fexit(function = "do_file_open_root")]
pub fn do_file_open_root_dentry(ctx: FExitContext) -> i32 {
    open::by_handle(&ctx, ctx.arg(3), ctx.arg(4))
}

/// `open`, `tracepoint` tier.
///
/// # Reports
/// The file behind the new descriptor, at the end of the call; failures with the name the program passed.
/// # Since kernel
/// 5.15 for flags and names; 4.7 for the rest.
/// # Blind spots
/// Another thread that replaces the descriptor before the call ends: records are flagged unverified.
/// 32-bit calls and `io_uring` do not pass here.
#[tracepoint(category = "syscalls", name = "sys_exit_open")]
pub fn sys_exit_open(ctx: TracePointContext) -> u32 {
    open::at_exit(&ctx, Request::Open)
}

/// `openat`, as [`sys_exit_open`].
#[tracepoint(category = "syscalls", name = "sys_exit_openat")]
pub fn sys_exit_openat(ctx: TracePointContext) -> u32 {
    open::at_exit(&ctx, Request::OpenAt)
}

/// `openat2`, as [`sys_exit_open`].
#[tracepoint(category = "syscalls", name = "sys_exit_openat2")]
pub fn sys_exit_openat2(ctx: TracePointContext) -> u32 {
    open::at_exit(&ctx, Request::OpenAt2)
}

/// `creat`, as [`sys_exit_open`].
#[tracepoint(category = "syscalls", name = "sys_exit_creat")]
pub fn sys_exit_creat(ctx: TracePointContext) -> u32 {
    open::at_exit(&ctx, Request::Creat)
}

/// `open_by_handle_at`, as [`sys_exit_open`].
#[tracepoint(category = "syscalls", name = "sys_exit_open_by_handle_at")]
pub fn sys_exit_open_by_handle_at(ctx: TracePointContext) -> u32 {
    open::at_exit(&ctx, Request::ByHandle)
}
