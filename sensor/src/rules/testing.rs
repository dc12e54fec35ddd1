//! Events made by hand, for unit tests of rules.

use super::example::{Example, name};
use super::value::Value;

pub(crate) use super::example::Example as MapEvent;

/// Makes an event; a field that does not exist or has another type is a mistake of the test.
pub(crate) fn event(values: &[(&str, Value<'static>)]) -> Example {
    let mut event = Example::default();
    for (name, value) in values {
        put(&mut event, name, value.clone());
    }
    event
}

/// Sets one more value, or another one.
pub(crate) fn put(event: &mut Example, name: &str, value: Value<'static>) {
    let field = name::parse(name).unwrap();
    event.set(&field, value).unwrap_or_else(|problem| panic!("{problem}"));
}
