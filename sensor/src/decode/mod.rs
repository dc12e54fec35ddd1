//! From a record's bytes to a typed, owned event. Checked throughout: a record that cannot be understood is
//! an error with a name to count it under, never a panic and never a guess.

mod argv;
mod call;
mod container;
mod credential;
mod environment;
mod errno;
mod error;
mod file;
mod file_call;
mod kernel;
mod network;
mod path;
mod process;
mod syscall;
mod wire;

#[cfg(test)]
pub(crate) mod record;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use sensor_common::event::Kind;
use sensor_common::event::network::{
    NetworkAccept, NetworkBind, NetworkConnect, NetworkListen, NetworkReceive, NetworkRedirect, NetworkSend,
};
use sensor_common::event::process::{ProcessExit, ProcessFork};
use sensor_common::header::Header;
use zerocopy::FromBytes;

pub use argv::Argv;
pub use call::{Call, What, call_type, call_types};
pub use container::{CgroupAttachTask, CgroupMkdir, CgroupRmdir};
pub use credential::{Commit, CredentialCall};
pub use environment::Environment;
pub use errno::{errno_name, result_name};
pub use error::DecodeError;
pub use file::Open;
pub use file_call::{FileAsked, FileCall, Name, Object};
pub use kernel::KernelCall;
pub use network::{Action, Address, NetworkCall, Side, Socket};
pub use path::FilePath;
pub use process::{Exec, ProcessCall};
pub use syscall::{event_type, is_compat, is_io_uring};

/// What happened, when, and who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When, and who did it.
    pub header: Header,
    /// What happened.
    pub body: Body,
}

/// What happened, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The header's process made another one.
    Fork(ProcessFork),
    /// The header's process runs a new program. Shared, because the process table keeps it as well.
    Exec(Arc<Exec>),
    /// The header's process ended.
    Exit(ProcessExit),
    /// The header's process opened a file, or was refused.
    Open(Box<Open>),
    /// The header's process made a cgroup.
    CgroupMkdir(CgroupMkdir),
    /// The header's process moved a process, perhaps itself, to another cgroup.
    CgroupAttachTask(CgroupAttachTask),
    /// The header's process removed a cgroup.
    CgroupRmdir(CgroupRmdir),
    /// The header's process made a system call, which ended.
    Call(Box<Call>),
}

impl Event {
    /// The kind of the record it came from.
    pub fn kind(&self) -> Kind {
        match &self.body {
            Body::Fork(_) => Kind::ProcessFork,
            Body::Exec(_) => Kind::ProcessExec,
            Body::Exit(_) => Kind::ProcessExit,
            Body::Open(_) => Kind::FileOpen,
            Body::CgroupMkdir(_) => Kind::CgroupMkdir,
            Body::CgroupAttachTask(_) => Kind::CgroupAttachTask,
            Body::CgroupRmdir(_) => Kind::CgroupRmdir,
            Body::Call(call) => call.kind,
        }
    }
}

/// Reads one record. Bytes behind the tail are the slack of the ring's size classes and are ignored.
#[expect(clippy::too_many_lines, reason = "one line for each kind")]
pub fn decode(record: &[u8]) -> Result<Event, DecodeError> {
    let short = || DecodeError::Short { len: record.len(), needed: size_of::<Header>() };
    let (header, rest) = Header::read_from_prefix(record).ok().ok_or_else(short)?;
    let kind = Kind::from_id(header.kind).ok_or(DecodeError::UnknownKind(header.kind))?;
    let call = |call: Result<Call, DecodeError>| call.map(|call| Body::Call(Box::new(call)));
    let body = match kind {
        Kind::ProcessFork => Body::Fork(wire::split::<ProcessFork>(&header, rest)?.0),
        Kind::ProcessExec => Body::Exec(Arc::new(Exec::decode(&header, rest)?)),
        Kind::ProcessExit => Body::Exit(wire::split::<ProcessExit>(&header, rest)?.0),
        Kind::FileOpen => Body::Open(Box::new(Open::decode(&header, rest)?)),
        Kind::CgroupMkdir => Body::CgroupMkdir(CgroupMkdir::decode(&header, rest)?),
        Kind::CgroupAttachTask => Body::CgroupAttachTask(CgroupAttachTask::decode(&header, rest)?),
        Kind::CgroupRmdir => Body::CgroupRmdir(CgroupRmdir::decode(&header, rest)?),
        Kind::ProcessKill => call(ProcessCall::kill(&header, rest))?,
        Kind::FileRemove => call(FileCall::remove(&header, rest))?,
        Kind::FileRename => call(FileCall::rename(&header, rest))?,
        Kind::FileLink => call(FileCall::link(&header, rest))?,
        Kind::FileSymlink => call(FileCall::symlink(&header, rest))?,
        Kind::FileMkdir => call(FileCall::mkdir(&header, rest))?,
        Kind::FileMknod => call(FileCall::mknod(&header, rest))?,
        Kind::FileMode => call(FileCall::mode(&header, rest))?,
        Kind::FileOwner => call(FileCall::owner(&header, rest))?,
        Kind::FileTruncate => call(FileCall::truncate(&header, rest))?,
        Kind::FileXattr => call(FileCall::xattr(&header, rest))?,
        Kind::FileClose => call(FileCall::close(&header, rest))?,
        Kind::FileMap => call(FileCall::map(&header, rest))?,
        Kind::FileMount => call(FileCall::mount(&header, rest))?,
        Kind::FileUmount => call(FileCall::umount(&header, rest))?,
        Kind::FileRoot => call(FileCall::root(&header, rest))?,
        Kind::FileMoveMount => call(FileCall::move_mount(&header, rest))?,
        Kind::FileOpenTree => call(FileCall::open_tree(&header, rest))?,
        Kind::FileFsmount => call(FileCall::fsmount(&header, rest))?,
        Kind::NetworkSocket => call(NetworkCall::socket(&header, rest))?,
        Kind::NetworkSocketpair => call(NetworkCall::socketpair(&header, rest))?,
        Kind::NetworkConnect => call(NetworkCall::on::<NetworkConnect>(Action::Connect, &header, rest))?,
        Kind::NetworkBind => call(NetworkCall::on::<NetworkBind>(Action::Bind, &header, rest))?,
        Kind::NetworkListen => call(NetworkCall::on::<NetworkListen>(Action::Listen, &header, rest))?,
        Kind::NetworkAccept => call(NetworkCall::on::<NetworkAccept>(Action::Accept, &header, rest))?,
        Kind::NetworkSend => call(NetworkCall::on::<NetworkSend>(Action::Send, &header, rest))?,
        Kind::NetworkReceive => call(NetworkCall::on::<NetworkReceive>(Action::Receive, &header, rest))?,
        Kind::NetworkRedirect => call(NetworkCall::on::<NetworkRedirect>(Action::Redirect, &header, rest))?,
        Kind::ProcessExecFailed => call(ProcessCall::exec_failed(&header, rest))?,
        Kind::ProcessPtrace => call(ProcessCall::ptrace(&header, rest))?,
        Kind::ProcessVm => call(ProcessCall::vm(&header, rest))?,
        Kind::ProcessPrctl => call(ProcessCall::prctl(&header, rest))?,
        Kind::ProcessGroup => call(ProcessCall::group(&header, rest))?,
        Kind::CredentialSetid => call(CredentialCall::setid(&header, rest))?,
        Kind::CredentialSetgroups => call(CredentialCall::setgroups(&header, rest))?,
        Kind::CredentialCapset => call(CredentialCall::capset(&header, rest))?,
        Kind::CredentialCommit => call(CredentialCall::commit(&header, rest))?,
        Kind::KernelSetns => call(KernelCall::setns(&header, rest))?,
        Kind::KernelUnshare => call(KernelCall::unshare(&header, rest))?,
        Kind::KernelModuleLoad => call(KernelCall::module_load(&header, rest))?,
        Kind::KernelModuleRemove => call(KernelCall::module_remove(&header, rest))?,
        Kind::KernelBpf => call(KernelCall::bpf(&header, rest))?,
        Kind::KernelUserfaultfd => call(KernelCall::userfaultfd(&header, rest))?,
        Kind::KernelIoUringSetup => call(KernelCall::io_uring_setup(&header, rest))?,
        Kind::KernelIoUringSubmit => call(KernelCall::io_uring_submit(&header, rest))?,
        Kind::KernelPerfEventOpen => call(KernelCall::perf_event_open(&header, rest))?,
        Kind::KernelKexec => call(KernelCall::kexec(&header, rest))?,
    };
    Ok(Event { header, body })
}
