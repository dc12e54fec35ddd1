//! The registry against Falco's list of fields, and look-ups in it.

use super::*;
use crate::rules::value::Type;
use std::collections::BTreeSet;

#[test]
fn names_are_unique_documented_and_found() {
    let names: BTreeSet<_> = TABLE.iter().map(|field| field.name).collect();
    assert_eq!(names.len(), TABLE.len());
    for (id, field) in TABLE.iter().enumerate() {
        assert_eq!(field.id, id);
        assert!(field.doc.ends_with('.'), "{}", field.name);
        assert_eq!(find(field.name), Some(field));
    }
    assert_eq!(find("proc.nam"), None);
}

#[test]
fn arguments_are_checked() {
    assert_eq!(resolve("proc.aname", Some("2")).unwrap().argument, Some(FieldArgument::Index(2)));
    assert_eq!(resolve("proc.aname", None).unwrap().argument, None);
    assert_eq!(resolve("proc.name", Some("2")), Err(FieldError::ArgumentRefused("proc.name")));
    assert_eq!(resolve("evt.arg", None), Err(FieldError::ArgumentMissing("evt.arg")));
    for bad in ["x", "-1", "", "1000001", "99999999999"] {
        let error = resolve("proc.aname", Some(bad)).unwrap_err();
        assert!(matches!(error, FieldError::NotAnIndex { .. }), "{bad}: {error}");
    }
}

#[test]
fn a_required_key_may_follow_a_dot() {
    let dotted = resolve("evt.arg.flags", None).unwrap();
    assert_eq!(dotted, resolve("evt.arg", Some("flags")).unwrap());
    assert_eq!(dotted.to_string(), "evt.arg[flags]");
    assert!(resolve("proc.name.x", None).is_err());
    assert!(resolve("evt.arg.", None).is_err());
}

#[test]
fn a_misspelling_gets_a_suggestion_and_nonsense_does_not() {
    let error = resolve("proc.nmae", None).unwrap_err();
    assert_eq!(error.to_string(), "unknown field `proc.nmae`; did you mean `proc.name`?");
    assert_eq!(resolve("zebra.crossing", None).unwrap_err().to_string(), "unknown field `zebra.crossing`");
    let long = format!("proc.{}", "n".repeat(100_000));
    assert!(matches!(resolve(&long, None), Err(FieldError::Unknown { suggestion: None, .. })));
}

/// What Falco says of a field of this type and these flags.
fn falcos(of: &str, flags: &[&str]) -> (Type, bool, bool, Flags) {
    let of = match of {
        "CHARBUF" => Type::Text,
        "BYTEBUF" => Type::Bytes,
        "BOOL" => Type::Bool,
        "DOUBLE" => Type::Decimal,
        "PORT" => Type::Port,
        "IPADDR" => Type::Ip,
        "IPNET" => Type::Net,
        _ => Type::Number,
    };
    let known = [
        ("NO_RHS", Flags::NO_RIGHT),
        ("NO_TRANSFORMER", Flags::NO_TRANSFORMER),
        ("FILTER_ONLY", Flags::FILTER_ONLY),
        ("PRINT_ONLY", Flags::PRINT_ONLY),
        ("DEPRECATED", Flags::DEPRECATED),
    ];
    let set = known.iter().filter(|(name, _)| flags.contains(name));
    let all = set.fold(Flags::NONE, |all, (_, flag)| all.with(*flag));
    (of, flags.contains(&"IS_LIST"), flags.iter().any(|flag| flag.starts_with("ARG_")), all)
}

#[test]
fn every_field_of_falco_has_its_type_and_flags() {
    for line in include_str!("falco.txt").lines() {
        let words: Vec<_> = line.split(' ').collect();
        let field = find(words[0]).unwrap_or_else(|| panic!("{line}"));
        let ours = (field.kind.of, field.kind.list, field.argument != Argument::None, field.flags);
        assert_eq!(ours, falcos(words[1], &words[2..]), "{line}");
        let needed = words.contains(&"ARG_REQUIRED");
        assert_eq!(field.argument == Argument::RequiredKey, needed, "{line}");
    }
    assert_eq!(include_str!("falco.txt").lines().count(), 232);
}

#[test]
fn a_raw_argument_has_the_type_of_what_it_is() {
    let kind = |name| resolve("evt.rawarg", Some(name)).unwrap().kind().of;
    assert_eq!([kind("flags"), kind("name"), kind("data")], [Type::Number, Type::Text, Type::Bytes]);
}

#[test]
fn both_ends_are_known_as_such() {
    let ends: Vec<_> = TABLE.iter().filter(|field| field.kind.ends).map(|field| field.name).collect();
    let names = ["fd.cip.name", "fd.sip.name", "fd.lip.name", "fd.rip.name"];
    assert_eq!(ends[..4], ["fd.ip", "fd.port", "fd.net", "fd.proto"]);
    assert_eq!(ends[4..], names);
}
