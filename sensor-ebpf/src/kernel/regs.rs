//! The registers with which the current task entered the kernel.

use aya_ebpf::helpers::generated::{bpf_get_current_task_btf, bpf_task_pt_regs};
use sensor_common::{field_offsets::MISSING, header::NO_SYSCALL};

use super::{
    Ptr, Read,
    globals::{config, offset},
};

/// Number of the system call being served, or [`NO_SYSCALL`].
#[inline(always)]
pub(super) fn syscall() -> u32 {
    if config!(task_pt_regs) == 0 || offset!(pt_regs_syscall) == MISSING {
        return NO_SYSCALL;
    }
    registers().read::<u32>(offset!(pt_regs_syscall)).value
}

/// The call's first argument.
#[inline(always)]
pub(super) fn arg0() -> Read<u64> {
    registers().read(offset!(pt_regs_arg0))
}

/// The call's second argument.
#[inline(always)]
pub(super) fn arg1() -> Read<u64> {
    registers().read(offset!(pt_regs_arg1))
}

/// The call's third argument.
#[inline(always)]
pub(super) fn arg2() -> Read<u64> {
    registers().read(offset!(pt_regs_arg2))
}

/// The call's fourth argument.
#[inline(always)]
pub(super) fn arg3() -> Read<u64> {
    registers().read(offset!(pt_regs_arg3))
}

#[inline(always)]
fn registers() -> Ptr {
    if config!(task_pt_regs) == 0 {
        return Ptr::argument(0);
    }
    // SAFETY: the helper takes nothing and always returns the current task.
    let task = unsafe { bpf_get_current_task_btf() };
    // SAFETY: the task is the current one, as the helper wants it.
    Ptr::argument(unsafe { bpf_task_pt_regs(task) } as u64)
}
