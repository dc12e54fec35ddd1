//! The alert that a rule raises on an event, whether the event is happening or was recorded.

use super::{Alert, json_line, text_line};
use crate::{
    cli::Output,
    rules::{Rendered, Rule, Value},
};

/// An alert while it is put together.
#[derive(Debug)]
pub struct Raised<'a> {
    rule: &'a Rule,
    output: Rendered,
    time: u64,
    hostname: &'a str,
}

impl<'a> Raised<'a> {
    /// By `rule`, whose output was rendered for the event that happened at `time`, nanoseconds since 1970.
    pub fn new(rule: &'a Rule, output: Rendered, time: u64, hostname: &'a str) -> Self {
        let raised = Self { rule, output, time, hostname };
        raised.with("evt.time", i64::try_from(time).map_or(Value::Missing, Value::Number))
    }

    /// With a field beside those that the output names; one that is named already, or has no value, changes nothing.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value<'static>) -> Self {
        let fields = &mut self.output.fields;
        if value != Value::Missing && !fields.iter().any(|(known, _)| &**known == name) {
            fields.push((name.into(), value));
        }
        self
    }

    /// The alert as one line.
    pub fn line(&self, format: Output) -> Vec<u8> {
        let alert = Alert {
            time: self.time,
            rule: &self.rule.name,
            priority: self.rule.priority.name(),
            source: &self.rule.source,
            hostname: self.hostname,
            output: &self.output.text,
            tags: &self.rule.tags,
            fields: &self.output.fields,
        };
        match format {
            Output::Text => text_line(&alert),
            Output::Json => json_line(&alert),
        }
    }
}
