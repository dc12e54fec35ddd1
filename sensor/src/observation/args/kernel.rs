//! Arguments of calls on the kernel.

use sensor_common::event::kernel::{
    KernelBpf, KernelIoUringSetup, KernelKexec, KernelModuleLoad, KernelPerfEventOpen,
};

use super::{ByType, Names, non_empty, number, owned, texts};
use crate::{
    decode::{Call, FilePath, KernelCall},
    rules::{EventType, EventTypes, value::Value},
};

const SETNS: Names = &["res", "fd", "nstype"];
const UNSHARE: Names = &["res", "flags"];
const INIT_MODULE: Names = &["res", "img", "length", "uargs"];
const FINIT_MODULE: Names = &["res", "fd", "uargs", "flags", "path"];
const DELETE_MODULE: Names = &["res", "name", "flags"];
const BPF: Names = &["fd", "cmd", "prog_type", "map_type", "attach_type", "name"];
const USERFAULTFD: Names = &["res", "flags"];
const IO_URING_SETUP: Names =
    &["res", "entries", "sq_entries", "cq_entries", "flags", "sq_thread_cpu", "sq_thread_idle", "features"];
const IO_URING_SUBMIT: Names = &["opcode"];
const PERF_EVENT_OPEN: Names = &["fd", "type", "config", "pid", "cpu", "group_fd", "flags"];
const KEXEC_LOAD: Names = &["res", "nr_segments", "flags"];
const KEXEC_FILE_LOAD: Names = &["res", "kernel_fd", "flags", "path"];

/// Commands of `bpf` that say what is made, or to what it is attached.
const MAP_CREATE: u32 = 0;
const PROG_LOAD: u32 = 5;
const PROG_ATTACH: u32 = 8;
const LINK_CREATE: u32 = 28;

const fn one(event: EventType) -> EventTypes {
    EventTypes::NONE.with(event)
}

pub(super) const BY_TYPE: ByType = &[
    (one(EventType::SETNS), SETNS),
    (one(EventType::UNSHARE), UNSHARE),
    (one(EventType::INIT_MODULE), INIT_MODULE),
    (one(EventType::FINIT_MODULE), FINIT_MODULE),
    (one(EventType::DELETE_MODULE), DELETE_MODULE),
    (one(EventType::BPF), BPF),
    (one(EventType::USERFAULTFD), USERFAULTFD),
    (one(EventType::IO_URING_SETUP), IO_URING_SETUP),
    (one(EventType::IO_URING_SUBMIT_REQ), IO_URING_SUBMIT),
    (one(EventType::PERF_EVENT_OPEN), PERF_EVENT_OPEN),
    (one(EventType::KEXEC_LOAD), KEXEC_LOAD),
    (one(EventType::KEXEC_FILE_LOAD), KEXEC_FILE_LOAD),
];

/// The argument of this name.
pub(super) fn named<'o>(call: &'o Call, asked: &'o KernelCall, name: &str) -> Value<'o> {
    match (asked, name) {
        (KernelCall::Setns(facts), "fd") => Value::Number(facts.fd.into()),
        (KernelCall::Setns(facts), "nstype") => owned(texts::flags(facts.nstype.into(), texts::CLONE)),
        (KernelCall::Unshare(facts), "flags") => owned(texts::flags(facts.flags, texts::CLONE)),
        (KernelCall::ModuleLoad { parameters: text, .. }, "uargs")
        | (KernelCall::ModuleRemove { name: text, .. } | KernelCall::Bpf { name: text, .. }, "name") => {
            non_empty(text)
        }
        (KernelCall::ModuleLoad { facts, file, .. }, name) => module(facts, file, name),
        (KernelCall::ModuleRemove { flags, .. }, "flags") => {
            owned(texts::flags((*flags).into(), texts::MODULE_REMOVE))
        }
        (KernelCall::Bpf { .. } | KernelCall::PerfEventOpen(_), "fd") => Value::Number(call.result),
        (KernelCall::Bpf { facts, .. }, name) => bpf(facts, name),
        (KernelCall::Userfaultfd(facts), "flags") => {
            owned(texts::flags(facts.flags.into(), texts::USERFAULTFD))
        }
        (KernelCall::IoUringSetup(facts), name) => ring(facts, name),
        (KernelCall::IoUringSubmit(facts), "opcode") => {
            owned(texts::nth(facts.opcode, "IORING_OP_", texts::OPERATIONS))
        }
        (KernelCall::PerfEventOpen(facts), name) => perf(facts, name),
        (KernelCall::Kexec { facts, file }, name) => kexec(facts, file, name),
        (
            KernelCall::Setns(_)
            | KernelCall::Unshare(_)
            | KernelCall::ModuleRemove { .. }
            | KernelCall::Userfaultfd(_)
            | KernelCall::IoUringSubmit(_),
            _,
        ) => Value::Missing,
    }
}

fn module<'o>(facts: &KernelModuleLoad, file: &'o FilePath, name: &str) -> Value<'o> {
    match name {
        "fd" => Value::Number(facts.fd.into()),
        "length" => number(facts.length),
        "flags" => owned(texts::flags(facts.flags.into(), texts::MODULE_LOAD)),
        "path" => non_empty(file.as_bytes()),
        _ => Value::Missing,
    }
}

fn bpf(facts: &KernelBpf, name: &str) -> Value<'static> {
    match (name, facts.command) {
        ("cmd", command) => owned(texts::nth(command, "BPF_", texts::BPF)),
        ("prog_type", PROG_LOAD) => owned(texts::nth(facts.object, "BPF_PROG_TYPE_", texts::PROGRAMS)),
        ("map_type", MAP_CREATE) => owned(texts::nth(facts.object, "BPF_MAP_TYPE_", texts::MAPS)),
        ("attach_type", PROG_LOAD | PROG_ATTACH | LINK_CREATE) => number(facts.attach_type),
        _ => Value::Missing,
    }
}

fn ring(facts: &KernelIoUringSetup, name: &str) -> Value<'static> {
    match name {
        "entries" => number(facts.entries),
        "sq_entries" => number(facts.sq_entries),
        "cq_entries" => number(facts.cq_entries),
        "flags" => owned(texts::flags(facts.flags.into(), texts::RING_SETUP)),
        "sq_thread_cpu" => number(facts.sq_thread_cpu),
        "sq_thread_idle" => number(facts.sq_thread_idle),
        "features" => number(facts.features),
        _ => Value::Missing,
    }
}

fn perf(facts: &KernelPerfEventOpen, name: &str) -> Value<'static> {
    match name {
        "type" => owned(texts::nth(facts.kind, "PERF_TYPE_", texts::PERF_TYPES)),
        "config" => number(facts.config),
        "pid" => Value::Number(facts.pid.into()),
        "cpu" => Value::Number(facts.cpu.into()),
        "group_fd" => Value::Number(facts.group.into()),
        "flags" => number(facts.flags),
        _ => Value::Missing,
    }
}

fn kexec<'o>(facts: &KernelKexec, file: &'o FilePath, name: &str) -> Value<'o> {
    let table = if facts.fd < 0 { texts::KEXEC_LOAD } else { texts::KEXEC_FILE };
    match name {
        "kernel_fd" => Value::Number(facts.fd.into()),
        "nr_segments" => number(facts.segments),
        "flags" => owned(texts::flags(facts.flags, table)),
        "path" => non_empty(file.as_bytes()),
        _ => Value::Missing,
    }
}
