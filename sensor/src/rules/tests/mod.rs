//! The language as a whole: its traps, its operators on every type, broken files, and a second reading of it.

mod both_ends;
mod broken;
mod near_misses;
mod operator;
mod random;
mod traps;
