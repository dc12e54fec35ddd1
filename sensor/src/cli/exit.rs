//! Exit codes, each with a meaning that scripts may rely on.

use std::process::ExitCode;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// As asked.
    Done = 0,
    /// Something failed while running.
    Failed = 1,
    /// Wrong usage; clap reports it.
    Usage = 2,
    /// Rules cannot be read or are wrong.
    Rules = 3,
    /// Not root, or a capability is missing.
    Privileges = 4,
    /// The kernel lacks what no tier can do without.
    Kernel = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
