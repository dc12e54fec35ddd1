//! An event together with its process and its container: what the fields of the rule language are about.
//!
//! Each domain has a file of extractors, under the names that `rules::field` gives the fields.

mod accounts;
mod args;
mod capabilities;
mod container;
mod credential;
mod dns;
mod escape;
mod event;
mod feeding;
mod file;
mod kernel;
mod kubernetes;
mod mounts;
mod network;
mod origin;
mod path;
mod process;
#[cfg(test)]
mod reference;
mod target;
mod unit;
mod user;

use std::{borrow::Cow, sync::LazyLock};

use sensor_common::event::hook::Tier;

use crate::{
    decode::{Body, Call, Event, Exec, Open},
    dns::Names as DomainNames,
    enrichment::Enrichment,
    identity::{Identity, Location, Maker},
    links::Links,
    process::{Image, Process, ProcessKey, ProcessTable},
    rules::{
        EventTypes,
        field::{FieldArgument, FieldRef, Fields, TABLE},
        value::Value,
    },
    trail::{Clients, Containers},
};

pub use accounts::waits_for;
pub use args::names as argument_names;
pub(crate) use feeding::OPENS;
pub use feeding::{feeders, feeds, is_fed, is_fed_at_all, types_of};

/// What is the same for every event.
#[derive(Clone, Debug)]
pub struct Host {
    /// The host's name.
    pub hostname: String,
    /// What to add to an event's time to get nanoseconds since 1970.
    pub boot_offset: u64,
    /// How events are obtained.
    pub tier: Tier,
    /// Inode number of its own mount namespace, which is the sensor's.
    pub mnt_ns: u32,
    /// Inode number of the mount namespace of the host's services, if that is known.
    pub init_mnt_ns: Option<u32>,
    /// Whether process 1 is systemd.
    pub systemd: bool,
}

/// What all events are looked up in.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What is the same for every event.
    pub host: &'a Host,
    /// Other names of files.
    pub links: &'a Links,
    /// The processes.
    pub table: &'a ProcessTable,
    /// The containers of other processes than the event's.
    pub containers: &'a dyn Containers,
    /// The clients of container engines.
    pub clients: &'a Clients,
    /// What is looked up beside the engine.
    pub enrichment: &'a Enrichment,
    /// Names of addresses.
    pub names: &'a DomainNames,
}

/// An event to be judged.
#[derive(Debug)]
pub struct Observation<'a> {
    /// What happened.
    pub event: &'a Event,
    /// Its number since the sensor started, from 1.
    pub number: u64,
    /// Whose doing it is, as for containers.
    pub identity: Identity<'a>,
    /// Path of its cgroup, where that is known.
    pub cgroup_path: Option<&'a [u8]>,
    /// Who made that cgroup.
    pub maker: Maker,
    /// What is the same for every event.
    pub host: &'a Host,
    links: &'a Links,
    table: &'a ProcessTable,
    names: &'a DomainNames,
    containers: &'a dyn Containers,
    clients: &'a Clients,
    enrichment: &'a Enrichment,
    process: Option<&'a Process>,
    image: Option<&'a Image>,
    target: Option<target::Target<'a>>,
}

/// Gets one field out of an observation.
type Extract = for<'o> fn(&'o Observation<'_>, Option<&FieldArgument>) -> Value<'o>;

/// Extractors by field name.
type Rows = &'static [(&'static str, Extract)];

/// Fields by domain, with the types of the events that have them. Where domains share a field, the first one to know
/// it gives its value.
const DOMAINS: [(Rows, EventTypes); 21] = [
    (event::ROWS, EventTypes::OBSERVED),
    (process::ROWS, EventTypes::OBSERVED),
    (origin::ROWS, EventTypes::OBSERVED),
    (user::ROWS, EventTypes::OBSERVED),
    (file::ROWS, OPENS.or(feeding::DESCRIPTORS)),
    (network::ROWS, network::SOCKETS),
    (network::NEW_ROWS, network::SOCKETS_AND_NEW),
    (network::MESSAGE_ROWS, network::MESSAGES),
    (dns::ROWS, network::MESSAGES),
    (path::NAME_ROWS, path::NAMES),
    (path::PAIR_ROWS, path::PAIRS),
    (path::FILE_ROWS, path::FILES),
    (path::REPLACED_ROWS, path::REPLACING),
    (path::UNVERIFIED_ROWS, path::PATHS),
    (container::ROWS, EventTypes::OBSERVED),
    (mounts::ROWS, EventTypes::OBSERVED),
    (kubernetes::ROWS, EventTypes::OBSERVED),
    (unit::ROWS, EventTypes::OBSERVED),
    (credential::ROWS, credential::CHANGES),
    (target::ROWS, target::TARGETED),
    (kernel::ROWS, kernel::LOADS),
];

/// Extractors by field id; none for a field that nothing feeds.
static EXTRACTORS: LazyLock<Vec<Vec<Extract>>> = LazyLock::new(|| {
    let rows = || DOMAINS.iter().flat_map(|(rows, _)| *rows);
    let by_name = |name| rows().filter(move |(row, _)| *row == name).map(|(_, extract)| *extract).collect();
    TABLE.iter().map(|field| by_name(field.name)).collect()
});

impl<'a> Observation<'a> {
    /// Looks up the event's process in the table, as it was when the event happened.
    pub fn new(event: &'a Event, number: u64, location: Location<'a>, known: &Known<'a>) -> Self {
        let Location { identity, path: cgroup_path, maker } = location;
        let Known { host, links, table, names, containers, clients, enrichment } = *known;
        let process = table.get(ProcessKey::of(&event.header));
        let image = process.and_then(|process| process.image_at(event.header.time)).map(AsRef::as_ref);
        Self {
            event,
            number,
            identity,
            cgroup_path,
            maker,
            host,
            links,
            table,
            containers,
            clients,
            enrichment,
            names,
            process,
            image,
            target: None,
        }
    }

    /// Nanoseconds since 1970.
    pub fn time(&self) -> u64 {
        self.event.header.time.saturating_add(self.host.boot_offset)
    }

    /// What the process runs: of an exec the new program.
    fn exec(&self) -> Option<&Exec> {
        match &self.event.body {
            Body::Exec(exec) => Some(exec),
            Body::Fork(_)
            | Body::Exit(_)
            | Body::Open(_)
            | Body::CgroupMkdir(_)
            | Body::CgroupAttachTask(_)
            | Body::CgroupRmdir(_)
            | Body::Call(_) => self.image.map(|image| image.exec.as_ref()),
        }
    }

    /// Session and process group, pids in the initial namespace.
    fn groups(&self) -> Option<(u32, u32)> {
        let changed = self.process.filter(|_| !self.is_exec()).and_then(Process::groups);
        changed.or_else(|| self.exec().map(|exec| (exec.facts.sid, exec.facts.pgid)))
    }

    /// An argument of the event, by name.
    pub fn argument(&self, name: &str) -> Value<'_> {
        let value = args::named(&self.event.body, name);
        credential::named_id(self, name, &value).filter(|name| *name != Value::Pending).unwrap_or(value)
    }

    fn open(&self) -> Option<&Open> {
        match &self.event.body {
            Body::Open(open) => Some(open),
            Body::Fork(_)
            | Body::Exec(_)
            | Body::Exit(_)
            | Body::CgroupMkdir(_)
            | Body::CgroupAttachTask(_)
            | Body::CgroupRmdir(_)
            | Body::Call(_) => None,
        }
    }

    /// The system call that the event is.
    fn call(&self) -> Option<&Call> {
        match &self.event.body {
            Body::Call(call) => Some(call),
            Body::Fork(_)
            | Body::Exec(_)
            | Body::Exit(_)
            | Body::Open(_)
            | Body::CgroupMkdir(_)
            | Body::CgroupAttachTask(_)
            | Body::CgroupRmdir(_) => None,
        }
    }

    /// The process and its ancestors, each with what it ran when the event happened.
    fn line(&self) -> impl Iterator<Item = (&Process, Option<&Exec>)> {
        let own = self.process.map(|process| (process, self.exec()));
        own.into_iter().chain(self.ancestors())
    }

    /// The ancestors, parent first, each with what it ran when the event happened.
    fn ancestors(&self) -> impl Iterator<Item = (&Process, Option<&Exec>)> {
        let time = self.event.header.time;
        self.table.ancestors(ProcessKey::of(&self.event.header)).map(move |process| {
            (process, process.image_at(time).or_else(|| process.image()).map(|image| image.exec.as_ref()))
        })
    }
}

impl Fields for Observation<'_> {
    fn value(&self, field: &FieldRef) -> Value<'_> {
        let extractors = EXTRACTORS.get(field.field.id).map_or(&[][..], Vec::as_slice);
        let values = extractors.iter().map(|extract| extract(self, field.argument.as_ref()));
        values.into_iter().find(|value| *value != Value::Missing).unwrap_or(Value::Missing)
    }
}

/// A number that the kernel holds unsigned.
fn number(value: impl TryInto<i64>) -> Value<'static> {
    value.try_into().map_or(Value::Missing, Value::Number)
}

/// A number that the kernel holds signed.
fn signed(value: impl Into<i64>) -> Value<'static> {
    Value::Number(value.into())
}

/// A value, or that there is none.
fn or_missing<'a, T>(value: Option<T>, make: impl FnOnce(T) -> Value<'a>) -> Value<'a> {
    value.map_or(Value::Missing, make)
}

/// Text put together for this occasion.
fn owned(text: impl Into<Vec<u8>>) -> Value<'static> {
    Value::Text(Cow::Owned(text.into()))
}

/// Bytes of the event; empty ones are missing.
fn non_empty(bytes: &[u8]) -> Value<'_> {
    if bytes.is_empty() { Value::Missing } else { Value::text(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_extractor_has_a_field() {
        for (name, _) in DOMAINS.iter().flat_map(|(rows, _)| *rows) {
            assert!(TABLE.iter().any(|field| field.name == *name), "{name} is no field");
        }
    }
}
