//! The rule language: what of all this deserves an alert.
//!
//! Rules are written in the language of Falco. A file goes through these modules in order:
//!
//! ```text
//! source -> yaml -> items -> collection -> lists (textual) -> parser -> compile -> rule_set
//!                                                      \-> output
//! ```
//!
//! Everything up to `rule_set` happens when rules are loaded, may fail with a place in the file, and is bounded
//! against hostile files. Judging an event cannot fail.

#[cfg(test)]
mod broken_tests;
pub mod calls;
pub mod check;
mod collection;
pub mod comparison;
pub mod compile;
pub mod condition;
pub mod cursor;
pub mod event_type;
pub mod exceptions;
pub mod field;
mod hints;
pub mod items;
pub mod leaf;
pub mod lists;
pub mod literal;
mod load;
pub mod macros;
pub mod notes;
pub mod operand;
pub mod operator;
pub mod output;
pub mod overrides;
pub mod parser;
pub mod pattern;
pub mod policies;
pub mod priority;
pub mod problem;
#[cfg(test)]
mod random_tests;
mod reader;
mod requirements;
pub mod rule_items;
pub mod rule_set;
pub mod selection;
mod shadow;
pub mod source;
pub mod syntax;
#[cfg(test)]
pub(crate) mod testing;
pub mod transformer;
#[cfg(test)]
mod traps_tests;
pub mod value;
pub mod version;
pub mod written;
pub mod yaml;

pub use event_type::{EventType, EventTypes};
pub use field::{Field, FieldArgument, FieldRef, Fields};
pub use notes::Notes;
pub use output::Rendered;
pub use priority::Priority;
pub use rule_set::{Evaluation, Matching, Rule, RuleSet, Scratch};
pub use selection::{Choice, Selection, Selector};
pub use source::{Fault, LoadError, Place, Warning};
pub use value::{Kind, Type, Value};
