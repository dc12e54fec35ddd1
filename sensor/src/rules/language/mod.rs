//! The grammar: what conditions, lists, macros and outputs are made of, as they are written.

pub mod calls;
pub mod cursor;
pub(in crate::rules) mod hints;
pub mod lists;
pub mod macros;
pub mod operator;
pub mod output;
pub mod parser;
pub mod syntax;
