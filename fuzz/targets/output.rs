//! The output of a rule: parsed and rendered.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| vigie_fuzz::output(text));
