//! Events of the kernel domain.

use sensor_common::event::{Kind, kernel as payload};
use sensor_common::header::Header;

use super::{Call, DecodeError, FilePath, What, wire};

/// What was asked of the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KernelCall {
    /// Other namespaces.
    Setns(payload::KernelSetns),
    /// Namespaces of its own.
    Unshare(payload::KernelUnshare),
    /// A module to be loaded.
    ModuleLoad {
        /// Everything of fixed size.
        facts: payload::KernelModuleLoad,
        /// Parameters for the module.
        parameters: Box<[u8]>,
        /// Path of its file; empty where it was passed in memory.
        file: FilePath,
    },
    /// A module to be taken out.
    ModuleRemove {
        /// Flags passed (`O_NONBLOCK`, `O_TRUNC`).
        flags: u32,
        /// Its name.
        name: Box<[u8]>,
    },
    /// A program or map to be made, attached, pinned or got hold of.
    Bpf {
        /// Everything of fixed size.
        facts: payload::KernelBpf,
        /// Name of the program, map or raw tracepoint.
        name: Box<[u8]>,
    },
    /// Page faults to be handled by the program.
    Userfaultfd(payload::KernelUserfaultfd),
    /// A new ring.
    IoUringSetup(payload::KernelIoUringSetup),
    /// An operation by a ring.
    IoUringSubmit(payload::KernelIoUringSubmit),
    /// A counter or trace point.
    PerfEventOpen(payload::KernelPerfEventOpen),
    /// Another kernel.
    Kexec {
        /// Everything of fixed size.
        facts: payload::KernelKexec,
        /// Path of its file; empty where it was passed in memory.
        file: FilePath,
    },
}

impl KernelCall {
    pub(super) fn setns(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        wire::call(
            header,
            rest,
            |facts: &payload::KernelSetns| facts.result,
            |facts| Self::Setns(facts).into(),
        )
    }

    pub(super) fn unshare(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        wire::call(
            header,
            rest,
            |facts: &payload::KernelUnshare| facts.result,
            |facts| Self::Unshare(facts).into(),
        )
    }

    pub(super) fn module_load(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, tail) = wire::split::<payload::KernelModuleLoad>(header, rest)?;
        let parameters = tail.string(facts.parameters, "parameters")?;
        let what = Self::ModuleLoad { parameters, file: tail.path(facts.file, "file")?, facts }.into();
        Ok(Call { kind: Kind::KernelModuleLoad, result: facts.result, what })
    }

    pub(super) fn module_remove(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, tail) = wire::split::<payload::KernelModuleRemove>(header, rest)?;
        let what = Self::ModuleRemove { flags: facts.flags, name: tail.string(facts.name, "name")? }.into();
        Ok(Call { kind: Kind::KernelModuleRemove, result: facts.result, what })
    }

    pub(super) fn bpf(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, tail) = wire::split::<payload::KernelBpf>(header, rest)?;
        let what = Self::Bpf { facts, name: tail.string(facts.name, "name")? }.into();
        Ok(Call { kind: Kind::KernelBpf, result: facts.result, what })
    }

    pub(super) fn userfaultfd(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let result = |facts: &payload::KernelUserfaultfd| facts.result;
        wire::call(header, rest, result, |facts| Self::Userfaultfd(facts).into())
    }

    pub(super) fn io_uring_setup(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let result = |facts: &payload::KernelIoUringSetup| facts.result;
        wire::call(header, rest, result, |facts| Self::IoUringSetup(facts).into())
    }

    pub(super) fn io_uring_submit(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        wire::call(header, rest, |_| 0, |facts| Self::IoUringSubmit(facts).into())
    }

    pub(super) fn perf_event_open(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let result = |facts: &payload::KernelPerfEventOpen| facts.result;
        wire::call(header, rest, result, |facts| Self::PerfEventOpen(facts).into())
    }

    pub(super) fn kexec(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        let (facts, tail) = wire::split::<payload::KernelKexec>(header, rest)?;
        let what = Self::Kexec { facts, file: tail.path(facts.file, "file")? }.into();
        Ok(Call { kind: Kind::KernelKexec, result: facts.result, what })
    }

    /// Path of the file that was put into the kernel; empty where there is none.
    pub fn file(&self) -> Option<&FilePath> {
        match self {
            Self::ModuleLoad { file, .. } | Self::Kexec { file, .. } => Some(file),
            Self::Setns(_)
            | Self::Unshare(_)
            | Self::ModuleRemove { .. }
            | Self::Bpf { .. }
            | Self::Userfaultfd(_)
            | Self::IoUringSetup(_)
            | Self::IoUringSubmit(_)
            | Self::PerfEventOpen(_) => None,
        }
    }
}

impl From<KernelCall> for What {
    fn from(call: KernelCall) -> Self {
        Self::Kernel(call)
    }
}
