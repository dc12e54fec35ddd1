//! Atomic addition; the target has the instruction, but the library offers it nowhere.

use core::arch::asm;

/// Adds `value` to `*counter`, atomically against every other program, wrapping.
///
/// # Safety
/// `counter` points to a live, aligned `u64` that is written in no other way while programs run.
#[inline(always)]
pub(super) unsafe fn add(counter: *mut u64, value: u64) {
    // SAFETY: the caller promises the pointer; the instruction has no other effect.
    unsafe { asm!("lock *(u64 *)({0} + 0) += {1}", in(reg) counter, in(reg) value, options(nostack)) };
}
