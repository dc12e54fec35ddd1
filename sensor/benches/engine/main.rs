//! The rule engine by itself: typed events in memory against loaded rules, and loading.
//!
//! `VIGIE_BENCH_RULES=DIR` measures the rules files of a directory too, for instance Falco's.

mod generated;
mod mix;
mod sets;

use std::hint::black_box;

use anyhow::Result;
use criterion::{Criterion, Throughput};
use sensor::rules::Scratch;

use mix::Mix;
use sets::Set;

/// Events per round; enough that every kind of event comes in its share.
const EVENTS: usize = 10_000;
const GENERATED: usize = 3_000;

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    for (name, set) in sets() {
        evaluate(&mut criterion, name, &set)?;
        load(&mut criterion, name, &set)?;
    }
    criterion.final_summary();
    Ok(())
}

fn sets() -> Vec<(&'static str, Set)> {
    let mut sets = vec![("policies", Set::Policies), ("generated", Set::Generated(GENERATED))];
    if let Some(directory) = std::env::var_os("VIGIE_BENCH_RULES") {
        sets.push(("directory", Set::Directory(directory.into())));
    }
    sets
}

fn evaluate(criterion: &mut Criterion, name: &str, set: &Set) -> Result<()> {
    let rules = sets::load(&set.texts()?)?;
    let mix = Mix::new(EVENTS)?;
    let mut scratch = Scratch::default();
    let mut group = criterion.benchmark_group("evaluate");
    group.throughput(Throughput::Elements(u64::try_from(mix.iter().count())?)).sample_size(20);
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            for event in mix.iter() {
                black_box(rules.evaluate(event.event_type, event, &mut scratch));
            }
        });
    });
    group.finish();
    Ok(())
}

fn load(criterion: &mut Criterion, name: &str, set: &Set) -> Result<()> {
    let texts = set.texts()?;
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10);
    group.bench_function(name, |bencher| bencher.iter(|| black_box(sets::load(&texts))));
    group.finish();
    Ok(())
}
