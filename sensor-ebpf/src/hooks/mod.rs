//! One function per hook, by domain.

#![forbid(unsafe_code)]

mod container;
mod credential;
mod file;
mod kernel;
mod lockdown;
mod network;
mod process;
