//! What a client sends to the guard: the first byte says into how large pieces the others are cut.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| vigie_fuzz::framing(bytes));
