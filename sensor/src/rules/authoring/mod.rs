//! The tools of those who write rules: checks, tests and what these leave out, explanations, catalogues.

pub mod cases;
pub mod catalogue;
pub mod check;
pub mod coverage;
pub mod describe;
pub mod example;
pub mod explain;
pub mod files;
pub mod mutate;
pub mod reference;
