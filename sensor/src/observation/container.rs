//! Fields of the container.

use super::{Observation, Rows, non_empty, number, or_missing, owned};
use crate::{
    identity::{Identity, Metadata, Mount, State},
    rules::{field::FieldArgument, value::Value},
};

pub(super) const ROWS: Rows = &[
    ("container.id", |o, _| Value::text(o.identity.id())),
    ("container.full_id", |o, _| Value::text(o.identity.full_id())),
    ("container.name", |o, _| known(o, |metadata| non_empty(metadata.name.as_bytes()))),
    ("container.type", |o, _| match &o.identity {
        Identity::Host => "host".into(),
        Identity::Unknown => Value::Missing,
        Identity::Container(container) => container.runtime.name().into(),
    }),
    ("container.privileged", |o, _| known(o, |metadata| or_missing(metadata.privileged, Value::Bool))),
    ("container.image", |o, _| known(o, |metadata| non_empty(metadata.image.reference.as_bytes()))),
    ("container.image.id", |o, _| known(o, |metadata| non_empty(metadata.image.id.as_bytes()))),
    ("container.image.repository", |o, _| {
        known(o, |metadata| non_empty(metadata.image.repository.as_bytes()))
    }),
    ("container.image.tag", |o, _| known(o, |metadata| non_empty(metadata.image.tag.as_bytes()))),
    ("container.image.digest", |o, _| known(o, |metadata| non_empty(metadata.image.digest.as_bytes()))),
    ("container.mounts", |o, _| {
        known(o, |metadata| or_missing(metadata.mounts.as_ref(), |mounts| owned(join(mounts, " ", mount))))
    }),
    ("container.label", |o, argument| known(o, |metadata| label(metadata, argument))),
    ("container.labels", |o, _| {
        known(o, |metadata| {
            let labels: Vec<_> = metadata.labels.iter().collect();
            owned(join(&labels, ",", |(key, value)| format!("{key}:{value}")))
        })
    }),
    ("vigie.container.verified", |o, _| match &o.identity {
        Identity::Host | Identity::Unknown => Value::Missing,
        Identity::Container(container) => Value::Bool(container.state == State::Verified),
    }),
    ("vigie.container.unverified", |o, _| match &o.identity {
        Identity::Container(container) => match container.state {
            State::Unverified(reason) => reason.name().into(),
            State::Pending => "pending".into(),
            State::Verified => Value::Missing,
        },
        Identity::Host | Identity::Unknown => Value::Missing,
    }),
    ("vigie.cgroup.id", |o, _| number(o.event.header.cgroup)),
    ("vigie.cgroup.path", |o, _| or_missing(o.cgroup_path, non_empty)),
];

/// What only the runtime knows: missing for the host and for the unverified, pending while it is being asked.
fn known<'o>(observation: &'o Observation<'_>, of: impl FnOnce(&'o Metadata) -> Value<'o>) -> Value<'o> {
    match &observation.identity {
        Identity::Container(container) => match (container.metadata, container.state) {
            (Some(metadata), _) => of(metadata),
            (None, State::Pending) => Value::Pending,
            (None, State::Verified | State::Unverified(_)) => Value::Missing,
        },
        Identity::Host | Identity::Unknown => Value::Missing,
    }
}

fn label<'o>(metadata: &'o Metadata, argument: Option<&FieldArgument>) -> Value<'o> {
    let Some(FieldArgument::Key(key)) = argument else { return Value::Missing };
    or_missing(metadata.labels.get(&**key), |value| Value::text(value.as_bytes()))
}

fn join<T>(items: &[T], separator: &str, text: impl Fn(&T) -> String) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(separator)
}

fn mount(mount: &Mount) -> String {
    let Mount { kind: _, source, destination, mode, writable, propagation } = mount;
    format!("{source}:{destination}:{mode}:{writable}:{propagation}")
}
