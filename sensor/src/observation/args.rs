//! Arguments of an event (`evt.arg[...]`), by name or by position.

mod bits;
mod credential;
mod file;
mod kernel;
mod network;
mod process;
mod texts;

use super::{
    Observation, credential as credentials, feeding, file as opened, non_empty, number, or_missing, owned,
    signed,
};
use crate::{
    decode::{Body, Call, Event, What, event_type, result_name},
    rules::{EventTypes, field::FieldArgument, value::Value},
};

/// Names of arguments, in Falco's order.
type Names = &'static [&'static str];
/// Names of arguments by the types of the events that have them.
type ByType = &'static [(EventTypes, Names)];

const OPEN: Names = &["fd", "name", "flags", "mode", "dev", "ino", "path", "res"];
const CGROUP: Names = &["id", "hierarchy", "path"];
const ATTACH: Names = &["id", "hierarchy", "path", "target_pid"];

const BASIC: ByType = &[(feeding::OPENS, OPEN), (feeding::CGROUPS, CGROUP), (feeding::ATTACHES, ATTACH)];

const DOMAINS: [ByType; 6] =
    [BASIC, file::BY_TYPE, network::BY_TYPE, process::BY_TYPE, credential::BY_TYPE, kernel::BY_TYPE];

/// Names of arguments by the types of the events that have them, of all domains.
pub(super) fn by_type() -> impl Iterator<Item = (EventTypes, Names)> {
    DOMAINS.into_iter().flatten().copied()
}

/// Names of an event's arguments, in order.
pub fn names(event: &Event) -> Names {
    let event = event_type(event);
    by_type().find(|(types, _)| types.contains(event)).map_or(&[], |(_, names)| names)
}

/// The argument of this name, or in this place, as a rule sees it: a text.
pub(super) fn value<'o>(observation: &'o Observation<'_>, argument: &FieldArgument) -> Value<'o> {
    let event = observation.event;
    let Some(name) = name(names(event), argument) else { return Value::Missing };
    let value = named(&event.body, name);
    match credentials::named_id(observation, name, &value) {
        Some(name) => name,
        None => textual(value),
    }
}

/// A number as a text.
fn textual(value: Value<'_>) -> Value<'_> {
    if let Value::Number(number) = value { owned(number.to_string()) } else { value }
}

/// The name in a rule's words: a name of these, or the one in this place.
pub(super) fn name(names: Names, argument: &FieldArgument) -> Option<&'static str> {
    let (place, key) = match argument {
        FieldArgument::Index(index) => (usize::try_from(*index).ok(), None),
        FieldArgument::Key(key) => (key.parse().ok(), Some(&**key)),
    };
    match place {
        Some(place) => names.get(place).copied(),
        None => names.iter().find(|name| Some(**name) == key).copied(),
    }
}

/// The argument of this name.
pub(super) fn named<'o>(body: &'o Body, name: &str) -> Value<'o> {
    match (body, name) {
        (Body::Call(call), name) => of_call(call, name),
        (_, "path") => path(body),
        (Body::Fork(fork), name) => process::of_fork(fork, name),
        (Body::Exec(exec), "filename") => non_empty(&exec.filename),
        (Body::Exec(exec), "argc") => number(exec.argv.argc()),
        (Body::Exec(exec), "argv_len") => number(exec.argv.total_len()),
        (Body::Exec(_), "res") => Value::from("SUCCESS"),
        (Body::Exit(exit), name) => process::of_exit(*exit, name),
        (Body::Open(open), "fd") if open.facts.fd >= 0 => number(open.facts.fd),
        (Body::Open(open), "name") => non_empty(&open.name),
        (Body::Open(open), "flags") => owned(flags(open.facts.flags)),
        (Body::Open(open), "mode") => number(open.facts.mode),
        (Body::Open(open), "dev") => number(open.facts.dev),
        (Body::Open(open), "ino") => number(open.facts.ino),
        (Body::Open(open), "res") => or_missing(result_name(open.facts.error), Value::from),
        (Body::CgroupMkdir(cgroup), "id") => number(cgroup.id),
        (Body::CgroupMkdir(cgroup), "hierarchy") => number(cgroup.hierarchy),
        (Body::CgroupRmdir(cgroup), "id") => number(cgroup.id),
        (Body::CgroupRmdir(cgroup), "hierarchy") => number(cgroup.hierarchy),
        (Body::CgroupAttachTask(cgroup), "id") => number(cgroup.id),
        (Body::CgroupAttachTask(cgroup), "hierarchy") => number(cgroup.hierarchy),
        (Body::CgroupAttachTask(cgroup), "target_pid") => number(cgroup.target_pid),
        _ => Value::Missing,
    }
}

fn of_call<'o>(call: &'o Call, name: &str) -> Value<'o> {
    match &call.what {
        _ if name == "res" => or_missing(call.result().and_then(|_| result_name(call.error())), Value::from),
        What::File(asked) => file::named(call, asked, name),
        What::Network(asked) => network::named(call, asked, name),
        What::Process(asked) => process::named(call, asked, name),
        What::Credential(asked) => credential::named(call, asked, name),
        What::Kernel(asked) => kernel::named(call, asked, name),
    }
}

/// Where an event has a path of its own: the opened file's, the executable's, the cgroup's.
fn path(body: &Body) -> Value<'_> {
    match body {
        Body::Open(open) => opened::name(open),
        Body::Exec(exec) => non_empty(exec.exe.as_bytes()),
        Body::CgroupMkdir(cgroup) => non_empty(&cgroup.path),
        Body::CgroupAttachTask(cgroup) => non_empty(&cgroup.path),
        Body::CgroupRmdir(cgroup) => non_empty(&cgroup.path),
        Body::Fork(_) | Body::Exit(_) | Body::Call(_) => Value::Missing,
    }
}

/// Bits of open flags, as `fcntl.h` and Falco name them; the access mode comes first.
const FLAGS: [(u32, &str); 15] = [
    (0o100, "O_CREAT"),
    (0o200, "O_EXCL"),
    (0o400, "O_NOCTTY"),
    (0o1000, "O_TRUNC"),
    (0o2000, "O_APPEND"),
    (0o4000, "O_NONBLOCK"),
    (0o10_000, "O_DSYNC"),
    (0o20_000, "O_ASYNC"),
    (0o40_000, "O_DIRECT"),
    (0o200_000, "O_DIRECTORY"),
    (0o400_000, "O_NOFOLLOW"),
    (0o1_000_000, "O_NOATIME"),
    (0o2_000_000, "O_CLOEXEC"),
    (0o10_000_000, "O_PATH"),
    (0o20_000_000, "O_TMPFILE"),
];

fn flags(flags: u32) -> String {
    let access = match flags & 3 {
        0 => "O_RDONLY",
        1 => "O_WRONLY",
        _ => "O_RDWR",
    };
    let set = FLAGS.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name);
    std::iter::once(access).chain(set).collect::<Vec<_>>().join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_named_as_in_c() {
        assert_eq!(flags(0), "O_RDONLY");
        assert_eq!(flags(0o1101), "O_WRONLY|O_CREAT|O_TRUNC");
        assert_eq!(flags(0o2_000_002), "O_RDWR|O_CLOEXEC");
    }
}
