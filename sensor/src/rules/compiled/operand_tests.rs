//! Each transformer: what it makes of values, and which arguments it refuses.

use super::*;
use crate::rules::syntax::Literal;
use crate::rules::testing::{MapEvent, event};

fn cat() -> MapEvent {
    event(&[
        ("proc.name", Value::from("CaT")),
        ("fd.name", Value::from("/etc/x/Shadow")),
        ("proc.cmdline", Value::from("aGVsbG8")),
        ("proc.pid", Value::Number(7)),
        ("container.name", Value::Pending),
        ("vigie.proc.argv", Value::List(["-nv", "-t", "9", "rest"].map(Value::from).to_vec())),
    ])
}

fn field(name: &str) -> syntax::Argument {
    syntax::Argument::Operand(syntax::Operand::Field(syntax::FieldName {
        name: name.to_owned(),
        argument: None,
        at: 0,
    }))
}

fn literal(text: &str) -> syntax::Argument {
    syntax::Argument::Literal(Literal { bytes: text.as_bytes().to_vec(), quoted: true, at: 0 })
}

fn call(transformer: Transformer, arguments: Vec<syntax::Argument>, key: Option<&str>) -> syntax::Operand {
    let key = key.map(str::to_owned);
    syntax::Operand::Call(Box::new(syntax::Call { transformer, arguments, key, at: 3 }))
}

fn value(operand: &syntax::Operand) -> String {
    let mut out = Vec::new();
    Operand::compile(operand).unwrap().value(&cat()).print(&mut out);
    String::from_utf8(out).unwrap()
}

fn refused(operand: &syntax::Operand) -> String {
    let error = Operand::compile(operand).unwrap_err();
    assert_eq!(error.at, 3);
    error.problem.to_string()
}

#[test]
fn texts_are_transformed() {
    let one = |transformer, name| value(&call(transformer, vec![field(name)], None));
    assert_eq!(one(Transformer::ToLower, "proc.name"), "cat");
    assert_eq!(one(Transformer::ToUpper, "proc.name"), "CAT");
    assert_eq!(one(Transformer::Basename, "fd.name"), "Shadow");
    assert_eq!(one(Transformer::Basename, "proc.name"), "CaT");
    assert_eq!(one(Transformer::B64, "proc.cmdline"), "hello");
    assert_eq!(one(Transformer::Len, "fd.name"), "13");
    assert_eq!(one(Transformer::ToUpper, "vigie.proc.argv"), "(-NV,-T,9,REST)");
    assert_eq!(one(Transformer::Len, "vigie.proc.argv"), "4");
}

#[test]
fn what_cannot_be_transformed_is_missing() {
    let one = |transformer, name| value(&call(transformer, vec![field(name)], None));
    assert_eq!(one(Transformer::B64, "fd.name"), "<NA>");
    assert_eq!(one(Transformer::Len, "proc.cwd"), "<NA>");
    let pending = Operand::compile(&call(Transformer::ToLower, vec![field("container.name")], None)).unwrap();
    assert_eq!(pending.value(&cat()), Value::Pending);
}

#[test]
fn transformers_of_several_values_nest() {
    let lower = syntax::Argument::Operand(call(Transformer::ToLower, vec![field("proc.name")], None));
    let list = syntax::Argument::List(vec![lower.clone(), literal("x"), field("fd.name")]);
    assert_eq!(value(&call(Transformer::Join, vec![literal("+"), list], None)), "cat+x+/etc/x/Shadow");
    assert_eq!(
        value(&call(Transformer::Concat, vec![lower, literal("/"), field("proc.name")], None)),
        "cat/CaT"
    );
}

#[test]
fn options_of_a_command_line_are_listed_or_picked() {
    let arguments = || vec![field("vigie.proc.argv"), literal("nvt:")];
    assert_eq!(value(&call(Transformer::Getopt, arguments(), None)), "(n,v,t,9)");
    assert_eq!(value(&call(Transformer::Getopt, arguments(), Some("t"))), "9");
    assert_eq!(value(&call(Transformer::Getopt, arguments(), Some("x"))), "<NA>");
    assert!(refused(&call(Transformer::Getopt, arguments(), Some("ab"))).contains("one option character"));
}

#[test]
fn arguments_of_other_types_are_refused() {
    let one = |transformer, name| refused(&call(transformer, vec![field(name)], None));
    assert_eq!(one(Transformer::ToLower, "proc.pid"), "expected `tolower(text)`, found `tolower(number)`");
    assert!(one(Transformer::Len, "proc.pid").contains("found `len(number)`"));
    assert!(one(Transformer::Join, "proc.name").contains("`join(separator, list)`"));
    assert!(one(Transformer::Concat, "proc.name").contains("`concat(text, text, ...)`"));
    let list_first = call(Transformer::Join, vec![field("vigie.proc.argv"), literal(",")], None);
    assert!(refused(&list_first).contains("found `join(list, text)`"));
    let key = call(Transformer::ToLower, vec![field("proc.name")], Some("x"));
    assert!(refused(&key).contains("nothing in brackets"));
}
