//! The textual expansion of lists: each line but the last is a list, `name items separated by commas`; the last line
//! is the condition.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sensor::rules::Place;
use sensor::rules::lists::Lists;

fuzz_target!(|text: &str| {
    let (head, condition) = text.rsplit_once('\n').unwrap_or(("", text));
    let mut lists = Lists::default();
    for line in head.lines() {
        let (name, items) = line.split_once(' ').unwrap_or((line, ""));
        let items = items.split(',').filter(|item| !item.is_empty()).map(|item| item.trim().to_owned());
        lists.define(name, items.collect(), Place { file: "fuzz.yaml".into(), line: 1, column: 1 });
    }
    match lists.expand(condition) {
        Ok(expanded) => {
            for at in 0..=expanded.text.len() {
                let origin = expanded.origin(at);
                assert!(
                    origin <= condition.len(),
                    "byte {at} comes from byte {origin} of {}",
                    condition.len()
                );
            }
        }
        Err((at, problem)) => {
            assert!(at <= condition.len(), "byte {at} of {}", condition.len());
            drop(problem.to_string());
        }
    }
});
