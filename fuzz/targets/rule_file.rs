//! A whole rules file: YAML, items, and all that they add up to.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| vigie_fuzz::load(text));
