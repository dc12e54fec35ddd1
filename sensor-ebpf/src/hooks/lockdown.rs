//! Hooks of the guard's lock-down: nobody but the guard reaches the sockets of container engines. Only the guard loads them.

use aya_ebpf::{
    macros::{lsm, tracepoint},
    programs::{LsmContext, TracePointContext},
};

use crate::kernel::{
    Ptr,
    call::connected_unix,
    lockdown::{self, Listener},
};

/// A stream connects to a unix socket, `lsm` tier.
///
/// # Reports
/// Connections to protected sockets by others than the guard and the programs that may, which it refuses where it is told
/// to; and remembers who connects to the guard.
/// # Since kernel
/// 5.7, where `bpf` is among the security modules; who connects to the guard is remembered since 5.12.
/// # Blind spots
/// Descriptors of connections that were made before. Sockets of datagrams: no engine has one.
#[lsm(hook = "unix_stream_connect")]
pub fn unix_stream_connect(ctx: LsmContext) -> i32 {
    let listener = Listener::from(Ptr::argument(ctx.arg(1)));
    // The connection's other end, which the listener will accept.
    lockdown::decide(listener, || lockdown::cookie(ctx.arg(2)))
}

/// The end of `connect`, where the other hook cannot be had.
///
/// # Reports
/// Connections to protected sockets that were made by others than the guard and the programs that may.
/// # Since kernel
/// 5.8.
/// # Blind spots
/// 32-bit calls; `io_uring`. A connection that the listener closed before the call ended, or whose descriptor another thread
/// replaced.
#[tracepoint(category = "syscalls", name = "sys_exit_connect")]
pub fn sys_exit_connect_engine(ctx: TracePointContext) -> u32 {
    if let Some(peer) = connected_unix(&ctx) {
        lockdown::tell(Listener::from(peer));
    }
    0
}
