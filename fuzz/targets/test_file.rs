//! A file of tests for rules, as far as YAML goes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sensor::rules::source::Source;
use sensor::rules::yaml;

fuzz_target!(|text: &str| {
    match Source::new("fuzz.yaml", text).and_then(|source| yaml::parse(&source)) {
        Ok(nodes) => nodes.iter().for_each(|node| drop(node.describe())),
        Err(fault) => assert!(!fault.to_string().is_empty(), "an error without a message"),
    }
});
