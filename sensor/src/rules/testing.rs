//! Events made by hand, for tests of rules.

use std::collections::HashMap;

use super::field::{FieldRef, Fields, resolve};
use super::value::{Type, Value};

/// An event that is a map from field names, as rules write them, to values.
#[derive(Debug, Default)]
pub(crate) struct MapEvent {
    values: HashMap<String, Value<'static>>,
}

/// Makes an event; a field that does not exist or has another type is a mistake of the test.
pub(crate) fn event(values: &[(&str, Value<'static>)]) -> MapEvent {
    let mut event = MapEvent::default();
    for (name, value) in values {
        event.set(name, value.clone());
    }
    event
}

impl MapEvent {
    /// Sets one more value, or another one.
    pub(crate) fn set(&mut self, name: &str, value: Value<'static>) {
        let (field, argument) = match name.split_once('[') {
            Some((field, rest)) => (field, Some(rest.trim_end_matches(']'))),
            None => (name, None),
        };
        let field = resolve(field, argument).unwrap();
        let fits = match value {
            Value::Missing | Value::Pending | Value::List(_) => true,
            Value::Bool(_) => field.field.kind.of == Type::Bool,
            Value::Number(_) => matches!(field.field.kind.of, Type::Number | Type::Port),
            Value::Decimal(_) => field.field.kind.of == Type::Decimal,
            Value::Text(_) => matches!(field.field.kind.of, Type::Text | Type::Bytes),
            Value::Ip(_) => matches!(field.field.kind.of, Type::Ip | Type::Net),
        };
        assert!(fits, "{name} cannot be {value:?}");
        self.values.insert(field.to_string(), value);
    }
}

impl Fields for MapEvent {
    fn value(&self, field: &FieldRef) -> Value<'_> {
        match self.values.get(&field.to_string()) {
            None => Value::Missing,
            Some(Value::Text(bytes)) => Value::text(bytes),
            Some(other) => other.clone(),
        }
    }
}
