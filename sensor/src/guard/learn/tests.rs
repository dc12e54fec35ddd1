use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::guard::audit::{Asker, Outcome, Record};
use crate::rules::{RuleSet, field};

/// A record of a denied request, changed by `change`.
fn record(change: impl FnOnce(&mut Record)) -> Record {
    let caller = Asker {
        standing: "verified".to_owned(),
        exe: Some("/usr/bin/docker".to_owned()),
        user: Some("alice".to_owned()),
        container: Some("host".to_owned()),
        ..Asker::default()
    };
    let mut record = Record {
        time: "2026-01-02T00:00:00Z".to_owned(),
        operation: Some("container.create".to_owned()),
        method: "POST".to_owned(),
        path: "/containers/create".to_owned(),
        version: None,
        digest: None,
        mode: "audit".to_owned(),
        verdict: Outcome::Deny,
        rule: Some("Privileged container".to_owned()),
        reason: Some("because".to_owned()),
        caller,
        docker: BTreeMap::from([
            ("docker.host_access".to_owned(), json!(["privileged"])),
            ("docker.create.image".to_owned(), json!("alpine")),
        ]),
    };
    change(&mut record);
    record
}

fn learn(records: &[Record]) -> Lessons {
    let log: Vec<u8> = records.iter().flat_map(Record::line).collect();
    let mut lessons = Lessons::default();
    lessons.read(&log[..]).unwrap();
    lessons
}

/// Loads what is proposed. Where the vocabulary has no fields of requests yet, others of the same kinds stand in.
fn load(rules: &str) -> RuleSet {
    let mut text = rules.to_owned();
    if field::find("docker.operation").is_none() {
        text = text.replace("  source: docker\n  action: allow\n", "");
        for (field, stand_in) in [
            ("docker.operation", "proc.name"),
            ("docker.host_access", "vigie.proc.argv"),
            ("docker.create.image", "proc.pname"),
            ("docker.target.image", "proc.cwd"),
        ] {
            text = text.replace(field, stand_in);
        }
    }
    match RuleSet::load(&[("learnt", text.clone())]) {
        Ok((rules, _)) => rules,
        Err(error) => panic!("{error}\n{text}"),
    }
}

#[test]
fn requests_of_one_kind_become_one_rule() {
    let lessons = learn(&[
        record(|_| ()),
        record(|record| record.time = "2026-01-01T00:00:00Z".to_owned()),
        record(|record| {
            record.docker.insert("docker.create.image".to_owned(), json!("busybox"));
            record.rule = Some("Another".to_owned());
        }),
        record(|record| record.verdict = Outcome::Allow),
    ]);
    let expected = r#"# Proposed by `vigie guard learn`: 1 rules for 3 of 3 denied requests, 4 in all.
# Read every rule before you use it: whoever attacked while the log was written is in here too.
# These rules have to come before those that deny: the first one that matches decides.

- rule: "Learnt 1: container.create by /usr/bin/docker from the host"
  desc: "3 requests denied by Another (1), Privileged container (2)."
  # first 2026-01-01T00:00:00Z, last 2026-01-02T00:00:00Z
  # user.name: alice (3)
  # docker.create.image: alpine (2), busybox (1)
  condition: >-
    docker.operation = "container.create"
    and proc.exepath = "/usr/bin/docker"
    and container.id = host
    and docker.host_access in ("privileged")
    and docker.create.image in ("alpine", "busybox")
  output: >-
    Allowed as learnt (user=%user.name exe=%proc.exepath command=%proc.cmdline container=%container.name)
  priority: Informational
  source: docker
  action: allow
  tags: [guard, learnt]
"#;
    assert_eq!(lessons.rules(), expected);
    assert_eq!(load(&lessons.rules()).rules().len(), 1);
}

#[test]
fn who_and_what_and_ways_to_the_host_make_groups() {
    type Change = fn(&mut Record);
    let different: [Change; 6] = [
        |_| (),
        |record| record.caller.exe = Some("/usr/bin/curl".to_owned()),
        |record| record.operation = Some("exec.create".to_owned()),
        |record| {
            drop(record.docker.insert("docker.host_access".to_owned(), json!(["privileged", "bind:/"])));
        },
        |record| drop(record.docker.remove("docker.host_access")),
        |record| {
            record.caller.container = Some("0123456789ab".to_owned());
            record.caller.image = Some("gitlab/runner".to_owned());
        },
    ];
    let records: Vec<_> = different.iter().map(|change| record(change)).collect();
    let text = learn(&records).rules();
    assert_eq!(load(&text).rules().len(), 6, "{text}");
    assert!(text.contains("container.image.repository = \"gitlab/runner\""));
    assert!(text.contains("docker.host_access in (\"bind:/\", \"privileged\")"));
    assert!(text.contains("not docker.host_access exists"));
    let reversed: Vec<_> = records.into_iter().rev().collect();
    assert_eq!(learn(&reversed).rules(), text, "the order of the log does not matter");
}

#[test]
fn callers_that_no_rule_can_tell_are_counted_only() {
    let unlearnable: [fn(&mut Record); 7] = [
        |record| record.caller.exe = None,
        |record| record.caller.container = Some("<unknown>".to_owned()),
        |record| record.caller.container = Some("0123456789ab".to_owned()),
        |record| record.operation = None,
        |record| record.rule = None,
        |record| record.caller.exe = Some("/tmp/\u{fffd}".to_owned()),
        |record| drop(record.docker.insert("docker.host_access".to_owned(), json!("not a list"))),
    ];
    let lessons = learn(&unlearnable.map(record));
    assert_eq!(lessons.counts(), Counts { records: 7, denied: 7, unlearnable: 7, unreadable: 0 });
    assert!(!lessons.rules().contains("- rule:"), "{}", lessons.rules());
}

#[test]
fn hostile_texts_stay_texts() {
    let hostile = "/tmp/a\" or evt.type exists or proc.name = \"\\\n- rule: x\u{2028}\u{85}é'#: [";
    let lessons = learn(&[record(|record| {
        record.caller.exe = Some(hostile.to_owned());
        record.caller.user = Some("x\n- rule: y".to_owned());
        record.docker.insert("docker.create.image".to_owned(), json!("a\n  action: allow\n#"));
        record.docker.insert("docker.create.command".to_owned(), json!("\n- list: z\u{2029}"));
    })]);
    let rules = load(&lessons.rules());
    assert_eq!(rules.rules().len(), 1, "{}", lessons.rules());
    let lines = lessons.rules();
    assert!(
        lines.lines().all(|line| !line.starts_with("- rule: x") && !line.starts_with("- list")),
        "{lines}"
    );
}

#[test]
fn what_not_every_request_had_does_not_narrow() {
    let lessons =
        learn(&[record(|_| ()), record(|record| drop(record.docker.remove("docker.create.image")))]);
    assert!(!lessons.rules().contains("and docker.create.image"), "{}", lessons.rules());
    let many = |n| {
        record(|record| drop(record.docker.insert("docker.create.image".to_owned(), json!(format!("i{n}")))))
    };
    let lessons = learn(&(0..30).map(many).collect::<Vec<_>>());
    assert!(!lessons.rules().contains("and docker.create.image"), "too many to be meant one by one");
    assert!(lessons.rules().contains("and more"));
}

#[test]
fn lines_that_are_no_records_are_counted_and_passed_over() {
    let mut log = b"garbage\n\n{\"time\":1}\n".to_vec();
    log.extend(vec![b'x'; 3 << 20]);
    log.push(b'\n');
    log.extend(record(|_| ()).line());
    log.pop();
    let mut lessons = Lessons::default();
    lessons.read(&log[..]).unwrap();
    assert_eq!(lessons.counts(), Counts { records: 1, denied: 1, unlearnable: 0, unreadable: 3 });
    assert!(lessons.rules().contains("# 3 lines are no records"));
}

#[test]
fn nothing_learnt_is_a_file_without_rules() {
    let text = learn(&[]).rules();
    assert!(text.lines().all(|line| line.starts_with('#')), "{text}");
}
