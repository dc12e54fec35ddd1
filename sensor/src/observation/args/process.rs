//! Arguments of what happens to processes.

use sensor_common::event::process::{ProcessExit, ProcessFork, ProcessKill};

use super::{ByType, Names, feeding, non_empty, number, owned, texts};
use crate::{
    decode::{Call, Name, ProcessCall},
    rules::{EventType, EventTypes, value::Value},
};

const FORK: Names = &["child_pid", "child_vpid", "flags", "child_ppid"];
const EXEC: Names = &["filename", "path", "argc", "argv_len", "res", "dirfd", "flags"];
const EXIT: Names = &["status", "ret", "sig", "core"];
const KILL: Names = &["res", "pid", "sig"];
const TKILL: Names = &["res", "tid", "sig"];
const TGKILL: Names = &["res", "pid", "tid", "sig"];
const PIDFD: Names = &["res", "pidfd", "sig"];
const PTRACE: Names = &["res", "addr", "data", "request", "pid"];
const VM: Names = &["res", "pid"];
const PRCTL: Names = &["res", "option", "arg2_str", "arg2_int"];
const SETSID: Names = &["res"];
const SETPGID: Names = &["res", "pid", "pgid"];

const fn one(event: EventType) -> EventTypes {
    EventTypes::NONE.with(event)
}

pub(super) const BY_TYPE: ByType = &[
    (feeding::FORKS, FORK),
    (feeding::EXECS, EXEC),
    (feeding::EXITS, EXIT),
    (one(EventType::KILL).with(EventType::RT_SIGQUEUEINFO), KILL),
    (one(EventType::TKILL), TKILL),
    (one(EventType::TGKILL).with(EventType::RT_TGSIGQUEUEINFO), TGKILL),
    (one(EventType::PIDFD_SEND_SIGNAL), PIDFD),
    (one(EventType::PTRACE), PTRACE),
    (one(EventType::PROCESS_VM_READV).with(EventType::PROCESS_VM_WRITEV), VM),
    (one(EventType::PRCTL), PRCTL),
    (one(EventType::SETSID), SETSID),
    (one(EventType::SETPGID), SETPGID),
];

/// The argument of this name.
pub(super) fn named<'o>(_: &'o Call, asked: &'o ProcessCall, name: &str) -> Value<'o> {
    match (asked, name) {
        (ProcessCall::Kill(facts), name) => kill(facts, name),
        (ProcessCall::ExecFailed { name, .. }, "filename") => non_empty(&name.given),
        (ProcessCall::ExecFailed { name, .. }, "path") => exec_path(name),
        (ProcessCall::ExecFailed { facts, .. }, "dirfd") => Value::Number(facts.dirfd.into()),
        (ProcessCall::ExecFailed { facts, .. }, "flags") => number(facts.flags),
        (ProcessCall::Ptrace(facts), "addr") => owned(format!("{:#x}", facts.addr)),
        (ProcessCall::Ptrace(facts), "data") => owned(format!("{:#x}", facts.data)),
        (ProcessCall::Ptrace(facts), "request") => owned(texts::name(facts.request, texts::PTRACE)),
        (ProcessCall::Ptrace(facts), "pid") => Value::Number(facts.pid.into()),
        (ProcessCall::Vm(facts), "pid") => Value::Number(facts.pid.into()),
        (ProcessCall::Prctl { facts, .. }, "option") => owned(texts::name(facts.option.into(), texts::PRCTL)),
        (ProcessCall::Prctl { name, .. }, "arg2_str") => non_empty(name),
        (ProcessCall::Prctl { facts, name }, "arg2_int") if name.is_empty() => {
            Value::Number(facts.argument.cast_signed())
        }
        (ProcessCall::Group(facts), "pid") => Value::Number(facts.pid.into()),
        (ProcessCall::Group(facts), "pgid") => Value::Number(facts.pgid.into()),
        (
            ProcessCall::ExecFailed { .. }
            | ProcessCall::Ptrace(_)
            | ProcessCall::Vm(_)
            | ProcessCall::Prctl { .. }
            | ProcessCall::Group(_),
            _,
        ) => Value::Missing,
    }
}

/// The path that was to run; an empty name stands for the descriptor's own file.
fn exec_path(name: &Name) -> Value<'_> {
    non_empty(name.path.as_bytes())
}

fn kill<'o>(facts: &ProcessKill, name: &str) -> Value<'o> {
    match name {
        "pid" => Value::Number(facts.pid.into()),
        "tid" => Value::Number(facts.tid.into()),
        "pidfd" => Value::Number(facts.pidfd.into()),
        "sig" => owned(texts::signal(facts.signal)),
        _ => Value::Missing,
    }
}

/// An argument of a fork.
pub(super) fn of_fork<'o>(fork: &ProcessFork, name: &str) -> Value<'o> {
    match name {
        "child_pid" => number(fork.child_pid),
        "child_vpid" => number(fork.child_vpid),
        "child_ppid" => number(fork.child_ppid),
        "flags" => owned(texts::flags(fork.flags, texts::CLONE)),
        _ => Value::Missing,
    }
}

/// An argument of an exit.
pub(super) fn of_exit(exit: ProcessExit, name: &str) -> Value<'static> {
    match name {
        "status" => number(exit.status),
        "ret" => number(exit.status >> 8 & 0xff),
        "sig" => owned(texts::signal(exit.status & 0x7f)),
        "core" => number(exit.status >> 7 & 1),
        _ => Value::Missing,
    }
}
