//! The body of a request to the Docker socket: the first line is a method and a path, the rest the body.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| vigie_fuzz::guard_body(input));
