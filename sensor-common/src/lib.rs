//! The contract between the kernel programs and the engine, and nothing else.
//!
//! One record in a ring is
//!
//! ```text
//! +----------------+---------------------+------------------------------+
//! | Header (64 B)  | payload (fixed, by  | tail: the bytes that Slices  |
//! |                | kind; multiple of 8)| of the payload point into    |
//! +----------------+---------------------+------------------------------+
//! ```
//!
//! Rules for changing it: a payload may only grow at its end, anything else is a new kind; ids are never
//! reused; every payload is free of padding, so no kernel memory leaks through a gap (`IntoBytes` refuses
//! padding at compile time).

#![no_std]
#![expect(missing_debug_implementations, reason = "zerocopy derives hidden types without it")]
#![forbid(unsafe_code)]

pub mod config;
pub mod counters;
pub mod event;
pub mod field_offsets;
pub mod header;
pub mod lockdown;
pub mod tail;
