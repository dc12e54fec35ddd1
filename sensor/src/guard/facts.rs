//! What rules may know of a request: the fields `docker.*`.

mod build;
mod create;
mod network;
mod service;
mod target;
mod value;
mod volume;

pub use target::Inspected;

use super::Request;
use super::host_access::{self, Bind};
use crate::rules::field::{TABLE, lookup};
use crate::rules::{EventType, FieldRef, Fields, Value};
use value::{borrowed, flag, joined, names_of, number, text};

/// The type of the event that a request is to rules; what Falco calls the events of its plugins.
pub const EVENT: EventType = EventType::PLUGIN;

/// A request, and all that was found out about it before rules are asked.
#[derive(Debug)]
pub struct Facts<'r> {
    request: &'r Request,
    path: String,
    version: Option<String>,
    target: Option<String>,
    inspected: Option<&'r Inspected>,
    /// What the caller's containers have in their label, where the guard writes one: then the label is to be believed.
    pub owners: Option<Option<String>>,
    /// The directories and files of the host that it mounts.
    pub binds: Vec<Bind>,
    /// The ways to the host that it opens.
    pub host_access: Vec<String>,
}

impl<'r> Facts<'r> {
    /// Of a request whose mounts of the host were looked at, with what the engine says of its target and the ways to
    /// the host of its volumes.
    pub fn new(
        request: &'r Request,
        binds: Vec<Bind>,
        inspected: Option<&'r Inspected>,
        of_volumes: Vec<String>,
    ) -> Self {
        Self {
            path: format!("/{}", request.target.segments.join("/")),
            version: request.target.version.map(|version| version.to_string()),
            target: request.operation.and_then(|operation| operation.target(&request.target)),
            host_access: host_access::of(request, &binds, of_volumes),
            request,
            inspected,
            owners: None,
            binds,
        }
    }

    /// Every field that has a value, but for those of single mounts and those that need an argument.
    pub fn all(&self) -> Vec<(&'static str, Value<'static>)> {
        let names = TABLE.iter().map(|field| field.name);
        let own = names.filter(|name| name.starts_with("docker.") && !name.starts_with("docker.bind."));
        own.filter_map(|name| {
            let value = self.value(&lookup(name, None)?.ok()?).into_owned();
            (value != Value::Missing).then_some((name, value))
        })
        .collect()
    }

    /// The name of the operation.
    fn operation(&self) -> &'static str {
        self.request.operation.map_or("unknown", |operation| operation.name)
    }

    /// The first value of a parameter of the query, as Go reads it.
    fn query(&self, name: &str) -> &str {
        self.request.query(name)
    }

    fn value(&self, field: &FieldRef) -> Value<'_> {
        let name = field.field.name.strip_prefix("docker.").unwrap_or_default();
        let body = self.request.body.as_ref();
        match (name.split_once('.').unwrap_or(("", name)), self.operation()) {
            (("", name), _) => self.plain(name, field),
            (("target", name), _) => self.target(name, field),
            (("image", _), _) => self.image(),
            (("create", "name"), "container.create") => text(self.query("name")),
            (("create", "binds_resolved"), "container.create") => self.resolved(),
            (("create", name), "container.create") => {
                body.map_or(Value::Missing, |body| create::value(body, name, field))
            }
            (("exec", name), "exec.create") => body.map_or(Value::Missing, |body| exec(body, name)),
            (("update", name), "container.update") => body.map_or(Value::Missing, |body| update(body, name)),
            (("build", name), "build") => build::value(self.request, name),
            (("volume", name), "volume.create") => {
                body.map_or(Value::Missing, |body| volume::value(body, name, field))
            }
            (("network", name), operation) if operation.starts_with("network.") => {
                body.map_or(Value::Missing, |body| network::value(body, name, field))
            }
            (("service", name), "service.create" | "service.update") => {
                body.map_or(Value::Missing, |body| service::value(body, name, field))
            }
            _ => Value::Missing,
        }
    }

    fn plain(&self, name: &str, field: &FieldRef) -> Value<'_> {
        match name {
            "operation" => Value::from(self.operation()),
            "method" => Value::from(self.request.method.as_str()),
            "path" => Value::from(&*self.path),
            "version" => self.version.as_deref().map_or(Value::Missing, Value::from),
            "digest" => self.request.digest.as_hex().map_or(Value::Missing, Value::from),
            "query" => {
                let key = value::key(field);
                let values = self.request.target.query.iter().filter(|(name, _)| name == key);
                let mut values: Vec<_> = values.map(|(_, value)| Value::from(&**value)).collect();
                if values.len() > 1 { Value::List(values) } else { values.pop().unwrap_or(Value::Missing) }
            }
            "unknown_members" => borrowed(&self.request.dropped),
            "host_access" => borrowed(&self.host_access),
            _ => Value::Missing,
        }
    }

    fn target(&self, name: &str, field: &FieldRef) -> Value<'_> {
        match name {
            "type" => {
                let subject = self.request.operation.and_then(|operation| operation.subject.name());
                subject.map_or(Value::Missing, Value::from)
            }
            "owner" => self.owner().map_or(Value::Missing, text),
            "is_own" => self.is_own().map_or(Value::Missing, Value::Bool),
            "id" => self.target.as_deref().map_or(Value::Missing, Value::from),
            name => self.inspected.map_or(Value::Missing, |inspected| inspected.value(name, field)),
        }
    }

    fn owner(&self) -> Option<&str> {
        self.owners.as_ref()?;
        self.inspected?.owner()
    }

    /// Whether the caller had the target made; nothing of what is no container.
    fn is_own(&self) -> Option<bool> {
        let caller = self.owners.as_ref()?;
        self.inspected?;
        Some(caller.is_some() && caller.as_deref() == self.owner())
    }

    fn image(&self) -> Value<'_> {
        match self.operation() {
            "image.pull" => {
                let (image, tag) = (self.query("fromImage"), self.query("tag"));
                let between = if tag.contains(':') { "@" } else { ":" };
                if tag.is_empty() {
                    text(image)
                } else {
                    Value::Text([image, between, tag].concat().into_bytes().into())
                }
            }
            operation if operation.starts_with("image.") => {
                self.target.as_deref().map_or(Value::Missing, Value::from)
            }
            _ => Value::Missing,
        }
    }

    fn resolved(&self) -> Value<'_> {
        Value::List(self.binds.iter().filter_map(|bind| bind.resolved.as_deref()).map(Value::from).collect())
    }
}

fn exec<'v>(body: &'v super::Json, name: &str) -> Value<'v> {
    match name {
        "privileged" => flag(body.at(&["Privileged"])),
        "user" => text(body.at(&["User"]).text()),
        "command" => joined(body.at(&["Cmd"])),
        "env_names" => names_of(body.at(&["Env"])),
        "working_dir" => text(body.at(&["WorkingDir"]).text()),
        _ => Value::Missing,
    }
}

fn update<'v>(body: &'v super::Json, name: &str) -> Value<'v> {
    match name {
        "restart_policy" => text(body.at(&["RestartPolicy", "Name"]).text()),
        "memory" => number(body.at(&["Memory"])),
        "pids_limit" => number(body.at(&["PidsLimit"])),
        _ => Value::Missing,
    }
}

/// A request as rules see it: its own fields, one of its mounts, and the caller's fields.
#[derive(Debug)]
pub(super) struct Asked<'a, C> {
    /// The request.
    pub(super) facts: &'a Facts<'a>,
    /// The mount of the host that is asked about, where there are any.
    pub(super) bind: Option<&'a Bind>,
    /// Who sent it.
    pub(super) caller: &'a C,
}

impl<C: Fields> Fields for Asked<'_, C> {
    fn value(&self, field: &FieldRef) -> Value<'_> {
        match field.field.name {
            "evt.type" => Value::from(EVENT.name()),
            "evt.pluginname" => Value::from("docker"),
            name if name.starts_with("docker.bind.") => {
                self.bind.map_or(Value::Missing, |bind| bind.value(name.trim_start_matches("docker.bind.")))
            }
            name if name.starts_with("docker.") => self.facts.value(field),
            _ => self.caller.value(field),
        }
    }
}

#[cfg(test)]
#[path = "facts/tests.rs"]
mod tests;
