//! `cargo xtask bench engine`: what it costs to judge an event, by itself and without a kernel.
//!
//! Events per second depend on the host and are for information; instructions per event, counted by callgrind while
//! the loop over the events runs, are what versions are compared by.

mod figures;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use super::report;
use crate::process::{capture, run};
use crate::progress::step;
use crate::setup::{Need, Scratch};
use crate::workspace::Workspace;
use crate::{artifacts, setup};
use figures::{Row, Timed};

/// The function of the example `engine_bench` during which instructions are counted.
const COUNTED: &str = "engine_bench::judge_mix";
/// How many rules the generated set has.
const GENERATED: u32 = 3_000;

/// Measure the rule engine alone: events per second, and instructions per event under callgrind.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask bench engine                       the default policies, and 3,000 generated rules\n  \
    cargo xtask bench engine --rules ../rules      and the rules files of a directory, such as Falco's\n  \
    cargo xtask bench engine --write               and put the table into docs/performance.md")]
pub(crate) struct Arguments {
    /// Measure the rules files of this directory too.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Events to take the time of.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1000..))]
    events: u32,
    /// Events to count the instructions of; callgrind is some fifty times slower.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1000..))]
    counted: u32,
    /// Write the instructions per event into docs/performance.md.
    #[arg(long)]
    write: bool,
}

/// A rule set to measure.
struct Set {
    name: String,
    /// What the example needs to load it.
    options: Vec<String>,
}

/// Measures each set plainly and under callgrind.
pub(crate) fn task(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    setup::ensure(workspace, &[Need::Valgrind])?;
    let program = step("building the bench (release)", || artifacts::example(workspace, "engine_bench"))?;
    let mut rows = Vec::new();
    for set in sets(arguments)? {
        rows.push(step(format_args!("measuring: {}", set.name), || {
            measure(workspace, arguments, &program, &set)
        })?);
    }
    println!("\n{}", figures::with_times(&rows));
    if arguments.write {
        report::write(workspace, &report::ENGINE, &figures::without_times(&rows, arguments.counted))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn sets(arguments: &Arguments) -> Result<Vec<Set>> {
    let mut sets = vec![Set { name: "default policies".to_owned(), options: Vec::new() }];
    if let Some(directory) = &arguments.rules {
        let directory = std::path::absolute(directory).context("finding the directory of rules")?;
        let directory = directory.to_str().context("the path of the rules is not UTF-8")?;
        sets.push(Set {
            name: "rules of a directory".to_owned(),
            options: vec!["--rules".to_owned(), directory.to_owned()],
        });
    }
    sets.push(Set {
        name: "generated rules".to_owned(),
        options: vec!["--generated".to_owned(), GENERATED.to_string()],
    });
    Ok(sets)
}

fn measure(workspace: &Workspace, arguments: &Arguments, program: &Path, set: &Set) -> Result<Row> {
    let printed =
        capture(Command::new(program).args(&set.options).arg("--events").arg(arguments.events.to_string()))?;
    let timed = Timed::read(&printed).context("the bench did not print its figures")?;
    let instructions = count(workspace, arguments.counted, program, set)?;
    Ok(Row { name: set.name.clone(), timed, instructions: instructions / f64::from(arguments.counted) })
}

/// Instructions of the loop over `events` events.
fn count(workspace: &Workspace, events: u32, program: &Path, set: &Set) -> Result<f64> {
    let scratch = Scratch::new(workspace, "callgrind")?;
    let profile = scratch.path().join("callgrind.out");
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--tool=callgrind"]).arg(format!("--toggle-collect={COUNTED}"));
    command.arg(format!("--callgrind-out-file={}", profile.display()));
    command.arg(program).args(&set.options).arg("--events").arg(events.to_string());
    run(command.stdout(std::process::Stdio::null()))?;
    let profile = std::fs::read_to_string(&profile).context("reading callgrind's profile")?;
    figures::total(&profile).context("callgrind counted nothing")
}
