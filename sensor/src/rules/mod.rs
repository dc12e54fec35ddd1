//! The rule language: what of all this deserves an alert.
//!
//! Rules are written in the language of Falco. A file goes through these modules in order:
//!
//! ```text
//! source -> yaml -> items -> collection -> lists (textual) -> parser -> compile -> rule_set
//!                                                      \-> output
//! ```
//!
//! Beside them stand the tools for those who write rules: `example` (an event by hand), `cases` (tests of rules),
//! `coverage` and `mutate` (what the tests leave out), `explain` (why a rule matched or did not), and `catalogue` and
//! `describe` (what rules say).
//!
//! Everything up to `rule_set` happens when rules are loaded, may fail with a place in the file, and is bounded
//! against hostile files. Judging an event cannot fail.

pub mod authoring;
pub mod compiled;
pub mod file;
pub mod index;
pub mod language;
pub mod policies;
pub mod problem;
pub mod rule_set;
pub mod selection;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod vocabulary;

pub use authoring::{cases, catalogue, check, coverage, describe, example, explain, files, mutate};
pub use compiled::{
    comparison, compile, condition, getopt, kernel_filter, leaf, literal, operand, pattern, transformer,
};
use compiled::{shadow, unfed};
use file::load;
pub use file::{
    action, exceptions, items, notes, overrides, rule_items, source, version, watched, written, yaml,
};
use language::hints;
pub use language::{calls, cursor, lists, macros, operator, output, parser, syntax};
use vocabulary::services;
pub use vocabulary::{decimal, event_type, field, priority, value};

pub use action::Action;
pub use describe::Description;
pub use event_type::{EventType, EventTypes};
pub use field::{Field, FieldArgument, FieldRef, Fields};
pub use notes::Notes;
pub use output::{Output, Rendered};
pub use priority::Priority;
pub use rule_set::{Evaluation, Matching, Rule, RuleSet, Scratch};
pub use selection::{Choice, Selection, Selector};
pub use source::{Fault, LoadError, Place, Warning};
pub use value::{Kind, Type, Value};
pub use watched::Watched;
