//! Hooks of the credential domain.

use aya_ebpf::{macros::tracepoint, programs::TracePointContext};
use sensor_common::event::credential::CredentialSetid;

use crate::kernel::call::at_exit;

/// An id that a call does not name, or wants to leave as it is.
const NONE: u32 = u32::MAX;

/// `setuid`.
///
/// # Reports
/// The id as passed, and what came of it; the header has the ids after the call.
/// # Since kernel
/// 4.7.
/// # Blind spots
/// 32-bit calls.
#[tracepoint(category = "syscalls", name = "sys_exit_setuid")]
pub fn sys_exit_setuid(ctx: TracePointContext) -> u32 {
    at_exit::<CredentialSetid>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().ids = [record.take(call.word::<0>()), NONE, NONE];
        Ok(())
    })
}

/// `setgid`, as [`sys_exit_setuid`].
#[tracepoint(category = "syscalls", name = "sys_exit_setgid")]
pub fn sys_exit_setgid(ctx: TracePointContext) -> u32 {
    at_exit::<CredentialSetid>(&ctx, |record, call| {
        record.body().result = call.result();
        record.body().ids = [record.take(call.word::<0>()), NONE, NONE];
        Ok(())
    })
}
