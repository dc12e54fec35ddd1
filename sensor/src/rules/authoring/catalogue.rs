//! What there is to know about rules, for people and for programs.

mod condition;
mod list;
mod show;

pub use list::{list_json, list_text};
pub use show::show;

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
