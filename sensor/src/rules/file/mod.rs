//! From the bytes of a rules file to its items, each with the way back to its place: rules, macros, lists and what
//! changes earlier ones.

pub mod action;
pub(in crate::rules) mod collection;
pub mod exceptions;
pub mod items;
pub(in crate::rules) mod load;
pub mod notes;
pub(in crate::rules) mod origin;
pub mod overrides;
pub(in crate::rules) mod reader;
pub(in crate::rules) mod requirements;
pub mod rule_items;
pub mod source;
pub mod version;
pub mod watched;
pub mod written;
pub mod yaml;
