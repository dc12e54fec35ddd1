//! What exceptions mean, and what is refused in them.

use crate::rules::exceptions;
use crate::rules::items::{self, Item};
use crate::rules::rule_set::{RuleSet, Scratch};
use crate::rules::source::Source;
use crate::rules::testing::event;
use crate::rules::{EventType, Value};

const RULE: &str =
    "- rule: r\n  desc: d\n  condition: evt.type = open or evt.type = creat\n  output: o\n  priority: info\n";

fn load(exceptions: &str) -> Result<(RuleSet, Vec<String>), String> {
    match RuleSet::load(&[("f", format!("{RULE}  exceptions:\n{exceptions}"))]) {
        Ok((rules, warnings)) => Ok((rules, warnings.iter().map(ToString::to_string).collect())),
        Err(error) => Err(error.to_string()),
    }
}

fn loaded(exceptions: &str) -> RuleSet {
    load(exceptions).unwrap_or_else(|error| panic!("{exceptions}\n{error}")).0
}

fn refused(exceptions: &str) -> String {
    load(exceptions).expect_err(exceptions)
}

/// Whether the rule holds for a process of this name whose parent is of that name.
fn holds(rules: &RuleSet, name: &'static str, parent: &'static str) -> bool {
    let event = event(&[
        ("proc.name", Value::from(name)),
        ("proc.pname", Value::from(parent)),
        ("proc.pid", Value::Number(7)),
    ]);
    !rules.evaluate(EventType::from_name("open").unwrap(), &event, &mut Scratch::default()).matches.is_empty()
}

#[test]
fn rows_of_values_are_alternatives_of_all_their_cells() {
    let rules = loaded(
        "  - name: e\n    fields: [proc.name, proc.pname]\n    values:\n    - [a, b]\n    - [\"c d\", 'e=f']\n",
    );
    for (name, parent, wanted) in
        [("a", "b", false), ("c d", "e=f", false), ("a", "x", true), ("x", "b", true), ("c", "e=f", true)]
    {
        assert_eq!(holds(&rules, name, parent), wanted, "{name} {parent}");
    }
}

#[test]
fn operators_that_take_lists_take_lists_and_single_values() {
    let rules = loaded(
        "  - name: e\n    fields: [proc.name, proc.pname]\n    comps: [in, startswith]\n    values:\n    \
         - [[a, \"b c\"], s]\n    - [d, t]\n    - [\"(e, f)\", u]\n    - ['g, h', v]\n    - [\"i j\", w]\n",
    );
    for (name, parent) in [("a", "sx"), ("b c", "s"), ("d", "tt"), ("e", "u"), ("f", "u"), ("i j", "w")] {
        assert!(!holds(&rules, name, parent), "{name} {parent}");
    }
    assert!(holds(&rules, "a", "t") && holds(&rules, "d", "s"));
}

#[test]
fn one_field_has_flat_values() {
    let rules = loaded("  - name: e\n    fields: proc.name\n    values: [a, \"b c\", 7]\n");
    assert!(!holds(&rules, "a", "x") && !holds(&rules, "b c", "x") && !holds(&rules, "7", "x"));
    assert!(holds(&rules, "b", "x"));
    let rules = loaded("  - name: e\n    fields: proc.name\n    comps: intersects\n    values: [a]\n");
    assert!(!holds(&rules, "a", "x"));
}

#[test]
fn several_exceptions_count_each_for_itself() {
    let rules = loaded(
        "  - name: e\n    fields: proc.name\n    values: [a]\n  - name: unused\n    fields: [proc.name, proc.pid]\n  \
         - name: g\n    fields: [proc.pname]\n    comps: [endswith]\n    values: [[b]]\n",
    );
    assert!(!holds(&rules, "a", "x") && !holds(&rules, "x", "ab") && holds(&rules, "x", "ba"));
}

/// What the first rule's condition becomes.
fn guarded(exceptions: &str) -> String {
    let source = Source::new("f", &format!("{RULE}  exceptions:\n{exceptions}")).unwrap();
    let documents = crate::rules::yaml::parse(&source).unwrap();
    let items = items::read(&source, documents, &mut Vec::new())
        .unwrap_or_else(|fault| panic!("{exceptions}\n{fault}"));
    let Some(Item::Rule(rule)) = items.first() else { panic!("{items:?}") };
    let guarded = exceptions::guard(&rule.condition, &rule.exceptions).unwrap();
    guarded.map(|written| written.text).unwrap_or_default()
}

#[test]
fn an_exception_is_written_behind_the_condition_in_brackets() {
    let condition = "(evt.type = open or evt.type = creat) and not ";
    for (exceptions, wanted) in [
        (
            "  - name: e\n    fields: [proc.name, fd.name]\n    comps: [=, startswith  oneof]\n    values:\n    \
             - [a, [/b, \"/c d\"]]\n    - [\"val(proc.pname)\", /e]\n",
            "((proc.name = a and fd.name startswith oneof (/b, \"/c d\")) \
             or (proc.name = val(proc.pname) and fd.name startswith oneof (/e)))",
        ),
        (
            "  - name: e\n    fields: fd.name\n    comps: glob anyof\n    values: [a*]\n",
            "(fd.name glob anyof (a*))",
        ),
        (
            "  - name: e\n    fields: tolower(proc.name)\n    values: ['\"a b\"']\n",
            "(tolower(proc.name) in (\"a b\"))",
        ),
        (
            "  - name: e\n    fields: [proc.args]\n    values: [['\"\"'], ['a,b']]\n",
            "((proc.args = \"\") or (proc.args = \"a,b\"))",
        ),
    ] {
        assert_eq!(guarded(exceptions), format!("{condition}{wanted}"));
    }
    assert_eq!(guarded("  - name: e\n    fields: proc.name\n"), "");
}

#[test]
fn names_of_lists_expand_in_values() {
    let text = format!(
        "- list: l\n  items: [a, \"b c\"]\n{RULE}  exceptions:\n  - name: e\n    fields: proc.name\n    values: [l, d]\n  \
         - name: f\n    fields: [proc.pname]\n    comps: [in]\n    values: [[l], [[x, l]]]\n"
    );
    let (rules, warnings) = RuleSet::load(&[("f", text)]).unwrap();
    assert_eq!(warnings, []);
    for (name, parent) in [("a", "q"), ("b c", "q"), ("d", "q"), ("q", "b c"), ("q", "x")] {
        assert!(!holds(&rules, name, parent), "{name} {parent}");
    }
    assert!(holds(&rules, "l", "l"));
}

#[test]
fn values_are_appended_to_the_exception_of_that_name() {
    let first = "  - name: e\n    fields: [proc.name]\n    values: [[a]]\n";
    for how in ["append: true", "override: {exceptions: append}"] {
        let more = format!(
            "- rule: r\n  {how}\n  exceptions:\n  - name: e\n    values: [[b]]\n  \
             - name: f\n    fields: proc.pname\n    values: [c]\n"
        );
        let rules = loaded(&format!("{first}{more}"));
        assert!(!holds(&rules, "a", "x") && !holds(&rules, "b", "x") && !holds(&rules, "x", "c"));
        assert!(holds(&rules, "x", "x"));
    }
    let replaced = format!(
        "{first}- rule: r\n  override: {{exceptions: replace}}\n  exceptions:\n  - name: g\n    fields: proc.name\n    values: [b]\n"
    );
    assert!(holds(&loaded(&replaced), "a", "x") && !holds(&loaded(&replaced), "b", "x"));
}

#[test]
fn a_condition_with_an_or_is_excepted_as_a_whole() {
    let text = RULE.replace("evt.type = open or evt.type = creat", "proc.pid = 7 or evt.type = open")
        + "  exceptions:\n  - name: e\n    fields: proc.name\n    values: [a]\n";
    let (rules, _) = RuleSet::load(&[("f", text)]).unwrap();
    assert!(!holds(&rules, "a", "x") && holds(&rules, "b", "x"));
}

fn all_refused(table: &[(&str, &str)]) {
    for (exceptions, wanted) in table {
        let message = refused(exceptions);
        assert!(message.contains(wanted), "{exceptions}\n{message}");
    }
}

#[test]
fn what_is_no_exception_is_refused_where_it_stands() {
    all_refused(&[
        ("   x\n", "expected a list of exceptions, found `x`"),
        ("  - x\n", "f:7:5: error: expected an exception with a `name`, found `x`"),
        ("  - fields: [proc.name]\n", "f:7:5: error: an exception needs the key `name`"),
        ("  - name: e\n", "f:7:5: error: exception `e` needs the key `fields`"),
        ("  - name: e\n    comps: in\n", "f:8:12: error: exception `e`: expected `fields` beside `comps`"),
        (
            "  - name: e\n    fields: [proc.name, proc.pid]\n    comps: [in]\n",
            "f:9:12: error: exception `e`: expected 2 `comps`, one for each of its `fields`, found 1",
        ),
        (
            "  - name: e\n    fields: [proc.name]\n    comps: in\n",
            "f:9:12: error: expected a list of operators",
        ),
        (
            "  - name: e\n    fields: proc.name\n    comps: [in]\n",
            "f:9:12: error: expected `in`, `pmatch`, `intersects`",
        ),
        (
            "  - name: e\n    fields: proc.name\n    comps: startswith\n",
            "f:9:12: error: expected `in`, `pmatch`",
        ),
        (
            "  - name: e\n    fields: [proc.name]\n    comps: [like]\n",
            "f:9:13: error: expected an operator that takes a value, found `like`",
        ),
        (
            "  - name: e\n    fields: [proc.name]\n    comps: [exists]\n",
            "f:9:13: error: expected an operator that takes a value",
        ),
        (
            "  - name: e\n    fields: [proc.name]\n    comps: [in oneof]\n",
            "f:9:13: error: expected an operator that takes a value",
        ),
        (
            "  - name: e\n    fields: [proc.nme]\n",
            "f:8:14: error: unknown field `proc.nme`; did you mean `proc.name`?",
        ),
        ("  - name: e\n    fields: proc.name or proc.pid\n", "f:8:23: error: expected the end, found `or`"),
        ("  - name: e\n    fields: name\n", "f:8:13: error: expected a field or a transformer, found `name`"),
    ]);
}

#[test]
fn values_that_do_not_fit_are_refused_where_they_stand() {
    all_refused(&[
        (
            "  - name: e\n    fields: [proc.name]\n    values: a\n",
            "f:9:13: error: expected a list of values, found `a`",
        ),
        (
            "  - name: e\n    fields: [proc.name, proc.pid]\n    values:\n    - [a, 1]\n    - [b]\n",
            "f:11:7: error: exception `e`: expected 2 values, one for each of its `fields`, found 1",
        ),
        (
            "  - name: e\n    fields: [proc.name]\n    values: [a]\n",
            "f:9:14: error: exception `e`: expected a list of 1 values, one for each of its `fields`, found `a`",
        ),
        (
            "  - name: e\n    fields: [proc.name]\n    values: [[[a]]]\n",
            "f:9:15: error: exception `e`: expected one value for `=`, found a list",
        ),
        (
            "  - name: e\n    fields: proc.name\n    values: [[a]]\n",
            "f:9:14: error: exception `e`: expected one value, for `fields` is one field, found a list",
        ),
        (
            "  - name: e\n    fields: proc.name\n    values: [a, '']\n",
            "f:9:17: error: expected a value; write '\"\"' for an empty one",
        ),
        (
            "  - name: e\n    fields: [proc.pid]\n    values: [[7], [x]]\n",
            "f:9:20: error: field `proc.pid` is a number: expected a whole number of 64 bits, found `x`",
        ),
        (
            "  - name: e\n    fields: [proc.pid]\n    comps: [startswith]\n    values: [[7]]\n",
            "error: operator `startswith` cannot be used with field `proc.pid`",
        ),
        (
            "  - name: e\n    fields: [proc.name]\n    comps: [in]\n    values: [[\"(a) or (b)\"]]\n",
            "error: expected the end, found `or`",
        ),
        (
            "  - name: e\n    fields: [proc.name]\n    comps: [in]\n    values: [['\"a\" or x']]\n",
            "error: expected the end, found `or`",
        ),
        (
            "  - name: e\n    fields: [proc.name]\n    values: [['\"a']]\n",
            "error: expected a closing \" after this, found `\"`",
        ),
    ]);
}

#[test]
fn appending_to_exceptions_has_its_own_errors() {
    let first =
        "  - name: e\n    fields: [proc.name]\n    values: [[a]]\n- rule: r\n  append: true\n  exceptions:\n";
    for (more, wanted) in [
        (
            "  - name: e\n    fields: [proc.name]\n    values: [[b]]\n",
            "f:13:11: error: exception `e`: expected only `values`, for it exists already, found `fields`",
        ),
        ("  - name: new\n    values: [[b]]\n", "f:13:11: error: exception `new` needs the key `fields`"),
        ("  - name: new\n    fields: proc.name\n", "f:13:11: error: exception `new` needs the key `values`"),
    ] {
        let message = refused(&format!("{first}{more}"));
        assert!(message.contains(wanted), "{more}\n{message}");
    }
    let warnings = load(&format!("{first}  - name: e\n")).unwrap().1.join("\n");
    assert!(warnings.contains("f:13:11: warning: exception `e` is appended to without values"), "{warnings}");
}

#[test]
fn a_bracket_missing_in_the_condition_is_not_lent_by_an_exception() {
    let text = RULE.replace("evt.type = open or evt.type = creat", "evt.type = open) or (evt.type = creat")
        + "  exceptions:\n  - name: e\n    fields: proc.name\n    values: [a]\n";
    let message = RuleSet::load(&[("f", text)]).unwrap_err().to_string();
    assert!(message.starts_with("f:3:29: error: expected `and`, `or` or the end, found `)`"), "{message}");
}

#[test]
fn oddities_are_warned_about() {
    let text = "  - name: e\n    fields: proc.name\n    values: [a]\n    valeus: [b]\n  - name: e\n    fields: proc.pname\n    values: [b]\n";
    let (rules, warnings) = load(text).unwrap();
    assert!(
        warnings[0].contains("key `valeus` has no meaning in a rule's exception; did you mean `values`?"),
        "{warnings:?}"
    );
    assert!(warnings[1].contains("f:11:11: warning: exception `e` is given twice"), "{warnings:?}");
    assert!(!holds(&rules, "a", "x") && !holds(&rules, "x", "b"));
}

#[test]
fn nothing_is_no_exception() {
    assert!(holds(&loaded("   ~\n"), "a", "x"));
    assert!(holds(&loaded("  - name: e\n    fields: proc.name\n    values:\n"), "a", "x"));
}
