//! Fields of the process and of its ancestors.

use std::borrow::Cow;

use sensor_common::event::file::file_flags;

use super::{Observation, Rows, capabilities, non_empty, number, or_missing, owned};
use crate::{
    decode::{Argv, Body, Exec},
    process::{Process, ProcessKey},
    rules::{field::FieldArgument, value::Value},
};

pub(super) const ROWS: Rows = &[
    ("proc.pid", |o, _| number(o.event.header.pid)),
    ("proc.vpid", |o, _| or_missing(o.process.and_then(Process::vpid), number)),
    ("proc.pvpid", |o, _| or_missing(o.ancestors().next().and_then(|(parent, _)| parent.vpid()), number)),
    ("proc.ppid", |o, _| or_missing(o.ancestors().next(), |(parent, _)| number(parent.key().pid))),
    ("proc.name", |o, _| or_missing(o.exec(), name)),
    ("proc.exe", |o, _| or_missing(o.exec(), exe)),
    ("proc.exepath", |o, _| or_missing(o.exec(), |e| non_empty(e.exe.as_bytes()))),
    ("proc.exeline", |o, _| or_missing(o.exec(), |e| line(exe(e), e))),
    ("proc.cmdline", |o, _| or_missing(o.exec(), command_line)),
    ("proc.args", |o, argument| or_missing(o.exec(), |e| arguments(e, argument))),
    ("proc.cmdnargs", |o, _| or_missing(o.exec(), |e| number(e.argv.argc().saturating_sub(1)))),
    ("proc.cmdlenargs", |o, _| or_missing(o.exec(), |e| number(arguments_len(&e.argv)))),
    ("proc.cwd", |o, _| or_missing(o.exec(), |e| non_empty(e.cwd.as_bytes()))),
    ("proc.pname", |o, _| parent(o, name)),
    ("proc.pexe", |o, _| parent(o, exe)),
    ("proc.pexepath", |o, _| parent(o, |e| non_empty(e.exe.as_bytes()))),
    ("proc.pcmdline", |o, _| parent(o, command_line)),
    ("proc.aname", |o, n| ancestors(o, n, |_, e| or_missing(e, name))),
    ("proc.apid", |o, n| ancestors(o, n, |process, _| number(process.key().pid))),
    ("proc.aexe", |o, n| ancestors(o, n, |_, e| or_missing(e, exe))),
    ("proc.aexepath", |o, n| ancestors(o, n, |_, e| or_missing(e, |e| non_empty(e.exe.as_bytes())))),
    ("proc.acmdline", |o, n| ancestors(o, n, |_, e| or_missing(e, command_line))),
    ("proc.aargs", |o, n| ancestors(o, n, |_, e| or_missing(e, |e| arguments(e, None)))),
    ("proc.env", |o, key| or_missing(o.exec(), |e| environment(e, key))),
    ("proc.aenv", ancestors_environment),
    ("proc.sid", |o, _| or_missing(o.groups(), |(sid, _)| number(sid))),
    ("proc.sname", |o, _| leader(o, name)),
    ("proc.sid.exe", |o, _| leader(o, exe)),
    ("proc.sid.exepath", |o, _| leader(o, |e| non_empty(e.exe.as_bytes()))),
    ("proc.is_sid_leader", |o, _| or_missing(o.groups(), |(sid, _)| Value::Bool(sid == o.event.header.pid))),
    ("proc.pgid", |o, _| or_missing(o.groups(), |(_, pgid)| number(pgid))),
    ("proc.is_pgid_leader", |o, _| {
        or_missing(o.groups(), |(_, pgid)| Value::Bool(pgid == o.event.header.pid))
    }),
    ("proc.pgid.name", |o, _| group_leader(o, name)),
    ("proc.pgid.exe", |o, _| group_leader(o, exe)),
    ("proc.pgid.exepath", |o, _| group_leader(o, |e| non_empty(e.exe.as_bytes()))),
    ("proc.vpgid", |o, _| or_missing(vpgid(o), number)),
    ("proc.vpgid.name", |o, _| or_missing(vpgid(o), |_| group_leader(o, name))),
    ("proc.vpgid.exe", |o, _| or_missing(vpgid(o), |_| group_leader(o, exe))),
    ("proc.vpgid.exepath", |o, _| or_missing(vpgid(o), |_| group_leader(o, |e| non_empty(e.exe.as_bytes())))),
    ("proc.is_vpgid_leader", |o, _| {
        let vpid = o.process.and_then(Process::vpid);
        or_missing(o.exec().and(vpid), |vpid| Value::Bool(vpgid(o) == Some(vpid)))
    }),
    ("proc.loginshellid", |o, _| {
        let shells = o.line().filter(|(_, exec)| exec.is_some_and(is_shell));
        or_missing(shells.last(), |(process, _)| number(process.key().pid))
    }),
    ("proc.tty", |o, _| or_missing(o.exec(), |e| number(e.facts.tty))),
    ("proc.duration", |o, _| number(o.event.header.time.saturating_sub(o.event.header.start))),
    ("proc.pid.ts", |o, _| number(o.event.header.start.saturating_add(o.host.boot_offset))),
    ("proc.ppid.duration", |o, _| {
        let parent = o.ancestors().next();
        or_missing(parent, |(parent, _)| number(o.event.header.time.saturating_sub(parent.key().start)))
    }),
    ("proc.ppid.ts", |o, _| {
        let parent = o.ancestors().next();
        or_missing(parent, |(parent, _)| number(parent.key().start.saturating_add(o.host.boot_offset)))
    }),
    ("proc.is_exe_writable", |o, _| or_missing(o.exec(), |e| Value::Bool(is_writable(o, e)))),
    ("proc.is_exe_upper_layer", |o, _| or_missing(o.exec(), |e| Value::Bool(e.is_upper_layer()))),
    ("proc.is_exe_lower_layer", |o, _| {
        let layers = file_flags::OVERLAY | file_flags::UPPER_LAYER;
        or_missing(o.exec(), |e| Value::Bool(e.facts.exe_flags & layers == file_flags::OVERLAY))
    }),
    ("proc.is_exe_from_memfd", |o, _| or_missing(o.exec(), |e| Value::Bool(e.is_memfd()))),
    ("proc.exe_ino", |o, _| or_missing(o.exec(), |e| number(e.facts.exe_ino))),
    ("proc.exe_ino.ctime", |o, _| or_missing(o.exec(), |e| time(e.facts.exe_ctime))),
    ("proc.exe_ino.mtime", |o, _| or_missing(o.exec(), |e| time(e.facts.exe_mtime))),
    ("proc.exe_ino.ctime_duration_proc_start", |o, _| or_missing(o.exec(), |e| since_change(o, e))),
    ("thread.tid", |o, _| number(o.event.header.tid)),
    ("thread.cap_permitted", |o, _| {
        or_missing(o.capabilities(), |capable| owned(capabilities::names(capable.permitted)))
    }),
    ("thread.cap_effective", |o, _| {
        or_missing(o.capabilities(), |capable| owned(capabilities::names(capable.effective)))
    }),
    ("thread.cap_inheritable", |o, _| {
        or_missing(o.capabilities(), |capable| owned(capabilities::names(capable.inheritable)))
    }),
    ("vigie.proc.exe_deleted", |o, _| or_missing(o.exec(), |e| Value::Bool(e.is_deleted()))),
    ("vigie.proc.compat", |o, _| or_missing(o.exec().and_then(Exec::is_compat), Value::Bool)),
    ("vigie.proc.argv", |o, _| {
        or_missing(o.exec(), |e| Value::List(e.argv.args().map(Value::text).collect()))
    }),
    ("vigie.proc.argv_truncated", |o, _| or_missing(o.exec(), |e| Value::Bool(e.argv.is_truncated()))),
    ("vigie.proc.env_truncated", |o, _| or_missing(o.exec(), |e| Value::Bool(e.env.is_truncated()))),
    ("vigie.proc.kernel_ppid", |o, _| {
        let parent = o.exec().map(|e| e.facts.parent_pid).filter(|parent| *parent != 0);
        or_missing(parent.filter(|_| o.is_exec()), number)
    }),
    ("vigie.proc.from_proc", |o, _| or_missing(o.image, |image| Value::Bool(image.from_proc))),
    ("vigie.ns.pid", |o, _| or_missing(o.exec(), |e| number(e.facts.pid_ns))),
    ("vigie.ns.mnt", |o, _| number(o.event.header.mnt_ns)),
    ("vigie.ns.user", |o, _| or_missing(o.exec(), |e| number(e.facts.user_ns))),
    ("vigie.ns.net", |o, _| or_missing(o.exec(), |e| number(e.facts.net_ns))),
    ("vigie.session.id", |o, _| {
        let session = o.exec().map(|e| e.facts.session_id).filter(|session| *session != u32::MAX);
        or_missing(session, number)
    }),
];

pub(super) fn name(exec: &Exec) -> Value<'_> {
    non_empty(exec.name())
}

fn exe(exec: &Exec) -> Value<'_> {
    or_missing(exec.argv.args().next(), Value::text)
}

pub(super) fn command_line(exec: &Exec) -> Value<'_> {
    line(name(exec), exec)
}

/// `first` and the arguments behind the first one, separated by blanks.
fn line<'o>(first: Value<'o>, exec: &'o Exec) -> Value<'o> {
    let Value::Text(first) = first else { return Value::Missing };
    let mut line = first.into_owned();
    for argument in exec.argv.args().skip(1) {
        line.push(b' ');
        line.extend_from_slice(argument);
    }
    Value::Text(Cow::Owned(line))
}

fn arguments<'o>(exec: &'o Exec, argument: Option<&FieldArgument>) -> Value<'o> {
    match argument {
        Some(FieldArgument::Index(index)) => {
            or_missing(index.checked_add(1).and_then(|index| exec.argv.arg(index)), Value::text)
        }
        Some(FieldArgument::Key(_)) | None => owned(exec.argv.args().skip(1).collect::<Vec<_>>().join(&b' ')),
    }
}

/// Length of the arguments behind the first one, without what ends each of them.
fn arguments_len(argv: &Argv) -> u32 {
    let first = argv.args().next().map_or(0, <[u8]>::len);
    let ends = argv.argc();
    argv.total_len().saturating_sub(ends).saturating_sub(u32::try_from(first).unwrap_or(u32::MAX))
}

fn parent<'o>(observation: &'o Observation<'_>, of: impl FnOnce(&'o Exec) -> Value<'o>) -> Value<'o> {
    or_missing(observation.ancestors().next().and_then(|(_, exec)| exec), of)
}

/// Of one ancestor, or of all as alternatives. Number 0 is the process itself.
fn ancestors<'o>(
    observation: &'o Observation<'_>,
    argument: Option<&FieldArgument>,
    of: impl Fn(&'o Process, Option<&'o Exec>) -> Value<'o>,
) -> Value<'o> {
    match argument {
        Some(FieldArgument::Index(index)) => {
            let nth = usize::try_from(*index).unwrap_or(usize::MAX);
            or_missing(observation.line().nth(nth), |(process, exec)| of(process, exec))
        }
        Some(FieldArgument::Key(_)) | None => {
            let all = observation.ancestors().map(|(process, exec)| of(process, exec));
            let all: Vec<_> = all.filter(|value| *value != Value::Missing).collect();
            if all.is_empty() { Value::Missing } else { Value::List(all) }
        }
    }
}

impl Observation<'_> {
    pub(super) fn is_exec(&self) -> bool {
        matches!(self.event.body, Body::Exec(_))
    }
}

/// What leads the process group, as of the last exec.
fn group_leader<'o>(observation: &'o Observation<'_>, of: impl FnOnce(&'o Exec) -> Value<'o>) -> Value<'o> {
    let time = observation.event.header.time;
    let key = ProcessKey::of(&observation.event.header);
    let group = observation.groups().map(|(_, group)| group);
    let leader = group.and_then(|group| observation.table.group_leader(key, group, time));
    or_missing(leader.and_then(|leader| leader.image_at(time)).map(|image| image.exec.as_ref()), of)
}

/// The process group in the process's own pid namespace, if its leader is in there.
fn vpgid(observation: &Observation<'_>) -> Option<u32> {
    let exec = observation.exec()?;
    let unchanged = observation.groups().is_some_and(|(_, group)| group == exec.facts.pgid);
    Some(exec.facts.vpgid).filter(|group| unchanged && *group != 0)
}

/// All that was captured, or one variable of it.
fn environment<'o>(exec: &'o Exec, argument: Option<&FieldArgument>) -> Value<'o> {
    match argument {
        Some(FieldArgument::Key(name)) => or_missing(exec.env.get(name.as_bytes()), Value::text),
        Some(FieldArgument::Index(_)) | None if exec.env.is_empty() => Value::Missing,
        Some(FieldArgument::Index(_)) | None => owned(exec.env.joined()),
    }
}

/// With a number all of that ancestor's, with a name that variable of all.
fn ancestors_environment<'o>(o: &'o Observation<'_>, argument: Option<&FieldArgument>) -> Value<'o> {
    let place = match argument {
        Some(FieldArgument::Key(key)) => key.parse().ok().map(FieldArgument::Index),
        Some(FieldArgument::Index(_)) | None => None,
    };
    let name = argument.filter(|_| place.is_none());
    ancestors(o, place.as_ref(), |_, exec| or_missing(exec, |exec| environment(exec, name)))
}

/// Shells that people log in with.
const SHELLS: [&[u8]; 9] = [b"ash", b"bash", b"csh", b"dash", b"fish", b"ksh", b"sh", b"tcsh", b"zsh"];

fn is_shell(exec: &Exec) -> bool {
    SHELLS.contains(&exec.name())
}

/// Bits of a mode by which owner, group and others may write.
const OWNER_WRITES: u32 = 0o200;
const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
/// `CAP_DAC_OVERRIDE`.
const DAC_OVERRIDE: u64 = 1 << 1;

/// Whether the file's mode let the process write to it. Supplementary groups and access control lists are not known.
fn is_writable(observation: &Observation<'_>, exec: &Exec) -> bool {
    let (header, facts) = (&observation.event.header, &exec.facts);
    if facts.cap_effective & DAC_OVERRIDE != 0 {
        return true;
    }
    let class = match () {
        () if header.euid == facts.exe_uid => OWNER_WRITES,
        () if facts.egid == facts.exe_gid => GROUP_WRITES,
        () => OTHERS_WRITE,
    };
    facts.exe_mode & class != 0
}

/// A time that the kernel told; 0 is none.
fn time(nanoseconds: u64) -> Value<'static> {
    if nanoseconds == 0 { Value::Missing } else { number(nanoseconds) }
}

/// From the last change of the executable to the start of the process; none if it was changed since.
fn since_change(observation: &Observation<'_>, exec: &Exec) -> Value<'static> {
    let start = observation.event.header.start.saturating_add(observation.host.boot_offset);
    let changed = Some(exec.facts.exe_ctime).filter(|time| *time != 0);
    or_missing(changed.and_then(|changed| start.checked_sub(changed)), number)
}

fn leader<'o>(observation: &'o Observation<'_>, of: impl FnOnce(&'o Exec) -> Value<'o>) -> Value<'o> {
    let leader = observation.table.session_leader(ProcessKey::of(&observation.event.header));
    let image = leader.and_then(|leader| leader.image_at(observation.event.header.time));
    or_missing(image.map(|image| image.exec.as_ref()), of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::FilePath;

    fn exec(filename: &[u8], exe: &[u8], arguments: &[u8], argc: u32) -> Exec {
        let total = u32::try_from(arguments.len()).unwrap();
        Exec {
            argv: Argv::new(arguments, &[], total, argc),
            filename: filename.into(),
            exe: FilePath::new(exe, 0),
            ..Exec::default()
        }
    }

    #[test]
    fn a_link_names_the_program_and_a_descriptor_does_not() {
        let shell = exec(b"/bin/sh", b"/bin/busybox", b"sh\0-c\0ls\0", 3);
        assert_eq!(name(&shell), Value::from("sh"));
        assert_eq!(command_line(&shell), owned("sh -c ls"));
        assert_eq!(name(&exec(b"/dev/fd/3", b"memfd:x", b"", 0)), Value::from("memfd:x"));
        assert_eq!(name(&exec(b"", b"", b"", 0)), Value::Missing);
        assert_eq!(name(&exec(b"/proc/self/exe", b"/bin/busybox", b"cat\0/x\0", 2)), Value::from("cat"));
        assert_eq!(name(&exec(b"/proc/self/exe", b"/bin/busybox", b"", 0)), Value::from("busybox"));
    }

    #[test]
    fn arguments_are_counted_without_the_first() {
        let shell = exec(b"/bin/sh", b"/bin/dash", b"sh\0-c\0ls\0", 3);
        assert_eq!(arguments(&shell, None), owned("-c ls"));
        assert_eq!(arguments(&shell, Some(&FieldArgument::Index(1))), Value::from("ls"));
        assert_eq!(arguments(&shell, Some(&FieldArgument::Index(2))), Value::Missing);
        assert_eq!(arguments_len(&shell.argv), 4);
    }
}
