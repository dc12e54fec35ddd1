//! Files of tests: what they say, what is refused, and what comes of running them.

use super::*;

const RULES: &str = "\
- rule: Shadow read
  desc: d
  condition: >
    evt.type in (open, openat) and fd.name in (/etc/shadow, /etc/gshadow) and not proc.name = sshd
  output: o
  priority: info
- rule: Program started
  desc: d
  condition: evt.type = execve and proc.exepath startswith /tmp/
  output: o
  priority: info
- rule: Off
  desc: d
  condition: evt.type = execve
  output: o
  priority: info
  enabled: false
";

const BASE: &str = "\
- event: read
  fields: {evt.type: openat, fd.name: /etc/shadow, proc.name: cat, proc.aname: [bash, sshd]}
";

fn rules() -> RuleSet {
    RuleSet::load(&[("r.yaml", RULES)]).unwrap().0
}

fn suite(text: &str) -> Suite {
    load(&[("base.test.yaml", BASE), ("t.test.yaml", text)]).unwrap_or_else(|error| panic!("{error}"))
}

fn outcome(text: &str) -> Outcome {
    suite(text).run(&rules())
}

fn refused(text: &str) -> String {
    load(&[("base.test.yaml", BASE), ("t.test.yaml", text)]).unwrap_err().to_string()
}

#[test]
fn a_test_builds_upon_events_of_earlier_files() {
    let outcome = outcome(
        "- test: reading is seen\n  like: read\n  rules: [Shadow read]\n\
         - test: the daemon may\n  like: read\n  fields: {proc.name: sshd}\n  rules: []\n",
    );
    assert_eq!(outcome.to_string(), "ok: 2 tests (2 events), 0 failed");
}

#[test]
fn a_value_can_be_taken_away() {
    let outcome = outcome("- test: without a path\n  like: read\n  fields: {fd.name: ~}\n  rules: []\n");
    assert!(outcome.passed(), "{:?}", outcome.failures);
}

#[test]
fn each_value_is_a_run_and_each_key_is_varied_alone() {
    let text = "- test: every flavour\n  like: read\n  \
        each: {fd.name: [/etc/shadow, /etc/gshadow], evt.type: [open, openat]}\n  rules: [Shadow read]\n";
    assert_eq!(outcome(text).to_string(), "ok: 1 tests (4 events), 0 failed");
    let failing = outcome(&text.replace("/etc/gshadow", "/etc/passwd"));
    assert_eq!(failing.to_string(), "failed: 1 tests (4 events), 1 failed");
    let message = failing.failures[0].to_string();
    let wanted = "t.test.yaml:1:9: failed: every flavour (fd.name: /etc/passwd)\n  \
        expected `Shadow read`\n  found    no rule\n  rule `Shadow read` does not match, because:\n    \
        false: fd.name in (/etc/shadow, /etc/gshadow) -- it is `/etc/passwd`";
    assert_eq!(message, wanted);
}

#[test]
fn rules_of_all_events_of_a_test_are_expected() {
    let text = "- test: two\n  events:\n    - like: read\n    \
        - fields: {evt.type: execve, proc.exepath: /tmp/x}\n  rules: [Shadow read, Program started]\n";
    assert!(outcome(text).passed());
    let fewer = outcome(&text.replace(", Program started", ""));
    let message = fewer.failures[0].to_string();
    assert!(message.contains("found    `Shadow read`, `Program started`"), "{message}");
    assert!(
        message.contains("rule `Program started` matches, because:\n    true: evt.type = execve"),
        "{message}"
    );
}

#[test]
fn errors_of_a_file_are_all_listed_in_place() {
    let text = "\
- test: a
  like: raed
  rules: []
- test: b
  fields: {evt.type: openat, fd.nmae: x, proc.pid: many}
  rules: []
- test: c
  fields: {fd.name: x}
  rules: []
- test: d
  fields: {evt.type: opne}
  rule: []
- test: a
  like: read
  rules: []
- event: read
  feilds: {}
";
    let wanted = "\
t.test.yaml:2:9: error: no event `raed` comes before this; did you mean `read`?
t.test.yaml:5:30: error: unknown field `fd.nmae`; did you mean `fd.name`?
t.test.yaml:5:52: error: field `proc.pid` is a number: expected a whole number of 64 bits, found `many`
t.test.yaml:7:3: error: the event needs the field `evt.type`
t.test.yaml:12:3: error: key `rule` has no meaning in a test; did you mean `rules`?
t.test.yaml:10:3: error: test `d` needs the key `rules`
t.test.yaml:13:9: error: test `a` was defined before
t.test.yaml:17:3: error: key `feilds` has no meaning in an event; did you mean `fields`?
t.test.yaml:16:10: error: event `read` was defined before";
    assert_eq!(refused(text), wanted);
}

#[test]
fn an_event_type_has_to_exist() {
    let unknown = refused("- test: a\n  fields: {evt.type: opne}\n  rules: []\n");
    assert!(unknown.contains("no event is called `opne` in this version; did you mean `open`?"), "{unknown}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (text, wanted) in [
        ("- test: a\n  events: []\n  like: read\n  rules: []\n", "`events` and `like` cannot stand together"),
        ("- test: a\n  event: b\n", "`test` and `event` cannot stand together"),
        ("- tset: a\n", "expected an item such as"),
        ("test: a\n", "expected a list of tests and events"),
        ("- test: a\n  like: read\n  rules: Shadow\n", "expected a list of rule names"),
        ("- test: a\n  like: read\n  each: {fd.name: x}\n  rules: []\n", "expected a list of values"),
        ("- test: a\n  like: read\n  fields: {fd.name: [x]}\n  rules: []\n", "expected a text, found `(x)`"),
        ("- test: a\n  like: read\n  fields: {fd.name: {x: y}}\n  rules: []\n", "expected a text"),
    ] {
        let found = refused(text);
        assert!(found.contains(wanted), "{text}\n{found}");
    }
}

#[test]
fn rules_that_cannot_match_are_named_with_a_suggestion() {
    let suite = suite("- test: a\n  like: read\n  rules: [Shadow raed, Off]\n");
    let faults: Vec<_> = suite.unknown_rules(&rules()).iter().map(ToString::to_string).collect();
    let wanted = [
        "t.test.yaml:3:11: error: unknown rule `Shadow raed`; did you mean `Shadow read`?",
        "t.test.yaml:3:24: error: rule `Off` is disabled, so that no event matches it",
    ];
    assert_eq!(faults, wanted);
}

#[test]
fn bytes_that_are_no_text_and_values_to_come_can_be_written() {
    let text = "- test: a\n  fields:\n    evt.type: open\n    vigie.escaped.fd.name: /tmp/\\xff\n    \
        container.name: <pending>\n  rules: []\n";
    let suite = suite(text);
    let event = suite.events().next().unwrap();
    let value = |name: &str| {
        use crate::rules::field::Fields;
        let field = crate::rules::example::name::parse(name).unwrap();
        event.fields.value(&field).into_owned()
    };
    assert_eq!(value("fd.name"), crate::rules::Value::text(b"/tmp/\xff"));
    assert_eq!(value("container.name"), crate::rules::Value::Pending);
}

#[test]
fn events_are_read_from_documents_and_lists() {
    let read =
        |text: &str| load_events("e", text).map(|events| events.len()).map_err(|error| error.to_string());
    assert_eq!(read("evt.type: open\nfd.name: x\n"), Ok(1));
    assert_eq!(read("{\"evt.type\": \"open\", \"proc.pid\": 7}\n"), Ok(1));
    assert_eq!(read("- {evt.type: open}\n- {evt.type: creat}\n"), Ok(2));
    assert_eq!(read("fd.name: x\n"), Err("e:1:1: error: the event needs the field `evt.type`".to_owned()));
    assert!(read("just text").unwrap_err().contains("expected a map from fields to values"));
}

#[test]
fn the_memory_of_all_events_is_bounded() {
    let fault = |text: &str| load(&[("t", text)]).unwrap_err().faults.remove(0).to_string();
    let each = |count: usize| {
        let values = "    - a\n".repeat(count);
        format!("- test: a\n  rules: []\n  fields: {{evt.type: open}}\n  each:\n    proc.name:\n{values}")
    };
    assert!(load(&[("t", &each(1000))]).is_ok());
    assert!(fault(&each(90_000)).contains("error: more than 33554432 bytes of memory for all events"));
    let words = "    - a\n".repeat(4000);
    let large = format!("- event: e\n  fields:\n    evt.type: open\n    proc.args:\n{words}");
    let copies: Vec<_> = (0..1000).map(|n| format!("- event: e{n}\n  like: e\n")).collect();
    assert!(
        fault(&(large + &copies.concat()))
            .contains("error: more than 33554432 bytes of memory for all events")
    );
    let lines = "{\"evt.type\":\"open\"}\n".repeat(50_000);
    let error = load_events("e", &lines).unwrap_err().to_string();
    assert!(error.contains("error: more than 33554432 bytes of memory for all events"), "{error}");
    assert!(load_events("e", &lines[..lines.len() / 50]).is_ok());
}

#[test]
fn an_event_has_only_so_many_elements_and_arguments() {
    let words = |count: usize| format!("evt.type: open\nproc.args:\n{}", "- a\n".repeat(count));
    assert!(load_events("e", &words(4096)).is_ok());
    let error = load_events("e", &words(4097)).unwrap_err().to_string();
    assert!(error.starts_with("e:3:3: error: more than 4096 elements in one list"), "{error}");
    let arguments: Vec<_> = (0..5000).map(|n| format!("\"proc.args[{n}]\":\"a\"")).collect();
    let line = format!("{{\"evt.type\":\"open\",{}}}", arguments.join(","));
    let error = load_events("e", &line).unwrap_err().to_string();
    assert!(error.starts_with("e:1:1: error: more than 4096 elements"), "{error}");
}

#[test]
fn a_file_of_nothing_but_errors_is_left_after_so_many() {
    let text: String = ["- event: e\n  like: nobody\n"; 300].concat();
    let error = load(&[("t", &text)]).unwrap_err();
    assert_eq!(error.faults.len(), LoadError::MAX_FAULTS);
    assert_eq!(error.faults[LoadError::MAX_FAULTS - 1].place.line, 2 * LoadError::MAX_FAULTS);
}
