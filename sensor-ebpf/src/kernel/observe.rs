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
    observe_if(ctx, || true, fill)
}

/// The same where most sightings are no event of the kind: `wanted` is asked before a record is begun.
#[inline(always)]
pub(crate) fn observe_if<E: Payload>(
    ctx: &impl EbpfContext,
    wanted: impl FnOnce() -> bool,
    fill: impl FnOnce(&mut Record<E>) -> Result<(), Miss>,
) -> i32 {
    if let Some(row) = Row::of(E::KIND) {
        row.add(Outcome::Seen);
        let result = if wanted() { report(fill) } else { Err(Miss::Filtered) };
        let outcome = match result {
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
fn report<E: Payload>(fill: impl FnOnce(&mut Record<E>) -> Result<(), Miss>) -> Result<(), Miss> {
    let pid_tgid = bpf_get_current_pid_tgid();
    if (pid_tgid >> 32) as u32 == config!(own_pid) {
        return Err(Miss::Own);
    }
    let scratch = Scratch::claim()?;
    let result = assemble(scratch, pid_tgid, fill);
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
