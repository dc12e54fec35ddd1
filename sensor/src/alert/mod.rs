//! A rule that matched, and the two ways to write it down.

mod active;
mod json;
mod raised;
mod text;
mod time;

pub(crate) use json::line as json_text;
pub use json::{fields_line, json_line};
pub use raised::Raised;
pub use text::{escape, text_line};
pub(crate) use time::rfc3339;

use crate::rules::Value;

/// What an alert says.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert<'a> {
    /// When the event happened, nanoseconds since 1970.
    pub time: u64,
    /// The rule's name.
    pub rule: &'a str,
    /// Its priority, as Falco spells it.
    pub priority: &'a str,
    /// Where the event came from, as Falco names it: `syscall`.
    pub source: &'a str,
    /// This host.
    pub hostname: &'a str,
    /// The rule's output with its fields filled in; bytes of the monitored program among them.
    pub output: &'a [u8],
    /// The rule's tags.
    pub tags: &'a [String],
    /// The fields of the output, by name.
    pub fields: &'a [(Box<str>, Value<'static>)],
}
