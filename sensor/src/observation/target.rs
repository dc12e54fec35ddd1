//! Fields of the process that a call works on: the one that a signal goes to, that is traced, or whose memory is read.

use super::{Observation, Rows, non_empty, number, or_missing, process};
use crate::{
    decode::{Exec, ProcessCall, What},
    identity::Identity,
    process::{Process, ProcessKey, ProcessTable},
    rules::{EventType, EventTypes, value::Value},
};

/// Events that have a target.
pub(super) const TARGETED: EventTypes = EventTypes::NONE
    .with(EventType::KILL)
    .with(EventType::TKILL)
    .with(EventType::TGKILL)
    .with(EventType::RT_SIGQUEUEINFO)
    .with(EventType::RT_TGSIGQUEUEINFO)
    .with(EventType::PIDFD_SEND_SIGNAL)
    .with(EventType::PTRACE)
    .with(EventType::PROCESS_VM_READV)
    .with(EventType::PROCESS_VM_WRITEV)
    .with(EventType::SETPGID);

pub(super) const ROWS: Rows = &[
    ("vigie.target.pid", |o, _| or_missing(o.target.as_ref(), |target| number(target.process.key().pid))),
    ("vigie.target.name", |o, _| of_program(o, process::name)),
    ("vigie.target.exepath", |o, _| of_program(o, |exec| non_empty(exec.exe.as_bytes()))),
    ("vigie.target.cmdline", |o, _| of_program(o, process::command_line)),
    ("vigie.target.container.id", |o, _| {
        or_missing(o.target.as_ref(), |target| Value::text(target.identity.id()))
    }),
];

/// The process that a call works on.
#[derive(Debug)]
pub(super) struct Target<'a> {
    process: &'a Process,
    identity: Identity<'a>,
}

impl<'a> Observation<'a> {
    /// Looks up the process that the call works on, and by its cgroup whose that is.
    #[must_use]
    pub fn with_target(mut self, view: impl FnOnce(u64) -> Identity<'a>) -> Self {
        let process = target(&self);
        self.target = process.map(|process| Target { process, identity: view(process.cgroup()) });
        self
    }
}

/// A pid means a process of the caller's own pid namespace. One that the table cannot place there is not guessed.
fn target<'a>(observation: &Observation<'a>) -> Option<&'a Process> {
    let What::Process(call) = &observation.call()?.what else { return None };
    let table: &'a ProcessTable = observation.table;
    let header = &observation.event.header;
    let pid = match call {
        ProcessCall::Kill(facts) if facts.target != 0 => return table.holder(facts.target, header.time),
        ProcessCall::Kill(facts) if facts.pid == 0 => facts.tid,
        ProcessCall::Kill(facts) => facts.pid,
        ProcessCall::Ptrace(facts) => facts.pid,
        ProcessCall::Vm(facts) => facts.pid,
        ProcessCall::Group(facts) => facts.pid,
        ProcessCall::ExecFailed { .. } | ProcessCall::Prctl { .. } => return None,
    };
    let pid = u32::try_from(pid).ok().filter(|pid| *pid != 0)?;
    table.named_by(ProcessKey::of(header), pid, header.time)
}

fn of_program<'o>(observation: &'o Observation<'_>, of: impl FnOnce(&'o Exec) -> Value<'o>) -> Value<'o> {
    let time = observation.event.header.time;
    let image = observation.target.as_ref().and_then(|target| {
        let process = target.process;
        process.image_at(time).or_else(|| process.image())
    });
    or_missing(image, |image| of(&image.exec))
}
