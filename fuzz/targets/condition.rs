//! The condition of a rule: parsed, compiled and judged.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    // A block scalar takes the condition as it is, line by line.
    let condition = text.replace(['\n', '\r'], "\n    ");
    vigie_fuzz::load(&format!(
        "- list: names\n  items: [a, \"b c\", d]\n\
         - macro: opened\n  condition: (evt.type in (open, openat) and fd.num>=0)\n\
         - rule: fuzz\n  desc: d\n  output: o %proc.name\n  priority: info\n  condition: |\n    {condition}\n"
    ));
});
