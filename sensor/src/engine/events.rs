//! Every event as one line of JSON.

use crate::{
    alert::fields_line,
    decode::Body,
    observation::{Observation, argument_names},
    rules::{
        Value,
        field::{FieldError, FieldRef, Fields, resolve},
    },
};

/// Fields of every event.
const ALWAYS: &[&str] = &[
    "evt.num",
    "evt.type",
    "evt.category",
    "evt.time.iso8601",
    "evt.rawtime",
    "evt.hostname",
    "evt.cpu",
    "evt.res",
    "evt.rawres",
    "proc.pid",
    "proc.pid.ts",
    "proc.ppid",
    "proc.vpid",
    "proc.name",
    "proc.exepath",
    "proc.cmdline",
    "proc.cwd",
    "proc.sid",
    "proc.tty",
    "proc.pname",
    "proc.pexepath",
    "proc.pcmdline",
    "proc.aname",
    "thread.tid",
    "user.uid",
    "user.name",
    "user.loginuid",
    "user.loginname",
    "group.gid",
    "container.id",
    "container.full_id",
    "container.name",
    "container.type",
    "container.image.repository",
    "container.image.tag",
    "vigie.user.euid",
    "vigie.container.verified",
    "vigie.container.unverified",
    "vigie.cgroup.id",
    "vigie.cgroup.path",
    "vigie.ns.mnt",
    "vigie.session.id",
    "vigie.proc.from_proc",
    "vigie.tier",
    "vigie.io_uring",
];

/// Fields of execs besides.
const EXEC: &[&str] = &[
    "proc.exe",
    "proc.args",
    "proc.cmdnargs",
    "proc.pgid",
    "proc.exe_ino",
    "proc.is_exe_upper_layer",
    "proc.is_exe_from_memfd",
    "thread.cap_permitted",
    "thread.cap_effective",
    "thread.cap_inheritable",
    "vigie.group.egid",
    "vigie.proc.argv",
    "vigie.proc.argv_truncated",
    "vigie.proc.exe_deleted",
    "vigie.ns.pid",
    "vigie.ns.user",
    "vigie.ns.net",
];

/// Fields of opens besides.
const OPEN: &[&str] = &[
    "fd.name",
    "fd.nameraw",
    "fd.num",
    "fd.type",
    "fd.ino",
    "fd.dev",
    "evt.failed",
    "evt.is_open_read",
    "evt.is_open_write",
    "evt.is_open_create",
    "vigie.fd.memfd",
    "fd.is_upper_layer",
    "vigie.fd.deleted",
    "vigie.fd.nlink",
    "vigie.fd.unverified",
];

/// Writes events; knows the fields of each kind.
#[derive(Debug)]
pub(super) struct Writer {
    always: Vec<FieldRef>,
    exec: Vec<FieldRef>,
    open: Vec<FieldRef>,
}

impl Writer {
    /// Looks the fields up.
    pub(super) fn new() -> Result<Self, FieldError> {
        let all =
            |names: &[&str]| names.iter().map(|name| resolve(name, None)).collect::<Result<Vec<_>, _>>();
        Ok(Self { always: all(ALWAYS)?, exec: all(EXEC)?, open: all(OPEN)? })
    }

    /// The event's line. Fields without a value are left out.
    pub(super) fn line(&self, observation: &Observation<'_>) -> Vec<u8> {
        let body = &observation.event.body;
        let more: &[FieldRef] = match body {
            Body::Exec(_) => &self.exec,
            Body::Open(_) => &self.open,
            Body::Fork(_)
            | Body::Exit(_)
            | Body::CgroupMkdir(_)
            | Body::CgroupAttachTask(_)
            | Body::CgroupRmdir(_) => &[],
        };
        let fields = self.always.iter().chain(more).map(|field| (field.field.name, observation.value(field)));
        let arguments = argument_names(body).iter().map(|name| (*name, observation.argument(name)));
        let mut line: Vec<(String, Value<'_>)> =
            fields.map(|(name, value)| (name.to_owned(), value)).collect();
        line.extend(arguments.map(|(name, value)| (format!("evt.arg.{name}"), value)));
        line.retain(|(_, value)| !matches!(value, Value::Missing | Value::Pending));
        fields_line(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_one() {
        Writer::new().unwrap();
    }
}
