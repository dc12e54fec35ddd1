//! What events know of themselves.

use super::*;
use crate::rules::testing::event;

fn value(example: &Example, name: &str) -> Value<'static> {
    example.value(&name::parse(name).unwrap()).into_owned()
}

fn names(names: &[&'static str]) -> Value<'static> {
    Value::List(names.iter().map(|name| Value::from(*name)).collect())
}

#[test]
fn ancestors_are_told_by_number_from_the_list() {
    let example = event(&[
        ("proc.name", Value::from("cat")),
        ("proc.aname", names(&["bash", "sshd"])),
        ("proc.aexepath[1]", Value::from("/bin/bash")),
    ]);
    assert_eq!(value(&example, "proc.aname[0]"), Value::from("cat"));
    assert_eq!(value(&example, "proc.aname[1]"), Value::from("bash"));
    assert_eq!(value(&example, "proc.aname[2]"), Value::from("sshd"));
    assert_eq!(value(&example, "proc.aname[3]"), Value::Missing);
    assert_eq!(value(&example, "proc.pname"), Value::from("bash"));
    assert_eq!(value(&example, "proc.aexepath[1]"), Value::from("/bin/bash"));
    assert_eq!(value(&example, "proc.pexepath"), Value::Missing);
}

#[test]
fn what_is_given_is_not_derived() {
    let example = event(&[
        ("proc.aname", names(&["bash"])),
        ("proc.aname[1]", Value::from("zsh")),
        ("proc.pname", Value::Missing),
        ("fd.name", Value::from("/etc/shadow")),
        ("fd.directory", Value::from("/elsewhere")),
    ]);
    assert_eq!(value(&example, "proc.aname[1]"), Value::from("zsh"));
    assert_eq!(value(&example, "proc.pname"), Value::Missing);
    assert_eq!(value(&example, "fd.directory"), Value::from("/elsewhere"));
    assert_eq!(value(&example, "fd.filename"), Value::from("shadow"));
}

#[test]
fn paths_are_split_at_the_last_slash() {
    for (path, directory, file) in [
        ("/etc/ssh/key", Value::from("/etc/ssh"), "key"),
        ("/key", Value::from("/"), "key"),
        ("key", Value::Missing, "key"),
    ] {
        let example = event(&[("fd.name", Value::from(path))]);
        assert_eq!(value(&example, "fd.directory"), directory, "{path}");
        assert_eq!(value(&example, "fd.filename"), Value::from(file), "{path}");
    }
}

#[test]
fn arguments_given_as_a_list_are_text_and_elements() {
    let mut example = event(&[("proc.args", names(&["-c", "ls /"]))]);
    assert_eq!(value(&example, "proc.args"), Value::from("-c ls /"));
    assert_eq!(value(&example, "proc.args[1]"), Value::from("ls /"));
    let recorded = event(&[("vigie.proc.argv", names(&["sh", "-c", "ls /"]))]);
    assert_eq!(value(&recorded, "proc.args[1]"), Value::from("ls /"));
    assert_eq!(value(&recorded, "proc.args[2]"), Value::Missing);
    crate::rules::testing::put(&mut example, "proc.args", Value::from("-v"));
    assert_eq!(value(&example, "proc.args"), Value::from("-v"));
    assert_eq!(value(&example, "proc.args[0]"), Value::Missing);
}

#[test]
fn values_are_typed_by_their_fields() {
    let refused = |name: &str, value: Value<'static>| {
        Example::default().set(&name::parse(name).unwrap(), value).unwrap_err().to_string()
    };
    assert_eq!(
        refused("proc.pid", Value::from("x")),
        "field `proc.pid` is a number: expected a whole number of 64 bits, found `x`"
    );
    assert!(refused("fd.name", names(&["a"])).contains("expected a text, found `(a)`"));
    assert!(refused("vigie.proc.argv", Value::from("a")).contains("expected a list"));
    let read = |name: &str, text: &str| typed::from_text(&name::parse(name).unwrap(), text);
    assert_eq!(read("proc.pid", "0x2a"), Ok(Value::Number(42)));
    assert_eq!(read("evt.failed", "true"), Ok(Value::Bool(true)));
    assert!(read("evt.failed", "yes").is_err() && read("proc.pid", "1.5").is_err());
}

#[test]
fn the_event_type_is_known_by_name() {
    assert_eq!(
        event(&[("evt.type", Value::from("openat"))]).event_type().map(EventType::name),
        Some("openat")
    );
    let unknown = event(&[("evt.type", Value::from("conect"))]);
    assert_eq!((unknown.event_type(), unknown.event_type_name()), (None, Some("conect")));
    assert_eq!(Example::default().event_type(), None);
}
