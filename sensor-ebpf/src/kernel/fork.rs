//! What a new process was asked to share.

use super::{Ptr, Read, globals::offset, regs, task::Task};

/// The signal at the end, in the flags of `clone`.
const CSIGNAL: u64 = 0xff;
/// `CLONE_VM | CLONE_VFORK`, which is all that `vfork` is.
const VFORK: u64 = 0x4100;

/// Numbers of the calls; those of x86-64, then those of i386.
const CLONE: u32 = 56;
const VFORK_CALL: u32 = 58;
const CLONE3: u32 = 435;
const COMPAT_CLONE: u32 = 120;
const COMPAT_VFORK: u32 = 190;
/// `__X32_SYSCALL_BIT`.
const X32: u32 = 0x4000_0000;

/// The flags of the call being served; those of `clone3` lie in the program's memory.
#[inline(always)]
pub(crate) fn flags() -> Read<u64> {
    let number = regs::syscall();
    if Task::current().is_compat() {
        return compat_flags(number);
    }
    match number & !X32 {
        CLONE => regs::argument::<0>().map(|flags| flags & !CSIGNAL),
        CLONE3 => regs::argument::<0>().map(Ptr::argument).user(0),
        VFORK_CALL => Read::known(VFORK),
        _ => Read::known(0),
    }
}

#[inline(always)]
fn compat_flags(number: u32) -> Read<u64> {
    let first = || regs::read::<u64>(offset!(pt_regs_compat_arg0)).map(|word| word & u64::from(u32::MAX));
    match number {
        COMPAT_CLONE => first().map(|flags| flags & !CSIGNAL),
        CLONE3 => first().map(Ptr::argument).user(0),
        COMPAT_VFORK => Read::known(VFORK),
        _ => Read::known(0),
    }
}
