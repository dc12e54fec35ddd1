//! Path and query of a request to the guard.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| vigie_fuzz::uri(text));
