//! Hooks of the kernel domain: calls that change what the kernel is or what a process can reach in it.

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use sensor_common::event::kernel::KernelSetns;

use crate::kernel::call::at_exit;

/// `setns`: a thread enters other namespaces.
///
/// # Reports
/// The descriptor and the types as passed, and what came of it.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls.
#[tracepoint(category = "syscalls", name = "sys_exit_setns")]
pub fn sys_exit_setns(ctx: TracePointContext) -> u32 {
    at_exit::<KernelSetns>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().fd = record.take(call.int::<0>());
        record.body().nstype = record.take(call.word::<1>());
        Ok(())
    })
}
