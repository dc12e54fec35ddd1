//! One line of a recording.

use std::collections::BTreeSet;

use crate::{
    rules::{
        EventType, FieldRef, Fields, Value,
        cases::no_event_type,
        example::{Example, json, name},
        field::FieldError,
        yaml::{excerpt, printable},
    },
    sink::{Severity, status},
};

/// A recorded event.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) event_type: EventType,
    pub(super) fields: Example,
}

/// Fields of the recording that do not exist, as those of another version.
#[derive(Debug, Default)]
pub(super) struct Unknown(BTreeSet<String>);

impl Unknown {
    /// Most names that are kept.
    const MOST: usize = 20;

    fn add(&mut self, name: &str) {
        if self.0.len() < Self::MOST {
            self.0.insert(excerpt(name));
        }
    }

    /// Tells which fields were left out.
    pub(super) fn report(&self) {
        if !self.0.is_empty() {
            let names: Vec<_> = self.0.iter().map(String::as_str).collect();
            let text = format!("fields that this version does not know are left out: {}", names.join(", "));
            status(Severity::Warning, &text);
        }
    }
}

impl Recorded {
    /// Reads a line; an error says what is wrong with it.
    pub(super) fn parse(line: &[u8], unknown: &mut Unknown) -> Result<Self, String> {
        let map = serde_json::from_slice(line)
            .map_err(|error| printable(&format!("not a map of JSON: {error}")))?;
        let mut ignore = |name: &str, error: FieldError| match error {
            FieldError::Unknown { .. } => {
                unknown.add(name);
                Ok(())
            }
            other @ (FieldError::ArgumentRefused(_)
            | FieldError::ArgumentMissing(_)
            | FieldError::NotAnIndex { .. }) => Err(other.into()),
        };
        let fields = json::example(&map, &mut ignore).map_err(|problem| problem.to_string())?;
        let event_type = fields.event_type().ok_or_else(|| no_event_type(&fields).to_string())?;
        Ok(Self { event_type, fields })
    }

    /// Nanoseconds since 1970; 0 where the recording does not say.
    pub(super) fn time(&self) -> u64 {
        let Value::Number(time) = self.get("evt.rawtime") else { return 0 };
        u64::try_from(time).unwrap_or_default()
    }

    /// The name of the host that was watched.
    pub(super) fn hostname(&self) -> String {
        let name = self.get("evt.hostname");
        String::from_utf8_lossy(name.as_text().unwrap_or_default()).into_owned()
    }

    /// The value of a field without argument.
    pub(super) fn get(&self, field: &str) -> Value<'static> {
        let field: Result<FieldRef, _> = name::parse(field);
        field.map_or(Value::Missing, |field| self.fields.value(&field).into_owned())
    }
}
