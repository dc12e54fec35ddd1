//! The rule language: what of all this deserves an alert.
//!
//! Rules are written in the language of Falco. A file goes through these modules in order:
//!
//! ```text
//! source -> yaml -> items -> lists (textual) -> parser -> compile -> rule_set
//!                     \-> output
//! ```
//!
//! Beside them stand the tools for those who write rules: `example` (an event by hand), `cases` (tests of rules),
//! `coverage` and `mutate` (what the tests leave out), `explain` (why a rule matched or did not), and `catalogue` and
//! `describe` (what rules say).
//!
//! Everything up to `rule_set` happens when rules are loaded, may fail with a place in the file, and is bounded
//! against hostile files. Judging an event cannot fail.

#[cfg(test)]
mod both_ends_tests;
pub mod calls;
pub mod cases;
pub mod catalogue;
pub mod check;
pub mod comparison;
pub mod compile;
pub mod condition;
pub mod coverage;
pub mod cursor;
pub mod decimal;
pub mod describe;
pub mod event_type;
pub mod example;
pub mod explain;
pub mod field;
pub mod files;
pub mod getopt;
pub mod index;
pub mod items;
pub mod kernel_filter;
pub mod leaf;
pub mod lists;
pub mod literal;
mod load;
pub mod macros;
pub mod mutate;
pub mod operand;
pub mod operator;
#[cfg(test)]
mod operator_tests;
pub mod output;
pub mod parser;
pub mod pattern;
pub mod policies;
pub mod priority;
pub mod problem;
#[cfg(test)]
mod random_tests;
pub mod rule_set;
mod services;
pub mod source;
pub mod syntax;
#[cfg(test)]
pub(crate) mod testing;
pub mod transformer;
mod unfed;
pub mod value;
pub mod version;
pub mod written;
pub mod yaml;

pub use describe::Description;
pub use event_type::{EventType, EventTypes};
pub use field::{Field, FieldArgument, FieldRef, Fields};
pub use output::Rendered;
pub use priority::Priority;
pub use rule_set::{Evaluation, Matching, Rule, RuleSet, Scratch};
pub use source::{Fault, LoadError, Place, Warning};
pub use value::{Kind, Type, Value};
