//! One function per hook, by domain.

#![forbid(unsafe_code)]

mod container;
mod file;
mod process;
