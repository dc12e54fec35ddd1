//! System calls, by domain: what was asked for and what came of it.

use sensor_common::event::Kind;

use super::{
    credential::CredentialCall, file_call::FileCall, kernel::KernelCall, network::NetworkCall,
    process::ProcessCall,
};
use crate::rules::{EventType, EventTypes};

/// A system call that ended, or what is reported like one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The kind of the record.
    pub kind: Kind,
    /// What it returned: a value, or an error negated; [`Call::NO_RESULT`] where that is not seen.
    pub result: i64,
    /// What was asked for.
    pub what: What,
}

/// What was asked for, by domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Files and their names.
    File(Box<FileCall>),
    /// Sockets and what passes through them.
    Network(NetworkCall),
    /// Processes acting on processes.
    Process(ProcessCall),
    /// Who a process is and what it may do.
    Credential(CredentialCall),
    /// What the kernel is, and what a process can reach in it.
    Kernel(KernelCall),
}

impl What {
    /// The type where the number of the call is not known, or is one through which it came about indirectly.
    pub(super) fn usual_type(&self) -> EventType {
        match self {
            Self::File(asked) => asked.usual_type(),
            Self::Network(asked) => asked.usual_type(),
            Self::Process(call) => call.usual_type(),
            Self::Credential(call) => call.usual_type(),
            Self::Kernel(call) => call.usual_type(),
        }
    }
}

impl ProcessCall {
    fn usual_type(&self) -> EventType {
        match self {
            Self::Kill(_) => EventType::KILL,
            Self::ExecFailed { .. } => EventType::EXECVE,
            Self::Ptrace(_) => EventType::PTRACE,
            Self::Vm(_) => EventType::PROCESS_VM_READV,
            Self::Prctl { .. } => EventType::PRCTL,
            Self::Group(_) => EventType::SETPGID,
        }
    }
}

impl CredentialCall {
    fn usual_type(&self) -> EventType {
        match self {
            Self::Setid(_) => EventType::SETUID,
            Self::Setgroups { .. } => EventType::SETGROUPS,
            Self::Capset(_) => EventType::CAPSET,
            Self::Commit(_) => EventType::COMMIT_CREDS,
        }
    }
}

impl KernelCall {
    fn usual_type(&self) -> EventType {
        match self {
            Self::Setns(_) => EventType::SETNS,
            Self::Unshare(_) => EventType::UNSHARE,
            Self::ModuleLoad { .. } => EventType::INIT_MODULE,
            Self::ModuleRemove { .. } => EventType::DELETE_MODULE,
            Self::Bpf { .. } => EventType::BPF,
            Self::Userfaultfd(_) => EventType::USERFAULTFD,
            Self::IoUringSetup(_) => EventType::IO_URING_SETUP,
            Self::IoUringSubmit(_) => EventType::IO_URING_SUBMIT_REQ,
            Self::PerfEventOpen(_) => EventType::PERF_EVENT_OPEN,
            Self::Kexec { .. } => EventType::KEXEC_LOAD,
        }
    }
}

impl Call {
    /// Stands for the result of what no system call's end tells of: no call returns it.
    pub const NO_RESULT: i64 = i64::MIN;

    /// The error's number, negative; 0 if the call succeeded, or if nobody knows.
    pub fn error(&self) -> i32 {
        self.result().map_or(0, |result| i32::try_from(result.min(0)).unwrap_or(i32::MIN))
    }

    /// What it returned, where that is seen.
    pub fn result(&self) -> Option<i64> {
        Some(self.result).filter(|result| *result != Self::NO_RESULT)
    }
}

/// The types that records of a kind can have, where its hooks are system calls.
pub fn call_types(kind: Kind) -> EventTypes {
    kind.hooks().iter().filter_map(|hook| call_type(hook.target)).collect()
}

/// The type of the system call that a hook is on, by what the hook attaches to.
pub fn call_type(target: &str) -> Option<EventType> {
    match target.strip_prefix("syscalls/sys_exit_").or_else(|| target.strip_prefix("syscalls/sys_enter_"))? {
        // The kernel's own name of `umount2`.
        "umount" => Some(EventType::UMOUNT2),
        name => EventType::from_name(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_of_a_kind_follow_from_its_hooks() {
        let types = call_types(Kind::FileRemove);
        assert_eq!(types.count(), 3);
        assert!(types.contains(EventType::UNLINKAT) && types.contains(EventType::RMDIR));
        assert!(call_types(Kind::ProcessFork).is_empty());
    }

    #[test]
    fn every_call_hooked_is_an_observed_event_type() {
        for kind in Kind::ALL {
            for event in call_types(*kind).iter() {
                assert!(event.is_observed(), "{event:?}");
            }
        }
    }
}
