//! `cargo xtask test`: every check and every test, stage by stage, with one line of totals at the end.

mod stage;
mod totals;

use std::path::Path;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::progress::elapsed;
use crate::setup;
use crate::setup::Need;
use crate::workspace::{Workspace, is_root};
use stage::Stage;
use totals::Totals;

/// Format, lints, unit tests, live tests on this kernel, Docker tests, and the guests. Root for all of it.
///
/// The last line of output is `N passed, N failed`: the sum of the test programs' own totals, where a stage that
/// fails in another way (a lint, a build error, a guest that does not end) counts as one failure.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask test                             everything, about forty minutes on two cores\n  \
    cargo xtask test --only unit --only clippy   what needs no root\n  \
    cargo xtask test --skip docker")]
pub(crate) struct Arguments {
    /// Run only this stage; may be repeated.
    #[arg(long, value_name = "STAGE")]
    only: Vec<Stage>,
    /// Leave this stage out; may be repeated.
    #[arg(long, value_name = "STAGE")]
    skip: Vec<Stage>,
}

/// Stages that run at the same time, once those are done that keep all processors busy. An emulated machine keeps one
/// busy, and takes a gigabyte; tests on this host one after the other keep less.
const LANES: usize = 2;

/// One stage that has run.
#[derive(Debug, PartialEq, Eq)]
struct Done {
    stage: Stage,
    totals: Totals,
    time: Duration,
}

/// Sets up, runs the stages in order, and sums up. A failing stage does not stop the next.
pub(crate) fn task(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let stages = select(arguments);
    if stages.is_empty() {
        bail!("--skip leaves no stage of those in --only");
    }
    check_privileges(&stages)?;
    setup::ensure(workspace, &needs(&stages))?;
    let (guests, here): (Vec<Stage>, Vec<Stage>) = stages.iter().partition(|stage| stage.is_guest());
    let (builds, chain): (Vec<Stage>, Vec<Stage>) = here.iter().partition(|stage| stage.is_build());
    let mut done: Vec<Done> = builds.iter().map(|&stage| perform(workspace, stage)).collect();
    done.extend(in_lanes(&chain, &guests, |stage| perform(workspace, stage)));
    Ok(report(&done))
}

/// Does the stages of `chain` one after the other in the first lane, which then helps with the others; those are done side
/// by side, as many at a time as there are lanes. Gives what comes of them in the order in which they were asked for.
fn in_lanes(chain: &[Stage], others: &[Stage], perform: impl Fn(Stage) -> Done + Sync) -> Vec<Done> {
    let waiting = Mutex::new(others.iter());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next().copied();
    let lane = |first: &[Stage]| {
        let mut done: Vec<_> = first.iter().map(|&stage| perform(stage)).collect();
        done.extend(std::iter::from_fn(next).map(&perform));
        done
    };
    let mut done: Vec<_> = std::thread::scope(|scope| {
        let begin = |number| if number == 0 { chain } else { &[] };
        let lane = &lane;
        let lanes: Vec<_> = (0..LANES).map(|number| scope.spawn(move || lane(begin(number)))).collect();
        lanes.into_iter().flat_map(|lane| lane.join().unwrap_or_default()).collect()
    });
    let place = |stage: Stage| chain.iter().chain(others).position(|&asked| asked == stage);
    done.sort_by_key(|done| place(done.stage));
    done
}

/// Sets up, and does every attack under the default policies and Falco's rules of this directory.
pub(crate) fn actions(workspace: &Workspace, upstream: &Path) -> Result<()> {
    check_privileges(&[Stage::Actions])?;
    setup::ensure(workspace, &needs(&[Stage::Actions]))?;
    stage::actions(workspace, upstream, &mut Totals::default())
}

fn select(arguments: &Arguments) -> Vec<Stage> {
    let wanted = |stage: &Stage| arguments.only.is_empty() || arguments.only.contains(stage);
    Stage::ALL.into_iter().filter(wanted).filter(|stage| !arguments.skip.contains(stage)).collect()
}

fn check_privileges(stages: &[Stage]) -> Result<()> {
    let refused: Vec<&str> =
        stages.iter().filter(|stage| stage.needs_root()).map(|stage| stage.name()).collect();
    if is_root() || refused.is_empty() {
        return Ok(());
    }
    bail!(
        "the stages {} need root: run `sudo env \"PATH=$PATH\" cargo xtask test`, or leave them out with --skip",
        refused.join(" and ")
    )
}

fn needs(stages: &[Stage]) -> Vec<Need> {
    let mut needs = Vec::new();
    for need in stages.iter().flat_map(|stage| stage.needs()) {
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    needs
}

fn perform(workspace: &Workspace, stage: Stage) -> Done {
    eprintln!("==> test: {}", stage.title());
    let start = Instant::now();
    let mut totals = Totals::default();
    if let Err(error) = stage.run(workspace, &mut totals) {
        eprintln!("error: {error:#}");
        // A failed test has been counted by its own program.
        totals.failed = totals.failed.max(1);
    }
    let time = start.elapsed();
    eprintln!("    {}: {totals} in {}", stage.name(), elapsed(time));
    Done { stage, totals, time }
}

fn report(done: &[Done]) -> ExitCode {
    let mut sum = Totals::default();
    println!();
    for Done { stage, totals, time } in done {
        println!("{:<16} {totals} in {}", stage.name(), elapsed(*time));
        sum.passed = sum.passed.saturating_add(totals.passed);
        sum.failed = sum.failed.saturating_add(totals.failed);
    }
    println!("{sum}");
    if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_keep_their_order_and_skip_wins() {
        let arguments =
            Arguments { only: vec![Stage::Unit, Stage::Fmt, Stage::Live], skip: vec![Stage::Live] };
        assert_eq!(select(&arguments), [Stage::Fmt, Stage::Unit]);
        assert_eq!(select(&Arguments { only: vec![], skip: vec![] }), Stage::ALL);
    }

    fn done(stage: Stage) -> Done {
        Done { stage, totals: Totals::default(), time: Duration::ZERO }
    }

    #[test]
    fn stages_side_by_side_are_reported_in_order() {
        let stages = [Stage::Guest6_1, Stage::Guest6_12, Stage::Guest5_10];
        // The first one ends only when the last one has begun, in the other lane.
        let last_begun = std::sync::Barrier::new(2);
        let all = in_lanes(&[], &stages, |stage| {
            if stage != Stage::Guest6_12 {
                last_begun.wait();
            }
            done(stage)
        });
        assert_eq!(all.iter().map(|done| done.stage).collect::<Vec<_>>(), stages);
    }

    #[test]
    fn what_is_done_on_this_host_is_never_done_side_by_side() {
        let (chain, guests) = ([Stage::Live, Stage::Docker], [Stage::Guest6_1, Stage::Guest6_12]);
        let (running, guest_begun) = (Mutex::new(()), std::sync::Barrier::new(2));
        let all = in_lanes(&chain, &guests, |stage| {
            let here = (!stage.is_guest()).then(|| running.try_lock().unwrap());
            // A guest runs beside them.
            if matches!(stage, Stage::Live | Stage::Guest6_1) {
                guest_begun.wait();
            }
            drop(here);
            done(stage)
        });
        assert_eq!(all.iter().map(|done| done.stage).collect::<Vec<_>>(), [chain, guests].concat());
    }

    #[test]
    fn needs_are_asked_for_once() {
        assert_eq!(needs(&[Stage::Fmt, Stage::Unit]), []);
        let asked = needs(&[Stage::ClippyEbpf, Stage::Live, Stage::Docker]);
        assert_eq!(asked, [Need::Build, Need::NameServer, Need::Docker, Need::Daemons]);
    }
}
