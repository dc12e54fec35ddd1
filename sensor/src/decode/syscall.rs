//! The name of the call behind an event, under Falco's names.
//!
//! A number means what the task's own ABI says, and a record does not tell a 32-bit task from a 64-bit one. It
//! need not: among the calls that can cause one kind of event, no number has two names on the same machine.

use sensor_common::header::{Header, flags};

use super::{Body, Event};

/// `__X32_SYSCALL_BIT`: set in the numbers of x86-64's ILP32 tasks.
const X32: u32 = 0x4000_0000;
/// `io_uring_enter`, the same everywhere.
const IO_URING_ENTER: u32 = 426;

/// A number as x32 tasks use it.
#[cfg(target_arch = "x86_64")]
const fn x32(number: u32) -> u32 {
    X32 | number
}

type Names = &'static [(u32, &'static str)];

/// x86-64, then x32 where it differs, then i386.
#[cfg(target_arch = "x86_64")]
mod numbers {
    use super::{Names, x32};

    pub(super) const EXEC: Names = &[
        (59, "execve"),
        (322, "execveat"),
        (x32(520), "execve"),
        (x32(545), "execveat"),
        (11, "execve"),
        (358, "execveat"),
    ];
    pub(super) const FORK: Names = &[
        (56, "clone"),
        (57, "fork"),
        (58, "vfork"),
        (435, "clone3"),
        (120, "clone"),
        (2, "fork"),
        (190, "vfork"),
    ];
    pub(super) const OPEN: Names = &[
        (2, "open"),
        (257, "openat"),
        (437, "openat2"),
        (85, "creat"),
        (304, "open_by_handle_at"),
        (5, "open"),
        (295, "openat"),
        (8, "creat"),
        (342, "open_by_handle_at"),
    ];
}

/// 64-bit Arm, then 32-bit.
#[cfg(target_arch = "aarch64")]
mod numbers {
    use super::Names;

    pub(super) const EXEC: Names = &[(221, "execve"), (281, "execveat"), (11, "execve"), (387, "execveat")];
    pub(super) const FORK: Names =
        &[(220, "clone"), (435, "clone3"), (120, "clone"), (2, "fork"), (190, "vfork")];
    pub(super) const OPEN: Names = &[
        (56, "openat"),
        (437, "openat2"),
        (265, "open_by_handle_at"),
        (5, "open"),
        (322, "openat"),
        (8, "creat"),
        (371, "open_by_handle_at"),
    ];
}

/// The event's type as Falco names it (`evt.type`).
///
/// Where the call is not known, or is one through which the event came about indirectly (`io_uring_enter`), it
/// is the most usual call of the kind: `execve`, `clone`, `openat`.
pub fn evt_type(event: &Event) -> &'static str {
    let call = event.header.syscall;
    match event.body {
        Body::Exec(_) if event.header.flags & flags::BY_DESCRIPTOR != 0 => "execveat",
        Body::Exec(_) => named(numbers::EXEC, call).unwrap_or("execve"),
        Body::Fork(_) => named(numbers::FORK, call).unwrap_or("clone"),
        Body::Exit(_) => "procexit",
        Body::Open(_) => named(numbers::OPEN, call).unwrap_or("openat"),
        Body::CgroupMkdir(_) => "cgroup_mkdir",
        Body::CgroupAttachTask(_) => "cgroup_attach_task",
        Body::CgroupRmdir(_) => "cgroup_rmdir",
    }
}

/// Whether the event came about through an `io_uring`, by a worker of the kernel or within `io_uring_enter`.
pub fn is_io_uring(header: &Header) -> bool {
    header.flags & flags::IO_WORKER != 0 || header.syscall & !X32 == IO_URING_ENTER
}

/// Most x32 numbers are the 64-bit ones with a bit set.
fn named(names: Names, call: u32) -> Option<&'static str> {
    let find = |number| names.iter().find(|(known, _)| *known == number).map(|(_, name)| *name);
    find(call).or_else(|| find(call & !X32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{CgroupAttachTask, CgroupMkdir, CgroupRmdir};
    use sensor_common::event::process::{ProcessExit, ProcessFork};
    use sensor_common::header::NO_SYSCALL;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn event(body: Body, syscall: u32) -> Event {
        Event { header: Header { syscall, ..Header::default() }, body }
    }

    #[test]
    fn no_number_has_two_names_within_a_kind() {
        for names in [numbers::EXEC, numbers::FORK, numbers::OPEN] {
            let mut seen = BTreeMap::new();
            for (number, name) in names {
                assert_eq!(seen.insert(number, name), None, "{number}");
            }
        }
    }

    #[test]
    fn unknown_and_indirect_calls_fall_back_on_the_usual_one() {
        for call in [NO_SYSCALL, IO_URING_ENTER, 9999] {
            assert_eq!(evt_type(&event(Body::Exec(Arc::default()), call)), "execve");
            assert_eq!(evt_type(&event(Body::Fork(ProcessFork::default()), call)), "clone");
            assert_eq!(evt_type(&event(Body::Open(Box::default()), call)), "openat");
        }
    }

    #[test]
    fn calls_without_flavours_ignore_the_number() {
        assert_eq!(evt_type(&event(Body::Exit(ProcessExit::default()), 231)), "procexit");
        assert_eq!(evt_type(&event(Body::CgroupMkdir(CgroupMkdir::default()), 83)), "cgroup_mkdir");
        assert_eq!(
            evt_type(&event(Body::CgroupAttachTask(CgroupAttachTask::default()), 1)),
            "cgroup_attach_task"
        );
        assert_eq!(evt_type(&event(Body::CgroupRmdir(CgroupRmdir::default()), 84)), "cgroup_rmdir");
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn flavours_have_their_names_in_every_abi() {
        let open = |call| evt_type(&event(Body::Open(Box::default()), call));
        assert_eq!(
            [2, 257, 437, 85, 304].map(open),
            ["open", "openat", "openat2", "creat", "open_by_handle_at"]
        );
        assert_eq!([x32(2), x32(437), 5, 8].map(open), ["open", "openat2", "open", "creat"]);
        let exec = |call| evt_type(&event(Body::Exec(Arc::default()), call));
        assert_eq!([59, 322, x32(545), 11].map(exec), ["execve", "execveat", "execveat", "execve"]);
        let fork = |call| evt_type(&event(Body::Fork(ProcessFork::default()), call));
        assert_eq!([56, 57, 58, 435, x32(58)].map(fork), ["clone", "fork", "vfork", "clone3", "vfork"]);
    }

    #[test]
    fn an_exec_by_descriptor_is_execveat_whatever_the_kernel_made_of_the_number() {
        let mut event = event(Body::Exec(Arc::default()), 59);
        event.header.flags = flags::BY_DESCRIPTOR;
        assert_eq!(evt_type(&event), "execveat");
    }

    #[test]
    fn io_uring_is_told_by_worker_or_call() {
        assert!(is_io_uring(&Header { flags: flags::IO_WORKER, syscall: NO_SYSCALL, ..Header::default() }));
        assert!(is_io_uring(&Header { syscall: IO_URING_ENTER, ..Header::default() }));
        assert!(!is_io_uring(&Header { syscall: NO_SYSCALL, ..Header::default() }));
    }
}
