//! Fields of the container.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Observation, Rows, non_empty, number, or_missing, owned};
use crate::{
    identity::{HostNamespaces, Identity, Metadata, Mount, State, claim::Claim},
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
    ("container.labels", |o, _| known(o, |metadata| all_labels(&metadata.labels))),
    ("container.start_ts", |o, _| known(o, |metadata| or_missing(metadata.started.map(nanoseconds), number))),
    ("container.duration", |o, _| {
        known(o, |metadata| {
            let started = metadata.started.map(nanoseconds);
            or_missing(started, |started| number(o.time().saturating_sub(started)))
        })
    }),
    ("container.ip", |o, _| {
        known(o, |metadata| or_missing(metadata.pod.as_ref(), |pod| non_empty(pod.ip.as_bytes())))
    }),
    ("container.host_pid", |o, _| shares(o, |shares| shares.pid)),
    ("container.host_network", |o, _| shares(o, |shares| shares.network)),
    ("container.host_ipc", |o, _| shares(o, |shares| shares.ipc)),
    ("vigie.container.outer", |o, _| or_missing(outer(o), Value::List)),
    ("vigie.container.escape", |o, _| o.has_escaped()),
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
pub(super) fn known<'o>(
    observation: &'o Observation<'_>,
    of: impl FnOnce(&'o Metadata) -> Value<'o>,
) -> Value<'o> {
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

pub(super) fn all_labels(labels: &BTreeMap<String, String>) -> Value<'static> {
    let labels: Vec<_> = labels.iter().collect();
    owned(join(&labels, ",", |(key, value)| format!("{key}:{value}")))
}

fn shares<'o>(
    observation: &'o Observation<'_>,
    of: impl FnOnce(&HostNamespaces) -> Option<bool>,
) -> Value<'o> {
    known(observation, |metadata| or_missing(of(&metadata.shares), Value::Bool))
}

/// The ids of the containers around the event's own, the outermost first; none where it is in no other.
fn outer<'o>(observation: &'o Observation<'_>) -> Option<Vec<Value<'o>>> {
    let mut claims: Vec<Claim> = Claim::all(observation.cgroup_path?).collect();
    claims.pop()?;
    let ids: Vec<_> = claims.iter().map(|claim| owned(claim.id.short())).collect();
    (!ids.is_empty()).then_some(ids)
}

/// Nanoseconds since 1970.
fn nanoseconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_nanosecond()).unwrap_or(0)
}

fn join<T>(items: &[T], separator: &str, text: impl Fn(&T) -> String) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(separator)
}

pub(super) fn mount(mount: &Mount) -> String {
    let Mount { kind: _, source, destination, mode, writable, propagation } = mount;
    format!("{source}:{destination}:{mode}:{writable}:{propagation}")
}
