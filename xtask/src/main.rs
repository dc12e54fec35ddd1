//! Vigie's chores, behind `cargo xtask`: read the command line and hand over to the module of that name.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool reports on its streams")]
#![forbid(unsafe_code)]

mod apt;
mod artifacts;
mod bench;
#[cfg(test)]
mod faults;
mod fuzz;
mod guest;
mod interrupt;
mod process;
mod progress;
mod run;
mod setup;
mod test;
mod upstream;
mod vm;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Build, run, test and measure Vigie.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    Setup(setup::Arguments),
    Run(run::Arguments),
    Test(test::Arguments),
    Vm(vm::Arguments),
    Bench(bench::Arguments),
    Fuzz(fuzz::Arguments),
    Upstream(upstream::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match perform(&arguments.task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: &Task) -> anyhow::Result<ExitCode> {
    interrupt::install()?;
    let workspace = workspace::Workspace::find()?;
    match task {
        Task::Setup(arguments) => setup::task(&workspace, arguments),
        Task::Run(arguments) => run::task(&workspace, arguments),
        Task::Test(arguments) => test::task(&workspace, arguments),
        Task::Vm(arguments) => vm::task(&workspace, arguments),
        Task::Bench(arguments) => bench::task(&workspace, arguments),
        Task::Fuzz(arguments) => fuzz::task(&workspace, arguments),
        Task::Upstream(arguments) => upstream::task(&workspace, arguments),
    }
}
