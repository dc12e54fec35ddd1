//! Times put together, and written as a table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Arguments;
use super::client::Client;

/// The times of one scenario; a side may have none.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    name: String,
    sides: BTreeMap<Side, Vec<Duration>>,
}

/// Which way a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// To the engine.
    Direct,
    /// Through the guard.
    Guarded,
    /// To the engine as well: what differs between these and the others is the engine's own.
    Again,
}

impl Row {
    pub(super) fn new(name: String) -> Self {
        Self { name, ..Self::default() }
    }

    pub(super) fn add(&mut self, side: Side, took: Duration) {
        self.sides.entry(side).or_default().push(took);
    }

    fn percentiles(&self, side: Side) -> Option<Percentiles> {
        Percentiles::of(self.sides.get(&side)?)
    }
}

/// What a side's times come to.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Percentiles {
    p50: f64,
    p99: f64,
}

impl Percentiles {
    /// In milliseconds, by the nearest rank; `None` of nothing.
    fn of(times: &[Duration]) -> Option<Self> {
        let mut times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            let rank = times.len().saturating_mul(percent).div_ceil(100);
            times.get(rank.saturating_sub(1)).copied()
        };
        Some(Self { p50: at(50)?, p99: at(99)? })
    }

    /// How much more that is.
    fn beyond(self, other: Self) -> Self {
        Self { p50: self.p50 - other.p50, p99: self.p99 - other.p99 }
    }
}

/// The table.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text =
        "| Request | rounds | direct p50 | p99 | guarded p50 | p99 | added p50 | p99 | noise p50 | p99 |\n\
                    |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
            .to_owned();
    for row in rows {
        let count = row.sides.values().map(Vec::len).max().unwrap_or_default();
        let [direct, guarded, again] =
            [Side::Direct, Side::Guarded, Side::Again].map(|side| row.percentiles(side));
        let beyond = |side: Option<Percentiles>| Some(side?.beyond(direct?));
        let cells = [direct, guarded, beyond(guarded), beyond(again)].map(cells).join(" | ");
        // Writing to a text cannot fail.
        writeln!(text, "| {} | {count} | {cells} |", row.name).ok();
    }
    text
}

fn cells(percentiles: Option<Percentiles>) -> String {
    percentiles.map_or_else(|| "| ".to_owned(), |Percentiles { p50, p99 }| format!("{p50:.2} | {p99:.2}"))
}

/// Of what, with what, and how much else went on.
pub(super) fn heading(engine: &mut Client, arguments: &Arguments) -> Result<String> {
    let version = engine.expect("GET", "/version", b"", 200)?;
    let version: Value = serde_json::from_slice(&version.body).context("reading the engine's version")?;
    let text = |name: &str| version.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    Ok(format!(
        "Milliseconds. Vigie {}, Docker Engine {}, Linux {}, {cpus} CPUs, load average {} at the end, seed {}.\n",
        env!("CARGO_PKG_VERSION"),
        text("Version"),
        // Without what a distribution or a host calls its own.
        text("KernelVersion").split('-').next().unwrap_or_default(),
        std::fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').next().unwrap_or_default(),
        arguments.seed,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times: Vec<_> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(Percentiles::of(&times), Some(Percentiles { p50: 100.0, p99: 198.0 }));
        let one = [Duration::from_millis(7)];
        assert_eq!(Percentiles::of(&one), Some(Percentiles { p50: 7.0, p99: 7.0 }));
        assert_eq!(Percentiles::of(&[]), None);
    }

    #[test]
    fn what_is_added_is_the_difference_of_both_sides() {
        let mut row = Row::new("ping".to_owned());
        for (side, took) in [(Side::Direct, 100), (Side::Guarded, 350), (Side::Again, 90)] {
            row.add(side, Duration::from_micros(took));
        }
        let mut alone = Row::new("denied".to_owned());
        alone.add(Side::Guarded, Duration::from_millis(2));
        let text = table(&[row, alone]);
        let wanted = "| ping | 1 | 0.10 | 0.10 | 0.35 | 0.35 | 0.25 | 0.25 | -0.01 | -0.01 |\n";
        assert!(text.contains(wanted), "{text}");
        assert!(text.ends_with("| denied | 1 | |  | 2.00 | 2.00 | |  | |  |\n"), "{text}");
    }
}
