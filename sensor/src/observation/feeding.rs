//! Which events feed which fields. It follows from the extractors; only where a whole domain of fields is for some
//! kinds of events alone is that said here.

use sensor_common::event::Kind;

use super::{DOMAINS, args};
use crate::decode::call_types;
use crate::rules::{EventType, EventTypes, Field, FieldRef};

pub(super) const FORKS: EventTypes = EventTypes::NONE
    .with(EventType::FORK)
    .with(EventType::VFORK)
    .with(EventType::CLONE)
    .with(EventType::CLONE3);
pub(super) const EXECS: EventTypes = EventTypes::NONE.with(EventType::EXECVE).with(EventType::EXECVEAT);
pub(super) const EXITS: EventTypes = EventTypes::NONE.with(EventType::PROCEXIT);
/// The family of opens.
pub(crate) const OPENS: EventTypes = EventTypes::NONE
    .with(EventType::OPEN)
    .with(EventType::OPENAT)
    .with(EventType::OPENAT2)
    .with(EventType::CREAT)
    .with(EventType::OPEN_BY_HANDLE_AT);
/// Calls on a descriptor.
pub(super) const DESCRIPTORS: EventTypes = EventTypes::NONE
    .with(EventType::FCHMOD)
    .with(EventType::FCHOWN)
    .with(EventType::FTRUNCATE)
    .with(EventType::FSETXATTR)
    .with(EventType::FREMOVEXATTR)
    .with(EventType::CLOSE)
    .with(EventType::MMAP);
pub(super) const CGROUPS: EventTypes =
    EventTypes::NONE.with(EventType::CGROUP_MKDIR).with(EventType::CGROUP_RMDIR);
pub(super) const ATTACHES: EventTypes = EventTypes::NONE.with(EventType::CGROUP_ATTACH_TASK);
/// Not calls with a result, or calls whose result nobody sees.
const WITHOUT_RESULT: EventTypes = EXITS.or(CGROUPS).or(ATTACHES);

/// The types that events of a kind can have.
pub fn types_of(kind: Kind) -> EventTypes {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others are system calls, named by their hooks")]
    match kind {
        Kind::ProcessFork => FORKS,
        Kind::ProcessExec => EXECS,
        Kind::ProcessExit => EXITS,
        Kind::FileOpen => OPENS,
        Kind::CgroupMkdir => EventTypes::NONE.with(EventType::CGROUP_MKDIR),
        Kind::CgroupAttachTask => ATTACHES,
        Kind::CgroupRmdir => EventTypes::NONE.with(EventType::CGROUP_RMDIR),
        Kind::CredentialCommit => EventTypes::NONE.with(EventType::COMMIT_CREDS),
        Kind::KernelIoUringSubmit => EventTypes::NONE.with(EventType::IO_URING_SUBMIT_REQ),
        _ => call_types(kind),
    }
}

/// Whether any event feeds a field.
pub fn is_fed(field: &Field) -> bool {
    !of_domains(field.name).is_empty()
}

/// Whether any event, or a request to the Docker socket, feeds a field.
pub fn is_fed_at_all(field: &Field) -> bool {
    field.name.starts_with("docker.") || is_fed(field)
}

/// Whether one of these event types feeds a field, with the argument that it has.
pub fn feeds(field: &FieldRef, types: EventTypes) -> bool {
    !feeders(field).and(types).is_empty()
}

/// The event types that feed a field, with the argument that it has.
pub fn feeders(field: &FieldRef) -> EventTypes {
    match field.field.name {
        "evt.arg" => of_argument(field),
        "evt.rawres" => EventTypes::which(|event| event.is_observed() && !WITHOUT_RESULT.contains(event)),
        name => of_domains(name),
    }
}

/// The types of every domain that has the field.
fn of_domains(name: &str) -> EventTypes {
    let having = DOMAINS.iter().filter(|(rows, _)| rows.iter().any(|(row, _)| *row == name));
    having.fold(EventTypes::NONE, |all, (_, types)| all.or(*types))
}

fn of_argument(field: &FieldRef) -> EventTypes {
    let Some(argument) = &field.argument else { return EventTypes::NONE };
    let having = args::by_type().filter(|(_, names)| args::name(names, argument).is_some());
    having.fold(EventTypes::NONE, |all, (types, _)| all.or(types))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{observation::network, rules::field::resolve};

    fn feeding(name: &str, argument: Option<&str>) -> EventTypes {
        feeders(&resolve(name, argument).unwrap())
    }

    #[test]
    fn every_kind_has_event_types_and_together_they_are_those_observed() {
        let all = Kind::ALL.iter().map(|kind| types_of(*kind));
        assert!(all.clone().all(|types| !types.is_empty()));
        assert_eq!(all.fold(EventTypes::NONE, EventTypes::or), EventTypes::OBSERVED);
    }

    #[test]
    fn every_observed_event_has_arguments_of_one_kind() {
        for event in EventTypes::OBSERVED.iter() {
            let kinds = args::by_type().filter(|(types, _)| types.contains(event));
            assert_eq!(kinds.count(), 1, "{event:?}");
        }
    }

    #[test]
    fn fields_of_files_are_fed_by_opens() {
        assert_eq!(feeding("vigie.fd.memfd", None), OPENS.or(DESCRIPTORS));
        assert_eq!(feeding("fd.ino", None), OPENS.or(DESCRIPTORS).or(network::SOCKETS));
        assert_eq!(feeding("proc.name", None), EventTypes::OBSERVED);
        assert_eq!(feeding("fd.sip", None), network::SOCKETS);
        assert_eq!(feeding("fd.uid", None), EventTypes::NONE);
        assert!(feeds(&resolve("fd.ino", None).unwrap(), OPENS));
        assert!(!feeds(&resolve("fd.ino", None).unwrap(), EXECS));
    }

    #[test]
    fn arguments_are_fed_by_the_events_that_have_them() {
        assert_eq!(feeding("evt.arg.ino", None), OPENS);
        assert_eq!(feeding("evt.arg", Some("hierarchy")), CGROUPS.or(ATTACHES));
        assert_eq!(feeding("evt.arg", Some("0")), EventTypes::OBSERVED);
        let fourth = feeding("evt.arg", Some("3"));
        let expected = OPENS.or(EXECS).or(ATTACHES).with(EventType::SOCKET);
        assert_eq!(fourth.and(expected), expected);
        assert!(!fourth.contains(EventType::SETUID));
        assert_eq!(feeding("evt.arg", Some("zebra")), EventTypes::NONE);
    }
}
