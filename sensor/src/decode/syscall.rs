//! The name of the call behind an event, under Falco's names.
//!
//! A number means what the task's own ABI says, and a record does not tell a 32-bit task from a 64-bit one. It
//! need not: among the calls that can cause one kind of event, no number has two names on the same machine.

use std::sync::LazyLock;

use sensor_common::header::{Header, NO_SYSCALL, flags};
use syscalls::Sysno;

use super::{Body, Call, Event, call_types};
use crate::rules::EventType;

/// `__X32_SYSCALL_BIT`: set in the numbers of x86-64's ILP32 tasks.
const X32: u32 = 0x4000_0000;
/// `io_uring_enter`, the same everywhere.
const IO_URING_ENTER: u32 = 426;

/// A number as x32 tasks use it.
#[cfg(target_arch = "x86_64")]
const fn x32(number: u32) -> u32 {
    X32 | number
}

type Calls = &'static [(u32, EventType)];

/// x86-64, then x32 where it differs, then i386.
#[cfg(target_arch = "x86_64")]
mod numbers {
    use super::{Calls, EventType, x32};

    pub(super) const EXEC: Calls = &[
        (59, EventType::EXECVE),
        (322, EventType::EXECVEAT),
        (x32(520), EventType::EXECVE),
        (x32(545), EventType::EXECVEAT),
        (11, EventType::EXECVE),
        (358, EventType::EXECVEAT),
    ];
    pub(super) const FORK: Calls = &[
        (56, EventType::CLONE),
        (57, EventType::FORK),
        (58, EventType::VFORK),
        (435, EventType::CLONE3),
        (120, EventType::CLONE),
        (2, EventType::FORK),
        (190, EventType::VFORK),
    ];
    pub(super) const OPEN: Calls = &[
        (2, EventType::OPEN),
        (257, EventType::OPENAT),
        (437, EventType::OPENAT2),
        (85, EventType::CREAT),
        (304, EventType::OPEN_BY_HANDLE_AT),
        (5, EventType::OPEN),
        (295, EventType::OPENAT),
        (8, EventType::CREAT),
        (342, EventType::OPEN_BY_HANDLE_AT),
    ];

    /// `execve`, `execveat` (each also as x32 has it), `setuid`, `setgid`, `setreuid`, `setregid`, `setgroups`,
    /// `setresuid`, `setresgid`, `setfsuid`, `setfsgid`, `capset`.
    pub(super) const GIVES_RIGHTS: &[u32] =
        &[59, 322, 520, 545, 105, 106, 113, 114, 116, 117, 119, 122, 123, 126];
    /// The same of i386, where most have a second number for wide ids.
    pub(super) const COMPAT_GIVES_RIGHTS: &[u32] =
        &[11, 358, 23, 46, 70, 71, 81, 164, 170, 138, 139, 185, 203, 204, 206, 208, 210, 213, 214, 215, 216];
}

/// 64-bit Arm, then 32-bit.
#[cfg(target_arch = "aarch64")]
mod numbers {
    use super::{Calls, EventType};

    pub(super) const EXEC: Calls = &[
        (221, EventType::EXECVE),
        (281, EventType::EXECVEAT),
        (11, EventType::EXECVE),
        (387, EventType::EXECVEAT),
    ];
    pub(super) const FORK: Calls = &[
        (220, EventType::CLONE),
        (435, EventType::CLONE3),
        (120, EventType::CLONE),
        (2, EventType::FORK),
        (190, EventType::VFORK),
    ];
    pub(super) const OPEN: Calls = &[
        (56, EventType::OPENAT),
        (437, EventType::OPENAT2),
        (265, EventType::OPEN_BY_HANDLE_AT),
        (5, EventType::OPEN),
        (322, EventType::OPENAT),
        (8, EventType::CREAT),
        (371, EventType::OPEN_BY_HANDLE_AT),
    ];
    /// `execve`, `execveat`, `setregid`, `setgid`, `setreuid`, `setuid`, `setresuid`, `setresgid`, `setfsuid`,
    /// `setfsgid`, `setgroups`, `capset`.
    pub(super) const GIVES_RIGHTS: &[u32] = &[221, 281, 143, 144, 145, 146, 147, 149, 151, 152, 159, 91];
    /// The same of 32-bit Arm, where most have a second number for wide ids.
    pub(super) const COMPAT_GIVES_RIGHTS: &[u32] =
        &[11, 387, 23, 46, 70, 71, 81, 164, 170, 138, 139, 185, 203, 204, 206, 208, 210, 213, 214, 215, 216];
}

/// The event's type as Falco names it (`evt.type`).
///
/// Where the call is not known, or is one through which the event came about indirectly (`io_uring_enter`), it
/// is the most usual call of the kind: `execve`, `clone`, `openat`.
pub fn event_type(event: &Event) -> EventType {
    let call = event.header.syscall;
    match &event.body {
        Body::Exec(_) if event.header.flags & flags::BY_DESCRIPTOR != 0 => EventType::EXECVEAT,
        Body::Exec(_) => called(numbers::EXEC, call).unwrap_or(EventType::EXECVE),
        Body::Fork(_) => called(numbers::FORK, call).unwrap_or(EventType::CLONE),
        Body::Exit(_) => EventType::PROCEXIT,
        Body::Open(_) => called(numbers::OPEN, call).unwrap_or(EventType::OPENAT),
        Body::CgroupMkdir(_) => EventType::CGROUP_MKDIR,
        Body::CgroupAttachTask(_) => EventType::CGROUP_ATTACH_TASK,
        Body::CgroupRmdir(_) => EventType::CGROUP_RMDIR,
        Body::Call(made) => type_of_call(made, call),
    }
}

/// Programs on system calls see calls of the 64-bit interface only, so a number has one meaning.
fn type_of_call(call: &Call, number: u32) -> EventType {
    let named = usize::try_from(number & !X32).ok().and_then(|number| NATIVE.get(number).copied().flatten());
    named.filter(|named| call_types(call.kind).contains(*named)).unwrap_or_else(|| call.what.usual_type())
}

/// Event types by the number of the call in this machine's own ABI.
static NATIVE: LazyLock<Vec<Option<EventType>>> = LazyLock::new(|| {
    let name = |number| Sysno::new(number).map(|call| call.name());
    (0..=Sysno::table_size()).map(|number| name(number).and_then(EventType::from_name)).collect()
});

/// Whether the event came about in a call through the 32-bit interface. An exec says nothing of the call that began it.
pub fn is_compat(header: &Header) -> bool {
    header.flags & flags::COMPAT != 0
}

/// Whether the call being served is one that may give a process rights: an exec, or a change of ids or capabilities, which
/// the kernel checks itself. True where the call is not known.
pub(super) fn may_give_rights(header: &Header) -> bool {
    let calls = if is_compat(header) { numbers::COMPAT_GIVES_RIGHTS } else { numbers::GIVES_RIGHTS };
    header.syscall == NO_SYSCALL
        || calls.contains(&header.syscall)
        || calls.contains(&(header.syscall & !X32))
}

/// Whether the event came about through an `io_uring`, by a worker of the kernel or within `io_uring_enter`.
pub fn is_io_uring(header: &Header) -> bool {
    header.flags & flags::IO_WORKER != 0 || header.syscall & !X32 == IO_URING_ENTER
}

/// Most x32 numbers are the 64-bit ones with a bit set.
fn called(calls: Calls, call: u32) -> Option<EventType> {
    let find = |number| calls.iter().find(|(known, _)| *known == number).map(|(_, event)| *event);
    find(call).or_else(|| find(call & !X32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{CgroupAttachTask, CgroupMkdir, CgroupRmdir};
    use sensor_common::event::process::{ProcessExit, ProcessFork};
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn event(body: Body, syscall: u32) -> Event {
        Event { header: Header { syscall, ..Header::default() }, body }
    }

    fn type_name(event: &Event) -> &'static str {
        event_type(event).name()
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
            assert_eq!(type_name(&event(Body::Exec(Arc::default()), call)), "execve");
            assert_eq!(type_name(&event(Body::Fork(ProcessFork::default()), call)), "clone");
            assert_eq!(type_name(&event(Body::Open(Box::default()), call)), "openat");
        }
    }

    #[test]
    fn calls_without_flavours_ignore_the_number() {
        assert_eq!(type_name(&event(Body::Exit(ProcessExit::default()), 231)), "procexit");
        assert_eq!(type_name(&event(Body::CgroupMkdir(CgroupMkdir::default()), 83)), "cgroup_mkdir");
        assert_eq!(
            type_name(&event(Body::CgroupAttachTask(CgroupAttachTask::default()), 1)),
            "cgroup_attach_task"
        );
        assert_eq!(type_name(&event(Body::CgroupRmdir(CgroupRmdir::default()), 84)), "cgroup_rmdir");
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn flavours_have_their_names_in_every_abi() {
        let open = |call| type_name(&event(Body::Open(Box::default()), call));
        assert_eq!(
            [2, 257, 437, 85, 304].map(open),
            ["open", "openat", "openat2", "creat", "open_by_handle_at"]
        );
        assert_eq!([x32(2), x32(437), 5, 8].map(open), ["open", "openat2", "open", "creat"]);
        let exec = |call| type_name(&event(Body::Exec(Arc::default()), call));
        assert_eq!([59, 322, x32(545), 11].map(exec), ["execve", "execveat", "execveat", "execve"]);
        let fork = |call| type_name(&event(Body::Fork(ProcessFork::default()), call));
        assert_eq!([56, 57, 58, 435, x32(58)].map(fork), ["clone", "fork", "vfork", "clone3", "vfork"]);
    }

    #[test]
    fn an_exec_by_descriptor_is_execveat_whatever_the_kernel_made_of_the_number() {
        let mut event = event(Body::Exec(Arc::default()), 59);
        event.header.flags = flags::BY_DESCRIPTOR;
        assert_eq!(type_name(&event), "execveat");
    }

    #[test]
    fn io_uring_is_told_by_worker_or_call() {
        assert!(is_io_uring(&Header { flags: flags::IO_WORKER, syscall: NO_SYSCALL, ..Header::default() }));
        assert!(is_io_uring(&Header { syscall: IO_URING_ENTER, ..Header::default() }));
        assert!(!is_io_uring(&Header { syscall: NO_SYSCALL, ..Header::default() }));
    }
}
