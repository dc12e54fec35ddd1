//! The rule engine by itself, once over a mix of events: `cargo xtask bench engine` runs it plainly for time and under
//! callgrind for instructions.
#![expect(clippy::print_stdout, reason = "a program that reports to its caller on standard output")]

#[path = "../benches/engine/generated.rs"]
mod generated;
#[path = "../benches/engine/mix.rs"]
mod mix;
#[path = "../benches/engine/sets.rs"]
mod sets;

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use sensor::rules::{Matching, RuleSet, Scratch};

use mix::Mix;
use sets::Set;

/// Judge a mix of events by rules and print what it took.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many events.
    #[arg(long, default_value_t = 1_000_000)]
    events: usize,
    /// Rules from the files of this directory, and not the default policies.
    #[arg(long, value_name = "DIR", conflicts_with = "generated")]
    rules: Option<PathBuf>,
    /// So many rules made by number, and not the default policies.
    #[arg(long, value_name = "N")]
    generated: Option<usize>,
    /// Find every rule that matches, and not only the first.
    #[arg(long)]
    all: bool,
}

impl Arguments {
    fn set(&self) -> Set {
        match (&self.rules, self.generated) {
            (Some(directory), _) => Set::Directory(directory.clone()),
            (None, Some(count)) => Set::Generated(count),
            (None, None) => Set::Policies,
        }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let texts = arguments.set().texts()?;
    let start = Instant::now();
    let rules = sets::load(&texts).context("the rules do not load")?;
    let load = start.elapsed();
    let rules = rules.with_matching(if arguments.all { Matching::All } else { Matching::First });
    let mix = Mix::new(arguments.events)?;
    let events = mix.iter().count();
    if events == 0 {
        bail!("the engine knows no event of the mix");
    }
    let start = Instant::now();
    let matches = judge_mix(&rules, &mix);
    let judge = start.elapsed();
    println!("engine-bench: rules {}", rules.rules().len());
    println!("engine-bench: events {events}");
    println!("engine-bench: matches {matches}");
    println!("engine-bench: load-seconds {}", load.as_secs_f64());
    println!("engine-bench: judge-seconds {}", judge.as_secs_f64());
    Ok(())
}

/// What is measured, and nothing else; callgrind counts while this function runs.
#[inline(never)]
fn judge_mix(rules: &RuleSet, mix: &Mix) -> usize {
    let mut scratch = Scratch::default();
    mix.iter()
        .map(|event| black_box(rules.evaluate(event.event_type, event, &mut scratch)).matches.len())
        .sum()
}
