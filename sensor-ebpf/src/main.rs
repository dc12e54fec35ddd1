//! Vigie's kernel programs: what they see, the engine learns.
//!
//! `hooks` holds one short function per hook and no `unsafe`; `kernel` holds everything that reads the
//! kernel's memory or talks to the verifier.

#![no_std]
#![no_main]
#![expect(unstable_features, reason = "inline assembly for BPF is unstable, and the verifier needs it")]
#![expect(
    clippy::inline_always,
    reason = "the verifier follows every call with its own limits, so programs are one function each"
)]
#![expect(clippy::needless_pass_by_value, reason = "aya hands a hook its context by value")]
#![expect(unreachable_pub, reason = "aya's macros make the entry points of what is public")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "registers and map indexes are as wide as the kernel makes them; the widths are checked where they matter"
)]
#![feature(asm_experimental_arch)]

mod hooks;
mod kernel;

/// The verifier refuses a program in which this loop can be reached.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
