//! Bounds that the compiler may not reason away, so that the verifier sees them where they are needed.

use core::arch::asm;

use sensor_common::tail::{MAX_PIECE, MAX_START};

const START_MASK: u64 = MAX_START.next_power_of_two() as u64 - 1;
const PIECE_MASK: u64 = MAX_PIECE as u64 - 1;

/// `value` again, with everything the compiler knew of it forgotten.
#[inline(always)]
pub(crate) fn opaque(mut value: u64) -> u64 {
    // SAFETY: adds nothing to a register. An empty string would do for the compiler, but then two entries of the
    // line table share an instruction, which the kernel refuses.
    unsafe { asm!("{0} += 0", inout(reg) value, options(nomem, nostack, pure)) };
    value
}

/// An offset at which a piece may begin: the caller has checked it, this shows it to the verifier.
#[inline(always)]
pub(crate) fn start(mut value: u64) -> u64 {
    // SAFETY: a bit-wise and on a register.
    unsafe { asm!("{0} &= {1}", inout(reg) value, const START_MASK, options(nomem, nostack, pure)) };
    value
}

/// A length below [`MAX_PIECE`], as for [`start`].
#[inline(always)]
pub(crate) fn length(mut value: u64) -> u64 {
    // SAFETY: a bit-wise and on a register.
    unsafe { asm!("{0} &= {1}", inout(reg) value, const PIECE_MASK, options(nomem, nostack, pure)) };
    value
}
