//! Events of the process domain.

use std::net::{IpAddr, SocketAddr};

use sensor_common::event::file::file_flags;
use sensor_common::event::{
    Kind,
    process::{Connection, ProcessExec, ProcessKill},
};
use sensor_common::header::Header;

use super::{Argv, Call, DecodeError, Environment, FilePath, What, wire};

/// `AF_INET` and `AF_INET6`.
const INET: u32 = 2;
const INET6: u32 = 10;
/// `S_ISUID`.
const SETUID: u32 = 0o4000;

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
