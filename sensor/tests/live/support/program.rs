//! Running a program to its end.

use std::process::{Command, ExitStatus, Stdio};

/// A program that has run.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its process.
    pub(crate) pid: u32,
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// What it wrote to its standard output.
    pub(crate) output: Vec<u8>,
}

/// Runs a command that must succeed.
pub(crate) fn run(command: &mut Command) -> Ended {
    let ended = ended(command);
    assert!(ended.status.success(), "{command:?} ended with {}", ended.status);
    ended
}

/// Runs a command, however it ends.
pub(crate) fn ended(command: &mut Command) -> Ended {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let pid = child.id();
    let output = child.wait_with_output().unwrap();
    Ended { pid, status: output.status, output: output.stdout }
}
