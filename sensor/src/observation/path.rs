//! Fields of the paths that a call works on.

use super::{Observation, Rows, non_empty, or_missing};
use crate::{
    decode::{FileCall, Name, What},
    rules::{EventType, EventTypes},
};

/// Events that work on paths.
pub(super) const PATHS: EventTypes =
    EventTypes::NONE.with(EventType::UNLINK).with(EventType::UNLINKAT).with(EventType::RMDIR);

pub(super) const ROWS: Rows = &[
    ("fs.path.name", |o, _| or_missing(name(o), |name| non_empty(name.path.as_bytes()))),
    ("fs.path.nameraw", |o, _| or_missing(name(o), |name| non_empty(&name.given))),
];

/// The path of a call that has one.
fn name<'o>(observation: &'o Observation<'_>) -> Option<&'o Name> {
    match &observation.call()?.what {
        What::File(FileCall::Remove { name, .. }) => Some(name),
        What::Network(_) | What::Process(_) | What::Credential(_) | What::Kernel(_) => None,
    }
}
