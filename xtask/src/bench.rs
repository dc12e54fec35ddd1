//! `cargo xtask bench`: what the sensor costs, counted in guest instructions.
//!
//! Under QEMU's instruction counter one guest instruction is one nanosecond of guest time, so a clock in the guest
//! counts instructions, those of the sensor's own process included, and the figures repeat on any host.

mod configuration;
mod engine;
mod guard;
mod report;
pub(crate) mod tiny_elf;

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};

use crate::guest::{Clock, File, Guest, Kernel};
use crate::process::{capture, run};
use crate::progress::step;
use crate::setup::{Need, Scratch};
use crate::vm::echo;
use crate::workspace::Workspace;
use crate::{artifacts, setup};
use configuration::Configuration;
use report::{Figures, Row};

/// Opens per exec, being so much cheaper.
const OPENS_PER_EXEC: u32 = 20;

/// Measure exec and open with and without the sensor, in instructions, in a guest.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  \
    cargo xtask bench                 the table, a few minutes\n  \
    cargo xtask bench --write         and put it into docs/performance.md\n  \
    cargo xtask bench --count 500 --no-ladder\n  \
    cargo xtask bench engine          the rule engine alone, without a guest\n  \
    cargo xtask bench guard           what the guard adds to the time of a request",
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// The guest's kernel.
    #[arg(long, value_enum, default_value = "6.1")]
    kernel: Kernel,
    /// Measured execs per configuration; opens are twenty times as many.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    count: u32,
    /// Leave out the ladder that shows where the instructions go.
    #[arg(long)]
    no_ladder: bool,
    /// Write the tables into docs/performance.md.
    #[arg(long)]
    write: bool,
}

/// A part to measure by itself.
#[derive(Debug, clap::Subcommand)]
enum Part {
    Engine(engine::Arguments),
    Guard(guard::Arguments),
}

/// Measures the whole, or the part that was asked for.
pub(crate) fn task(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.part {
        Some(Part::Engine(arguments)) => engine::task(workspace, arguments),
        Some(Part::Guard(arguments)) => guard::task(workspace, arguments),
        None => whole(workspace, arguments),
    }
}

/// Measures each configuration in a boot of its own.
fn whole(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    setup::ensure(workspace, &[Need::Build, Need::Guest(arguments.kernel)])?;
    let files = step("building for the guest (static, release)", || files(workspace))?;
    let mut rows = Vec::new();
    for configuration in Configuration::ALL {
        if !(arguments.no_ladder && configuration.is_rung()) {
            rows.push(measure(workspace, arguments, configuration, &files)?);
        }
    }
    let report = format!("{}\n{}", heading(workspace, arguments)?, report::tables(&rows));
    println!("\n{report}");
    if arguments.write {
        report::write(workspace, &report::WHOLE, &report)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn files(workspace: &Workspace) -> Result<Vec<File>> {
    let vigie = artifacts::vigie(workspace)?;
    let load = artifacts::guest_load(workspace)?;
    let tiny = File { path: "bin/tiny".to_owned(), mode: 0o755, content: tiny_elf::bytes() };
    let target = File { path: "etc/guest-load.txt".to_owned(), mode: 0o644, content: b"read me\n".to_vec() };
    Ok(vec![
        File::program("vigie", &vigie)?,
        File::program("guest-load", &load)?,
        exit_program(workspace)?,
        tiny,
        target,
    ])
}

/// Compiled by the C compiler that Rust links with anyway.
fn exit_program(workspace: &Workspace) -> Result<File> {
    let scratch = Scratch::new(workspace, "bench")?;
    let [source, program] = ["exit.c", "exit"].map(|name| scratch.path().join(name));
    std::fs::write(&source, include_str!("bench/exit.c")).context("writing the program to measure")?;
    run(Command::new("cc").args(["-O2", "-static", "-o"]).arg(&program).arg(&source))?;
    File::program("guest-exit", &program)
}

fn measure(
    workspace: &Workspace,
    arguments: &Arguments,
    configuration: Configuration,
    files: &[File],
) -> Result<Row> {
    let opens = arguments.count.saturating_mul(OPENS_PER_EXEC);
    let guest = Guest {
        kernel: arguments.kernel,
        files: files.to_vec(),
        links: Vec::new(),
        job: configuration.job(arguments.count, opens),
        cmdline: String::new(),
        clock: Clock::Instructions,
    };
    let name = configuration.name();
    let costs = step(format_args!("measuring: {name}"), || {
        let mut figures = Figures::default();
        let code = guest.boot(workspace, |line| {
            figures.add_line(line);
            echo(line)
        })?;
        ensure!(code == 0, "the load ended with code {code} in configuration `{name}`");
        figures.complete().with_context(|| format!("no figures from configuration `{name}`"))
    })?;
    Ok(Row { configuration, costs })
}

fn heading(workspace: &Workspace, arguments: &Arguments) -> Result<String> {
    let release_file = setup::guest_directory(workspace, arguments.kernel).join("release");
    let release = std::fs::read_to_string(&release_file).unwrap_or_default();
    let qemu = capture(Command::new("qemu-system-x86_64").arg("--version"))?;
    let qemu = qemu.lines().next().unwrap_or_default();
    Ok(format!(
        "Guest kernel {}, {qemu}, Vigie {}, {} execs of each program and {} opens per configuration.\n",
        release.trim(),
        env!("CARGO_PKG_VERSION"),
        arguments.count,
        arguments.count.saturating_mul(OPENS_PER_EXEC)
    ))
}
