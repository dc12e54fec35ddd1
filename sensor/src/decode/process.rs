//! Events of the process domain.

use sensor_common::event::file::file_flags;
use sensor_common::event::{
    Kind,
    process::{ProcessExec, ProcessKill},
};
use sensor_common::header::Header;

use super::{Argv, Call, DecodeError, FilePath, What, wire};

/// A program began to run in a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exec {
    /// Everything of fixed size, as the kernel sent it; the slices in it are spent.
    pub facts: ProcessExec,
    /// The arguments.
    pub argv: Argv,
    /// The name that was passed to the system call; a script's own, not its interpreter's.
    pub filename: Box<[u8]>,
    /// Path of the executable that runs. That of a deleted one is unchanged; see [`Exec::is_deleted`].
    pub exe: FilePath,
    /// Working directory.
    pub cwd: FilePath,
}

/// What one process did to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessCall {
    /// Sent it a signal.
    Kill(ProcessKill),
}

impl ProcessCall {
    pub(super) fn kill(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, _) = wire::split::<ProcessKill>(header, rest)?;
        Ok(Call { kind: Kind::ProcessKill, result: facts.result, what: What::Process(Self::Kill(facts)) })
    }
}

impl Exec {
    pub(super) fn decode(header: &Header, rest: &[u8]) -> Result<Self, DecodeError> {
        let (facts, tail) = wire::split::<ProcessExec>(header, rest)?;
        let head = tail.bytes(facts.argv, "argv")?;
        let end = tail.bytes(facts.argv_tail, "argv_tail")?;
        Ok(Self {
            argv: Argv::new(head, end, facts.argv_len, facts.argc),
            filename: tail.string(facts.filename, "filename")?,
            exe: tail.path(facts.exe, "exe")?,
            cwd: tail.path(facts.cwd, "cwd")?,
            facts,
        })
    }

    /// Whether the executable lives in memory only (`memfd_create`).
    pub fn is_memfd(&self) -> bool {
        self.facts.exe_flags & file_flags::MEMFD != 0
    }

    /// Whether the executable had a name once and has none any more.
    pub fn is_deleted(&self) -> bool {
        let nameless = self.facts.exe_ino != 0 && self.facts.exe_nlink == 0;
        !self.is_memfd() && (nameless || self.facts.exe_flags & file_flags::DELETED != 0)
    }

    /// Whether the executable was written since its container was made.
    pub fn is_upper_layer(&self) -> bool {
        self.facts.exe_flags & file_flags::UPPER_LAYER != 0
    }
}
