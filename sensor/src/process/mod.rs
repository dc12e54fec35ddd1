//! The process table: which processes there are and were, what each of them ran at any moment, and who made whom.
//!
//! It is seeded once from /proc and then kept from fork, exec and exit events alone. Feed it the critical ring's
//! events before the bulk ring's of the same moment: a look-up names the moment it asks about, so events that
//! were drained later than a following exec still meet the program that caused them.
//!
//! Everything is bounded: the number of processes, the images kept of each, and the memory of all images
//! together. Ended processes give way before living ones, and those without descendants before their ancestors.

mod apply;
mod companions;
mod counters;
mod entry;
mod image;
mod key;
mod lineage;
mod names;
mod rights;
mod seed;
mod table;

#[cfg(test)]
mod tests;

pub use counters::Counters;
pub use entry::{Exit, Process};
pub use image::Image;
pub use key::{ProcessKey, TICK};
pub use lineage::Ancestors;
pub use seed::Seed;
pub use table::{Limits, ProcessTable};
