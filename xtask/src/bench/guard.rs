//! `cargo xtask bench guard`: how long a request takes through the guard, and how long without it.
//!
//! A real engine is asked directly, through `vigie guard` with the default policy, and directly again, in rounds whose
//! order is drawn by lot, in one run. What is beside each other is compared; the engine's own time is in all of them, and
//! how far two direct times are apart says how much of a difference is not the guard's.

mod client;
mod daemons;
mod figures;
mod lot;
mod requests;
mod scenario;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use super::report;
use crate::progress::step;
use crate::setup::{Need, Scratch};
use crate::workspace::Workspace;
use crate::{artifacts, setup};
use client::Client;
use daemons::{Engine, Guard};
use figures::Row;
use lot::Lot;
use scenario::Scenario;

/// Measure what the guard adds to the time of a request, against a real Docker Engine.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask bench guard                  the table, a few minutes, as root\n  \
    cargo xtask bench guard --write          and put it into docs/performance.md\n  \
    cargo xtask bench guard --pings 5000 --creates 500 --seed 7\n\n\
Nothing else should run meanwhile: these are times, not counts of instructions.")]
pub(crate) struct Arguments {
    /// Rounds of `GET /_ping`.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(100..))]
    pings: u32,
    /// Rounds of containers that are made, for each size of the request.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(10..))]
    creates: u32,
    /// Draws the order within each round.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the table into docs/performance.md.
    #[arg(long)]
    write: bool,
}

/// Starts an engine and a guard, and measures every scenario.
pub(crate) fn task(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    setup::ensure(workspace, &[Need::Build, Need::Docker])?;
    let vigie = step("building vigie (static, release)", || artifacts::vigie(workspace))?;
    let scratch = Scratch::new(workspace, "bench-guard")?;
    let engine = step("starting a Docker Engine", || Engine::start(scratch.path()))?;
    let guard = Guard::start(&vigie, &engine.socket(), scratch.path())?;
    let measured = measure(arguments, &engine.socket(), &guard.socket());
    let ended = guard.end().and_then(|()| engine.end());
    let report = measured?;
    ended?;
    println!("\n{report}");
    if arguments.write {
        report::write(workspace, &report::GUARD, &report)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn measure(arguments: &Arguments, engine: &Path, guard: &Path) -> Result<String> {
    let mut direct = Client::new(engine);
    direct.expect("POST", &requests::import(), &requests::image(), 200).context("making an image")?;
    let mut lot = Lot::new(arguments.seed);
    let mut rows: Vec<Row> = Vec::new();
    for scenario in Scenario::ALL {
        let count = if scenario.is_ping() { arguments.pings } else { arguments.creates };
        rows.push(step(format_args!("measuring: {scenario}"), || {
            scenario.measure(engine, guard, count, &mut lot)
        })?);
    }
    // The engine ends connections over which nothing came for minutes.
    direct.hang_up();
    Ok(format!("{}\n{}", figures::heading(&mut direct, arguments)?, figures::table(&rows)))
}
