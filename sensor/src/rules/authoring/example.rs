//! An event that is a map from fields to values: what tests of rules are made of, and what a recorded event is.

pub mod derived;
pub mod escaped;
pub mod json;
pub mod name;
pub mod typed;

use std::sync::Arc;

use crate::rules::event_type::EventType;
use crate::rules::field::{Argument, FieldArgument, FieldRef, Fields, TABLE, find};
use crate::rules::problem::Problem;
use crate::rules::value::{Type, Value};

/// An event by its fields.
///
/// What is not given and follows from what is given is derived: ancestors by number from the list of all, the
/// parent from the first of them, directory and file name from the path. Copies share their values.
#[derive(Clone, Debug, Default)]
pub struct Example {
    /// Values of fields without argument, by field id; shorter than the table if the rest is not given.
    plain: Vec<Option<Arc<Value<'static>>>>,
    /// Values of fields with an argument.
    with_argument: Vec<(FieldRef, Arc<Value<'static>>)>,
}

/// Most elements of a list, and most values of fields with an argument. The longest command line that the sensor keeps
/// has fewer words.
pub const MAX_ELEMENTS: usize = 4096;

impl Example {
    /// The memory that it takes, in bytes, about; what it shares with copies counts for each.
    pub fn memory(&self) -> usize {
        size_of::<Self>() + size_of_val(&*self.plain) + size_of_val(&*self.with_argument)
    }

    /// Gives a field a value, or another one. [`Value::Missing`] says that the event has none, and that none is
    /// to be derived.
    ///
    /// Fails if the value is not of the field's type. Fields that are text to rules and a list by nature
    /// (`proc.args`) take a list: its elements are had by number, and the text is all of them with blanks between.
    pub fn set(&mut self, field: &FieldRef, value: Value<'static>) -> Result<(), Problem> {
        if !fits(field, &value) {
            return Err(typed::mismatch(field, &typed::shown(&value)));
        }
        let elements = if let Value::List(elements) = &value { elements.len() } else { 0 };
        bounded(elements)?;
        if field.argument.is_some() {
            bounded(self.with_argument.len() + 1)?;
        }
        if field.argument.is_some() {
            self.with_argument.retain(|(known, _)| !is_same(known, field));
            self.with_argument.push((field.clone(), Arc::new(value)));
            return Ok(());
        }
        self.with_argument
            .retain(|(known, _)| known.field.id != field.field.id || !derived::is_joined(field));
        let value = if derived::is_joined(field) { self.joined(field, value) } else { value };
        if self.plain.is_empty() {
            self.plain.resize(TABLE.len(), None);
        }
        if let Some(slot) = self.plain.get_mut(field.field.id) {
            *slot = Some(Arc::new(value));
        }
        Ok(())
    }

    /// Keeps the elements of a list by number; gives the text of them all.
    fn joined(&mut self, field: &FieldRef, value: Value<'static>) -> Value<'static> {
        let Value::List(elements) = value else { return value };
        let mut text = Vec::new();
        for (index, element) in (0_u32..).zip(elements) {
            if index > 0 {
                text.push(b' ');
            }
            element.print(&mut text);
            let argument = Some(FieldArgument::Index(index));
            self.with_argument.push((FieldRef { field: field.field, argument }, Arc::new(element)));
        }
        Value::Text(text.into())
    }

    /// The type of the event, if `evt.type` is given and is one; a request to the Docker socket need not give it.
    pub fn event_type(&self) -> Option<EventType> {
        match self.event_type_name() {
            Some(name) => EventType::from_name(name),
            None => self.plain(find("docker.operation")?.id).map(|_| EventType::PLUGIN),
        }
    }

    /// What is given as `evt.type`, if that is text.
    pub fn event_type_name(&self) -> Option<&str> {
        std::str::from_utf8(self.plain(find("evt.type")?.id)?.as_text()?).ok()
    }

    fn plain(&self, id: usize) -> Option<&Value<'static>> {
        self.plain.get(id)?.as_deref()
    }

    fn given(&self, field: &FieldRef) -> Option<&Value<'static>> {
        if field.argument.is_none() {
            return self.plain(field.field.id);
        }
        let mut known = self.with_argument.iter();
        known.find(|(known, _)| is_same(known, field)).map(|(_, value)| &**value)
    }
}

/// Refuses more than [`MAX_ELEMENTS`].
fn bounded(count: usize) -> Result<(), Problem> {
    if count <= MAX_ELEMENTS {
        return Ok(());
    }
    let what = "elements in one list, or values of fields with arguments in one event";
    Err(Problem::TooMany { limit: MAX_ELEMENTS, what })
}

impl Fields for Example {
    fn value(&self, field: &FieldRef) -> Value<'_> {
        match self.given(field) {
            Some(value) => borrowed(value),
            None => derived::value(field, &|id| self.plain(id)),
        }
    }
}

fn is_same(one: &FieldRef, other: &FieldRef) -> bool {
    one.field.id == other.field.id && one.argument == other.argument
}

/// The same value without a copy of its bytes.
fn borrowed<'v>(value: &'v Value<'_>) -> Value<'v> {
    match value {
        Value::Text(bytes) => Value::text(bytes),
        Value::List(elements) => Value::List(elements.iter().map(borrowed).collect()),
        Value::Missing => Value::Missing,
        Value::Pending => Value::Pending,
        Value::Bool(truth) => Value::Bool(*truth),
        Value::Number(number) => Value::Number(*number),
        Value::Decimal(number) => Value::Decimal(*number),
        Value::Ip(address) => Value::Ip(*address),
    }
}

/// Whether a field can have such a value.
fn fits(field: &FieldRef, value: &Value<'_>) -> bool {
    match value {
        Value::Missing | Value::Pending => true,
        Value::List(elements) => {
            typed::takes_list(field) && elements.iter().all(|element| fits_one(field, element))
        }
        Value::Bool(_) | Value::Number(_) | Value::Decimal(_) | Value::Text(_) | Value::Ip(_) => {
            !field.field.kind.list && fits_one(field, value)
        }
    }
}

fn fits_one(field: &FieldRef, value: &Value<'_>) -> bool {
    let of = field.field.kind.of;
    match value {
        Value::Missing | Value::Pending => true,
        Value::Bool(_) => of == Type::Bool,
        // What an argument of an event is hangs on its name.
        Value::Number(_) => {
            matches!(of, Type::Number | Type::Port) || field.field.argument == Argument::RequiredKey
        }
        Value::Decimal(_) => of == Type::Decimal,
        Value::Text(_) => matches!(of, Type::Text | Type::Bytes),
        Value::Ip(_) => matches!(of, Type::Ip | Type::Net),
        Value::List(_) => false,
    }
}

#[cfg(test)]
#[path = "example_tests.rs"]
mod tests;
