//! A file of tests for rules: read, and run against a rule.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| vigie_fuzz::test_file(text));
