//! Recordings in, alerts out.

use super::*;
use crate::{
    cli::Output as Format,
    rules::{Output, RuleSet},
};

fn rules(condition: &str) -> RuleSet {
    let rule = format!(
        "- rule: Read\n  desc: d\n  condition: evt.type = openat and {condition}\n  \
         output: read (file=%fd.name)\n  priority: warning\n  tags: [t]\n"
    );
    RuleSet::load(&[("r", rule)]).unwrap().0
}

const RECORDING: &str = r#"{"evt.type":"openat","fd.name":"/etc/shadow","evt.rawtime":1795216324232585383,"evt.hostname":"web1"}
{"evt.type":"openat","fd.name":"/tmp/?","vigie.escaped.fd.name":"/tmp/\\xff","evt.rawtime":0,"new.field":1}
broken
{"evt.type":"openat","fd.name":7}

{"evt.type":"execve","fd.name":"/etc/shadow"}
"#;

fn replayed(rules: &RuleSet, format: Format) -> (String, Summary) {
    let mut out = Vec::new();
    let summary = Alerts::new(rules, format, &mut out).run(Path::new("-"), RECORDING.as_bytes()).unwrap();
    (String::from_utf8(out).unwrap(), summary)
}

#[test]
fn alerts_are_those_of_a_run_at_the_time_of_the_events() {
    let (text, summary) = replayed(&rules("fd.name exists"), Format::Text);
    let wanted = "2026-11-20T23:12:04.232585383Z: Warning read (file=/etc/shadow)\n\
        1970-01-01T00:00:00.000000000Z: Warning read (file=/tmp/\\xff)\n";
    assert_eq!(text, wanted);
    assert_eq!(summary.to_string(), "3 events judged, 2 bad lines, 2 alerts");
}

#[test]
fn alerts_in_json_keep_the_host_and_the_lossless_form() {
    let (text, _) = replayed(&rules("fd.name exists"), Format::Json);
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["hostname"], "web1");
    assert_eq!(lines[0]["output_fields"]["evt.time"], 1_795_216_324_232_585_383_i64);
    assert_eq!(lines[1]["output_fields"]["vigie.escaped.fd.name"], "/tmp/\\xff");
}

#[test]
fn an_appended_output_is_in_the_text_and_the_fields_of_every_alert() {
    let more = Output::parse("container_id=%container.id host=%evt.hostname").unwrap();
    let rules = rules("fd.name = /etc/shadow").append_output(&more);
    let (text, _) = replayed(&rules, Format::Json);
    let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
    assert_eq!(line["output"], "read (file=/etc/shadow) container_id=<NA> host=web1");
    assert_eq!(line["output_fields"]["evt.hostname"], "web1");
    assert_eq!(line["output_fields"]["container.id"], serde_json::Value::Null);
}

fn difference(old: &str, new: &str) -> Difference {
    Diff::new(&rules(old), &rules(new)).run(Path::new("-"), RECORDING.as_bytes()).unwrap()
}

#[test]
fn what_a_change_adds_and_removes_is_told_by_rule() {
    let difference = difference("fd.name = /etc/shadow", "fd.name startswith /tmp/");
    let wanted = "Read: 1 added, 1 removed\n  \
        + 1970-01-01T00:00:00.000000000Z: Warning read (file=/tmp/\\xff)\n  \
        - 2026-11-20T23:12:04.232585383Z: Warning read (file=/etc/shadow)\n\
        3 events judged, 2 bad lines, 1 alerts added, 1 removed\n";
    assert_eq!(difference.to_string(), wanted);
    assert!(!difference.is_empty());
}

#[test]
fn the_same_alerts_are_no_difference() {
    assert!(difference("fd.name exists", "not fd.name = /x").is_empty());
}

#[test]
fn of_many_alerts_the_first_are_shown() {
    let (old, new) = (rules("fd.name = /x"), rules("fd.name exists"));
    let line = "{\"evt.type\":\"openat\",\"fd.name\":\"/a\"}\n".repeat(5);
    let difference = Diff::new(&old, &new).run(Path::new("-"), line.as_bytes()).unwrap();
    assert!(difference.to_string().contains("  + and 2 more\n"), "{difference}");
    assert_eq!(difference.rules["Read"].added.count, 5);
}

/// A reader that has gone.
struct Gone;

impl io::Write for Gone {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

#[test]
fn a_reader_that_goes_ends_the_replay_without_an_error() {
    let rules = rules("fd.name exists");
    let summary = Alerts::new(&rules, Format::Text, Gone).run(Path::new("-"), RECORDING.as_bytes()).unwrap();
    assert_eq!((summary.read.events, summary.alerts), (1, 0));
}
