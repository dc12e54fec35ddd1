//! Events of the process domain.

use std::net::{IpAddr, SocketAddr};

use sensor_common::event::file::file_flags;
use sensor_common::event::{
    Kind,
    process::{self as payload, Connection, ProcessExec},
};
use sensor_common::header::Header;

use super::{Argv, Call, DecodeError, Environment, FilePath, Name, What, wire};

/// `AF_INET` and `AF_INET6`.
const INET: u32 = 2;
const INET6: u32 = 10;
/// `S_ISUID`.
const SETUID: u32 = 0o4000;
/// Largest address space of a program of 32 bits, in bytes.
const COMPAT_SPACE: u64 = 1 << 32;

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
    /// The environment, if it was asked for.
    pub env: Environment,
}

/// What a process did to itself or to another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcessCall {
    /// Sent it a signal.
    Kill(payload::ProcessKill),
    /// Was refused another program.
    ExecFailed {
        /// Everything of fixed size.
        facts: payload::ProcessExecFailed,
        /// What was to run.
        name: Name,
    },
    /// Traced, read or changed it, or asked to be traced.
    Ptrace(payload::ProcessPtrace),
    /// Read or wrote its memory.
    Vm(payload::ProcessVm),
    /// Changed what others see of itself.
    Prctl {
        /// Everything of fixed size.
        facts: payload::ProcessPrctl,
        /// The new name, where it is one.
        name: Box<[u8]>,
    },
    /// Moved to another session or process group.
    Group(payload::ProcessGroup),
}

impl ProcessCall {
    pub(super) fn kill(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        wire::call(
            header,
            rest,
            |facts: &payload::ProcessKill| facts.result,
            |facts| Self::Kill(facts).into(),
        )
    }

    pub(super) fn exec_failed(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, tail) = wire::split::<payload::ProcessExecFailed>(header, rest)?;
        let what = Self::ExecFailed { facts, name: Name::decode(facts.name, &tail, facts.flags)? }.into();
        Ok(Call { kind: Kind::ProcessExecFailed, result: facts.result, what })
    }

    pub(super) fn ptrace(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        wire::call(
            header,
            rest,
            |facts: &payload::ProcessPtrace| facts.result,
            |facts| Self::Ptrace(facts).into(),
        )
    }

    pub(super) fn vm(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        wire::call(header, rest, |facts: &payload::ProcessVm| facts.result, |facts| Self::Vm(facts).into())
    }

    pub(super) fn prctl(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, tail) = wire::split::<payload::ProcessPrctl>(header, rest)?;
        let what = Self::Prctl { facts, name: tail.string(facts.name, "name")? }.into();
        Ok(Call { kind: Kind::ProcessPrctl, result: facts.result, what })
    }

    pub(super) fn group(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        wire::call(
            header,
            rest,
            |facts: &payload::ProcessGroup| facts.result,
            |facts| Self::Group(facts).into(),
        )
    }
}

impl From<ProcessCall> for What {
    fn from(call: ProcessCall) -> Self {
        Self::Process(call)
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
            env: Environment::new(tail.bytes(facts.env, "env")?, facts.env_len),
            facts,
        })
    }

    /// The program's name as its caller spelt it: what the kernel makes of it at exec, but not cut to 15 bytes and not
    /// to be changed later by the program. A descriptor's number (`fexecve`) is no name; then it is the file's. Nor is
    /// `/proc/self/exe`, by which a program of many commands runs itself as another one; then it is the first
    /// argument's.
    pub fn name(&self) -> &[u8] {
        let spelt = match &*self.filename {
            b"/proc/self/exe" => self.argv.args().next().unwrap_or_default(),
            descriptor
                if descriptor.starts_with(b"/dev/fd/") || descriptor.starts_with(b"/proc/self/fd/") =>
            {
                &[]
            }
            path => path,
        };
        match spelt.rsplit(|byte| *byte == b'/').next() {
            Some(name) if !name.is_empty() => name,
            Some(_) | None => self.exe.file_name(),
        }
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

    /// Whether it is a program of 32 bits, where that is known.
    pub fn is_compat(&self) -> Option<bool> {
        Some(self.facts.task_size).filter(|size| *size != 0).map(|size| size <= COMPAT_SPACE)
    }

    /// Who is at the other end of standard input, if that is a connection.
    pub fn stdin_peer(&self) -> Option<SocketAddr> {
        let Connection { family, local_port: _, peer_port, peer } = self.facts.stdin;
        let address = match (family, peer.first_chunk::<4>()) {
            (INET, Some(octets)) => IpAddr::from(*octets),
            (INET6, _) => IpAddr::from(peer).to_canonical(),
            _ => return None,
        };
        Some(SocketAddr::new(address, peer_port))
    }

    /// Whether the executable gives whoever starts it the rights of root.
    pub fn is_setuid_root(&self) -> bool {
        self.facts.exe_mode & SETUID != 0 && self.facts.exe_uid == 0
    }

    /// Whether the executable was written since its container was made.
    pub fn is_upper_layer(&self) -> bool {
        self.facts.exe_flags & file_flags::UPPER_LAYER != 0
    }
}
