//! System calls at their end: what they returned, and the registers they were entered with.

use aya_ebpf::programs::TracePointContext;
use sensor_common::{event::Payload, header::NO_SYSCALL};

use super::{Miss, Ptr, Read, observe_if, record::Record, regs, sock::Socket};

/// Where a `sys_exit_*` record has the call's number and what it returned.
const NUMBER: usize = 8;
const RESULT: usize = 16;

/// Where a `sys_enter_*` record has its first argument.
const ARGUMENTS: usize = 16;

/// Argument number `N` of a system call that begins; 0 if it cannot be had, which the caller's further reads survive.
#[inline(always)]
pub(crate) fn at_entry<const N: usize>(ctx: &TracePointContext) -> u64 {
    // SAFETY: the offset is within the record of every `sys_enter_*` tracepoint of a call with more than `N` arguments.
    unsafe { ctx.read_at::<u64>(ARGUMENTS + N * size_of::<u64>()) }.unwrap_or_default()
}

/// Argument number `N` of the system call being served; 0 if it cannot be had.
#[inline(always)]
pub(crate) fn argument<const N: usize>() -> u64 {
    regs::argument::<N>().value
}

/// Number of x86-64's `connect`.
const CONNECT: u32 = 42;

/// Whether the call being served is a 64-bit `connect`, or none is known.
#[inline(always)]
pub(crate) fn is_connect() -> bool {
    matches!(regs::syscall(), CONNECT | NO_SYSCALL)
}

/// A system call that ends.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    number: u32,
    result: i64,
}

impl Call {
    /// The call, with its number and what it returned.
    #[inline(always)]
    pub(super) fn ending(ctx: &TracePointContext) -> Result<Self, Miss> {
        // SAFETY: the offset is within the record of every `sys_exit_*` tracepoint.
        let number = unsafe { ctx.read_at::<u32>(NUMBER) };
        // SAFETY: as above.
        let result = unsafe { ctx.read_at::<i64>(RESULT) };
        match (number, result) {
            (Ok(number), Ok(result)) => Ok(Self { number, result }),
            _ => Err(Miss::Unreadable),
        }
    }

    /// What a call that ends returned; an error where that cannot be read.
    #[inline(always)]
    pub(crate) fn returned(ctx: &TracePointContext) -> i64 {
        Self::ending(ctx).map_or(-1, Self::result)
    }

    /// What it returned: a value, or an error negated.
    #[inline(always)]
    pub(crate) const fn result(self) -> i64 {
        self.result
    }

    /// Argument number `N`, from 0.
    #[inline(always)]
    #[expect(clippy::unused_self, reason = "the current task's registers are the call's while it lasts")]
    pub(crate) fn argument<const N: usize>(self) -> Read<u64> {
        regs::argument::<N>()
    }

    /// The same where it is an `unsigned int`.
    #[inline(always)]
    pub(crate) fn word<const N: usize>(self) -> Read<u32> {
        self.argument::<N>().map(|word| word as u32)
    }

    /// The same where it is an `int`.
    #[inline(always)]
    pub(crate) fn int<const N: usize>(self) -> Read<i32> {
        self.word::<N>().map(u32::cast_signed)
    }

    /// The same where it is an address.
    #[inline(always)]
    pub(crate) fn pointer<const N: usize>(self) -> Read<Ptr> {
        self.argument::<N>().map(Ptr::argument)
    }
}

/// Reports a system call at its end if `wanted` finds reason to, which is asked before anything else is done.
#[inline(always)]
pub(crate) fn at_exit_if<E: Payload, T>(
    ctx: &TracePointContext,
    wanted: impl FnOnce(Call) -> Result<T, Miss>,
    fill: impl FnOnce(&mut Record<E>, Call, T) -> Result<(), Miss>,
) -> u32 {
    observe_if::<E, _>(
        ctx,
        || {
            let call = Call::ending(ctx)?;
            Ok((call, wanted(call)?))
        },
        |record, (call, found)| {
            record.header().syscall = call.number;
            fill(record, call, found)
        },
    );
    0
}

/// Reports a system call at its end if it is one of those that are `wanted`.
#[inline(always)]
pub(crate) fn at_exit_of<E: Payload>(
    ctx: &TracePointContext,
    wanted: impl FnOnce(Call) -> bool,
    fill: impl FnOnce(&mut Record<E>, Call) -> Result<(), Miss>,
) -> u32 {
    let wanted = |call| if wanted(call) { Ok(()) } else { Err(Miss::Filtered) };
    at_exit_if::<E, _>(ctx, wanted, |record, call, ()| fill(record, call))
}

/// Reports a system call at its end.
#[inline(always)]
pub(crate) fn at_exit<E: Payload>(
    ctx: &TracePointContext,
    fill: impl FnOnce(&mut Record<E>, Call) -> Result<(), Miss>,
) -> u32 {
    at_exit_if::<E, _>(ctx, |_| Ok(()), |record, call, ()| fill(record, call))
}

/// The other end of a unix socket that a `connect` that ends has connected.
#[inline(always)]
pub(crate) fn connected_unix(ctx: &TracePointContext) -> Option<Ptr> {
    let call = Call::ending(ctx).ok()?;
    if call.result() != 0 {
        return None;
    }
    let peer = Socket::open(call.word::<0>().value).ok()?.unix_peer();
    if peer.is_null() { None } else { Some(peer) }
}
