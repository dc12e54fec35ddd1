//! Conditions made ready to be judged, and what can be said of them before any event.

mod as_passed;
pub mod comparison;
pub mod compile;
pub mod condition;
mod cost;
pub mod getopt;
pub mod kernel_filter;
pub mod leaf;
pub mod literal;
pub mod operand;
pub mod pattern;
pub(in crate::rules) mod shadow;
pub mod transformer;
pub(in crate::rules) mod unfed;
