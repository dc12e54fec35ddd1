//! Hooks of the network domain.

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use sensor_common::event::network::NetworkSocket;

use crate::kernel::call::at_exit;

/// `socket`.
///
/// # Reports
/// Family, type and protocol as passed, and the new descriptor or the error.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls; `io_uring`.
#[tracepoint(category = "syscalls", name = "sys_exit_socket")]
pub fn sys_exit_socket(ctx: TracePointContext) -> u32 {
    at_exit::<NetworkSocket>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().family = record.take(call.word::<0>());
        record.body().kind = record.take(call.word::<1>());
        record.body().protocol = record.take(call.word::<2>());
        Ok(())
    })
}
