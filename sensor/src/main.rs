//! The binary: reads the command line, runs what it asks for, and turns the result into an exit code.

use std::process::ExitCode;

use clap::Parser;
use sensor::{cli::Cli, commands};

fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("VIGIE_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let command = Cli::parse().into_command().unwrap_or_else(|error| error.exit());
    commands::run(&command).into()
}
