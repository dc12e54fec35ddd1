//! The events as people read about them: a page of the documentation, made of the table of kinds.

use std::fmt::Write as _;

use sensor_common::event::hook::Hook;
use sensor_common::event::{Kind, Ring};

use super::{args, feeding::types_of};
use crate::rules::EventType;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events.md");

const INTRODUCTION: &str = "\
# Events

What the kernel programs report: each kind with the event types (`evt.type`) that it has in rules, their arguments
(`evt.arg.NAME`, in this order), and the hooks that see it. A hook of the tier `both` works wherever Vigie does; `lsm` and
`tracepoint` say on which kernels (see [kernels.md](kernels.md)). Hooks of one kind that lose the same thing are the same
hook for different kernels. Which are on, and why not all: `vigie doctor`. Only what a loaded rule can use is switched on.

Calls are reported when they end, failed ones too, with `evt.res` and `evt.rawres`; those through the 32-bit interface of
the kernel pass these hooks unseen, but for starts, forks and ends of programs. Fields of events are in
[fields.md](fields.md).

This page is generated from the table of events.
";

/// Domains by the first byte of a kind's id.
const DOMAINS: [(u16, &str); 6] = [
    (0x01, "process"),
    (0x02, "file"),
    (0x03, "network"),
    (0x04, "credential"),
    (0x05, "kernel"),
    (0x06, "container"),
];

fn page() -> String {
    let sections = DOMAINS.iter().map(|(id, title)| {
        let kinds = Kind::ALL.iter().filter(|kind| **kind as u16 >> 8 == *id);
        format!("\n## {title}\n{}", kinds.map(|kind| entry(*kind)).collect::<String>())
    });
    INTRODUCTION.to_owned() + &sections.collect::<String>()
}

fn entry(kind: Kind) -> String {
    let ring = match kind.ring() {
        Ring::Critical => "critical",
        Ring::Bulk => "bulk",
    };
    let mut text = format!("\n### {} (`{:#06x}`)\n\n", kind.name(), kind as u16);
    writeln!(text, "{} Carried by the {ring} ring.\n", one_line(kind.doc())).unwrap();
    text.push_str("| Event type | Arguments |\n| --- | --- |\n");
    text.extend(types_of(kind).iter().map(row));
    text.push_str("\n| Hook | On | Tier | Without it |\n| --- | --- | --- | --- |\n");
    text.extend(kind.hooks().iter().map(hook));
    text
}

fn row(event: EventType) -> String {
    let of_event = args::by_type().find(|(types, _)| types.contains(event));
    let names = of_event.map_or(&[][..], |(_, names)| names);
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    format!("| `{}` | {} |\n", event.name(), names.join(", "))
}

fn hook(hook: &Hook) -> String {
    let Hook { program, target, tier, without } = hook;
    format!("| `{program}` | `{target}` | {} | {without} |\n", tier.name())
}

fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_reference_of_events_is_what_the_table_says() {
    if std::env::var_os("VIGIE_BLESS").is_some() {
        std::fs::write(PAGE, page()).unwrap();
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        written == page(),
        "docs/events.md is out of date; write it anew with VIGIE_BLESS=1 cargo test -p sensor --lib reference"
    );
}

#[test]
fn every_kind_and_every_hook_has_its_line() {
    let page = page();
    for kind in Kind::ALL {
        assert!(page.contains(&format!("\n### {} (`", kind.name())), "{}", kind.name());
        for hook in kind.hooks() {
            assert_eq!(page.matches(&format!("\n| `{}` | `{}` |", hook.program, hook.target)).count(), 1);
        }
    }
}
