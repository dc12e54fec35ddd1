//! Every event as one line of JSON.

use std::collections::BTreeMap;

use crate::{
    alert::fields_line,
    observation::{Observation, argument_names, is_fed},
    rules::{
        Value,
        field::{Argument, Field, FieldError, FieldRef, Fields, TABLE, resolve},
    },
};

/// Fields that `vigie replay` finds out from those that are written.
const DERIVED: &[&str] = &["fd.directory", "fd.filename"];

/// Fields that say over again what others say, in a form that no rule needs.
const REPEATED: &[&str] = &["evt.time", "evt.time.s", "evt.datetime", "evt.dir", "evt.source"];

/// A field that is only written on request: it is costly, or may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnRequest(&'static str);

impl OnRequest {
    /// Every such field.
    pub const ALL: [Self; 8] = [
        Self("proc.env"),
        Self("proc.aenv"),
        Self("vigie.proc.exe_sha256"),
        Self("vigie.proc.exe_unhashed"),
        Self("vigie.package.name"),
        Self("vigie.package.version"),
        Self("vigie.package.modified"),
        Self("vigie.trail"),
    ];

    /// The field's name.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl std::str::FromStr for OnRequest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|field| field.0 == text);
        found.ok_or_else(|| format!("not one of {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// Writes events with everything that a rule could ask of them.
#[derive(Debug)]
pub(super) struct Writer {
    fields: Vec<FieldRef>,
}

impl Writer {
    /// Looks the fields up.
    pub(super) fn new(with: &[OnRequest]) -> Result<Self, FieldError> {
        let written = TABLE.iter().filter(|field| is_written(field, with));
        Ok(Self { fields: written.map(|field| resolve(field.name, None)).collect::<Result<_, _>>()? })
    }

    /// The event's line. Fields without a value are left out.
    pub(super) fn line(&self, observation: &Observation<'_>) -> Vec<u8> {
        let fields = self.fields.iter().map(|field| (field.field.name, observation.value(field)));
        let arguments =
            argument_names(observation.event).iter().map(|name| (*name, observation.argument(name)));
        let mut line: Vec<(String, Value<'_>)> =
            fields.map(|(name, value)| (name.to_owned(), value)).collect();
        line.extend(arguments.map(|(name, value)| (format!("evt.arg.{name}"), value)));
        let metadata = observation.identity.metadata();
        let pod = metadata.and_then(|metadata| metadata.pod.as_ref());
        line.extend(labels("container.label", metadata.map(|metadata| &metadata.labels)));
        line.extend(labels("k8s.pod.label", pod.map(|pod| &pod.labels)));
        line.retain(|(_, value)| !matches!(value, Value::Missing | Value::Pending));
        fields_line(&line)
    }
}

/// Labels one by one, each as a field with its key.
fn labels<'a>(
    field: &'static str,
    labels: Option<&'a BTreeMap<String, String>>,
) -> impl Iterator<Item = (String, Value<'a>)> {
    let named = move |(key, value): (&String, &'a String)| (format!("{field}[{key}]"), value.as_str().into());
    labels.into_iter().flatten().map(named)
}

/// Whether a field is in the lines: of the others, arguments and labels are written one by one.
fn is_written(field: &Field, with: &[OnRequest]) -> bool {
    let is = |on_request: &OnRequest| on_request.name() == field.name;
    let left_out = OnRequest::ALL.iter().any(is) && !with.iter().any(is);
    let follows = DERIVED.contains(&field.name) || REPEATED.contains(&field.name);
    is_fed(field) && field.argument != Argument::RequiredKey && !follows && !left_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_events_feed_is_written_or_follows_from_what_is() {
        let writer = Writer::new(&OnRequest::ALL).unwrap();
        let written = |name: &str| writer.fields.iter().any(|field| field.field.name == name);
        for field in TABLE.iter().filter(|field| is_fed(field)) {
            // Mounts are picked by patterns that only a rule knows.
            let by_key = ["evt.arg", "container.label", "k8s.pod.label"].contains(&field.name)
                || field.name.starts_with("container.mount");
            let follows = DERIVED.contains(&field.name) || REPEATED.contains(&field.name);
            assert!(written(field.name) || by_key || follows, "{}", field.name);
        }
        let usual = Writer::new(&[]).unwrap();
        for field in OnRequest::ALL {
            assert!(!usual.fields.iter().any(|written| written.field.name == field.name()), "{field:?}");
            assert_eq!(field.name().parse(), Ok(field));
        }
        assert!("proc.name".parse::<OnRequest>().unwrap_err().contains("proc.env, "));
        for name in ["proc.aexepath", "proc.is_exe_upper_layer", "vigie.proc.argv", "vigie.fd.hardlink_of"] {
            assert!(written(name), "{name}");
        }
    }
}
