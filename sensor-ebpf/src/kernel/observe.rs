//! What every observing hook goes through.

use aya_ebpf::{EbpfContext, helpers::bpf_get_current_pid_tgid};
use sensor_common::{counters::Outcome, event::Payload};

use super::{Miss, count::Row, globals::config, record::Record, scratch::Scratch};

/// Reports one event: counts it, skips the sensor's own, lets `fill` write the payload, and sends the record.
///
/// Always returns 0: observing never changes what the kernel does.
#[inline(always)]
pub(crate) fn observe<E: Payload>(
    ctx: &impl EbpfContext,
    fill: impl FnOnce(&mut Record<E>) -> Result<(), Miss>,
) -> i32 {
    observe_if(ctx, || Ok(()), |record, ()| fill(record))
}

/// The same for an event that is only reported if `wanted` finds reason to, which costs nothing else.
#[inline(always)]
pub(crate) fn observe_if<E: Payload, T>(
    ctx: &impl EbpfContext,
    wanted: impl FnOnce() -> Result<T, Miss>,
    fill: impl FnOnce(&mut Record<E>, T) -> Result<(), Miss>,
) -> i32 {
    if let Some(row) = Row::of(E::KIND) {
        row.add(Outcome::Seen);
        let outcome = match report(wanted, fill) {
            Ok(()) => Outcome::Emitted,
            Err(miss) => miss.outcome(),
        };
        row.add(outcome);
        log::<E>(ctx, outcome);
    }
    0
}

/// Tells how each sighting ended, for work on the programs themselves; otherwise nothing at all.
#[cfg(feature = "log")]
#[inline(always)]
fn log<E: Payload>(ctx: &impl EbpfContext, outcome: Outcome) {
    aya_log_ebpf::debug!(ctx, "{}: {}", E::KIND.name(), outcome.name());
}

#[cfg(not(feature = "log"))]
#[inline(always)]
fn log<E: Payload>(_: &impl EbpfContext, _: Outcome) {}

#[inline(always)]
fn report<E: Payload, T>(
    wanted: impl FnOnce() -> Result<T, Miss>,
    fill: impl FnOnce(&mut Record<E>, T) -> Result<(), Miss>,
) -> Result<(), Miss> {
    let pid_tgid = bpf_get_current_pid_tgid();
    if (pid_tgid >> 32) as u32 == config!(own_pid) {
        return Err(Miss::Own);
    }
    let found = wanted()?;
    let scratch = Scratch::claim()?;
    let result = assemble(scratch, pid_tgid, |record| fill(record, found));
    scratch.release();
    result
}

#[inline(always)]
fn assemble<E: Payload>(
    scratch: Scratch,
    pid_tgid: u64,
    fill: impl FnOnce(&mut Record<E>) -> Result<(), Miss>,
) -> Result<(), Miss> {
    let mut record = Record::<E>::begin(scratch, pid_tgid)?;
    fill(&mut record)?;
    record.send()
}
