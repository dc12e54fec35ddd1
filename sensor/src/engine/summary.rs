//! Every counter, in the order in which data flows.

use std::sync::atomic::Ordering;

use crate::{
    decode::DecodeError,
    metrics::{Summary, kernel_adds_up},
    sink::{Severity, status},
    sys::bpf::Programs,
};

use super::pipeline::{End, Pipeline};

/// Collects the counters of every stage.
pub(super) fn collect(programs: &Programs, pipeline: &Pipeline) -> Summary {
    let mut summary = Summary::default();
    match programs.counters() {
        Ok(rows) => {
            summary.add_kernel(&rows);
            if !kernel_adds_up(&rows) {
                tracing::debug!("counters of programs that run at this moment do not add up");
            }
        }
        Err(error) => status(Severity::Warning, &format!("the kernel's counters cannot be read: {error}")),
    }
    let counters = &pipeline.counters;
    let bad = DecodeError::NAMES.iter().copied().zip(counters.bad);
    let records = [("records", counters.records), ("events", counters.events)];
    summary.add("decode", records.into_iter().chain(bad));
    summary.add("objects", pipeline.objects.counters().rows());
    summary.add("process", pipeline.table.counters().rows());
    summary.add("dns", pipeline.names.counters().rows());
    summary.add("identity", pipeline.identity_counters.all());
    for (name, counters) in pipeline.enrichment.counters() {
        summary.add(name, counters);
    }
    summary.add("trail", [("clients_forgotten", pipeline.clients.forgotten())]);
    if let End::Alerts(judge, integrity) = &pipeline.end {
        summary.add("rules", judge.counters().rows());
        summary.add("integrity", integrity.rows());
    }
    let sink = pipeline.sink.counters();
    let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    summary.add(
        "sink",
        [
            ("queued", read(&sink.queued)),
            ("written", read(&sink.written)),
            ("dropped", read(&sink.dropped)),
            ("errors", read(&sink.errors)),
        ],
    );
    summary
}

/// Prints a summary, a line for each stage.
pub(super) fn print(summary: &Summary) {
    summary.lines().iter().for_each(|line| status(Severity::Info, line));
}
