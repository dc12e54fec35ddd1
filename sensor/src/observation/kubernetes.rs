//! Fields of the pod that the container belongs to.

use super::{Observation, Rows, container, non_empty, or_missing};
use crate::{
    identity::{ContainerId, Pod},
    rules::{field::FieldArgument, value::Value},
};

pub(super) const ROWS: Rows = &[
    ("k8s.pod.name", |o, _| pod(o, |pod| non_empty(pod.name.as_bytes()))),
    ("k8s.pod.uid", |o, _| pod(o, |pod| non_empty(pod.uid.as_bytes()))),
    ("k8s.pod.id", |o, _| pod(o, short_sandbox)),
    ("k8s.pod.sandbox_id", |o, _| pod(o, short_sandbox)),
    ("k8s.pod.full_sandbox_id", |o, _| pod(o, |pod| non_empty(pod.sandbox_id.as_bytes()))),
    ("k8s.pod.ip", |o, _| pod(o, |pod| non_empty(pod.ip.as_bytes()))),
    ("k8s.pod.label", |o, argument| pod(o, |pod| label(pod, argument))),
    ("k8s.pod.labels", |o, _| pod(o, |pod| container::all_labels(&pod.labels))),
    ("k8s.ns.name", |o, _| pod(o, |pod| non_empty(pod.namespace.as_bytes()))),
];

/// What is known of the pod: missing for a container of none, pending while the runtime is being asked.
fn pod<'o>(observation: &'o Observation<'_>, of: impl FnOnce(&'o Pod) -> Value<'o>) -> Value<'o> {
    container::known(observation, |metadata| or_missing(metadata.pod.as_deref(), of))
}

fn short_sandbox(pod: &Pod) -> Value<'_> {
    let id = ContainerId::new(pod.sandbox_id.as_bytes());
    or_missing(pod.sandbox_id.get(..id.short().len()), |short| non_empty(short.as_bytes()))
}

fn label<'o>(pod: &'o Pod, argument: Option<&FieldArgument>) -> Value<'o> {
    let Some(FieldArgument::Key(key)) = argument else { return Value::Missing };
    or_missing(pod.labels.get(&**key), |value| Value::text(value.as_bytes()))
}
