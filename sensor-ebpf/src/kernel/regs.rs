//! The registers with which the current task entered the kernel.

use aya_ebpf::helpers::generated::{bpf_get_current_task_btf, bpf_task_pt_regs};
use sensor_common::{field_offsets::MISSING, header::NO_SYSCALL};

use zerocopy::FromBytes;

use super::{
    Ptr, Read,
    globals::{config, offset},
    task::Task,
};

/// `THREAD_SIZE` of x86-64 before Linux 5.15, without KASAN.
const STACK_SIZE: u64 = 16384;

/// Number of the system call being served, or [`NO_SYSCALL`].
#[inline(always)]
pub(super) fn syscall() -> u32 {
    if offset!(pt_regs_syscall) == MISSING {
        return NO_SYSCALL;
    }
    registers().read::<u32>(offset!(pt_regs_syscall)).value
}

/// The call's argument number `N`, from 0.
#[inline(always)]
pub(super) fn argument<const N: usize>() -> Read<u64> {
    read(match N {
        0 => offset!(pt_regs_arg0),
        1 => offset!(pt_regs_arg1),
        2 => offset!(pt_regs_arg2),
        3 => offset!(pt_regs_arg3),
        4 => offset!(pt_regs_arg4),
        5 => offset!(pt_regs_arg5),
        _ => MISSING,
    })
}

/// The register at this offset.
#[inline(always)]
pub(super) fn read<T: FromBytes>(offset: u32) -> Read<T> {
    registers().read(offset)
}

/// They lie at the end of the kernel's stack; kernels since 5.15 have a helper that says where.
#[inline(always)]
fn registers() -> Ptr {
    if config!(task_pt_regs) == 0 {
        let end = Task::current().stack().map(|stack| stack.plus(STACK_SIZE));
        return end.then(|end| end.container(offset!(pt_regs_size))).value;
    }
    // SAFETY: the helper takes nothing and always returns the current task.
    let task = unsafe { bpf_get_current_task_btf() };
    // SAFETY: the task is the current one, as the helper wants it.
    Ptr::argument(unsafe { bpf_task_pt_regs(task) } as u64)
}
