//! Traps of the language: where a reading that looks right is not the one that rules rely on.
//!
//! Trap 7, addresses at both ends of a connection, is tested beside the fields it is about.

use crate::rules::event_type::EventType;
use crate::rules::parser::MAX_DEPTH;
use crate::rules::rule_set::{Matching, RuleSet, Scratch};
use crate::rules::testing::{MapEvent, event};
use crate::rules::value::Value;

fn rule(name: &str, condition: &str) -> String {
    format!("- rule: {name}\n  desc: d\n  condition: >\n    {condition}\n  output: o\n  priority: info\n")
}

fn load(text: &str) -> Result<(RuleSet, String), String> {
    match RuleSet::load(&[("f", text)]) {
        Ok((rules, warnings)) => {
            Ok((rules, warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
        }
        Err(error) => Err(error.to_string()),
    }
}

fn loaded(text: &str) -> RuleSet {
    load(text).unwrap_or_else(|error| panic!("{text}\n{error}")).0
}

fn refused(text: &str) -> String {
    load(text).expect_err(text)
}

fn matches(rules: &RuleSet, event: &MapEvent) -> Vec<String> {
    let open = EventType::from_name("open").unwrap();
    let evaluation = rules.evaluate(open, event, &mut Scratch::default());
    evaluation.matches.iter().map(|rule| rule.name.clone()).collect()
}

fn holds(condition: &str, event: &MapEvent) -> bool {
    !matches(&loaded(&rule("r", condition)), event).is_empty()
}

fn named(name: &'static str) -> MapEvent {
    event(&[("proc.name", Value::from(name))])
}

fn list(elements: &[&'static str]) -> Value<'static> {
    Value::List(elements.iter().map(|element| Value::from(*element)).collect())
}

#[test]
fn trap_01_a_missing_value_fails_even_a_not_equal() {
    let nothing = event(&[]);
    assert!(!holds("proc.name != a", &nothing) && holds("not proc.name = a", &nothing));
    assert!(!holds("proc.name = a", &nothing) && !holds("proc.name in (a)", &nothing));
    assert!(!holds("proc.name exists", &nothing));
}

#[test]
fn trap_02_in_needs_every_element_of_a_list_and_intersects_needs_one() {
    let event = event(&[("vigie.proc.argv", list(&["a", "b"]))]);
    assert!(holds("vigie.proc.argv in (a, b, c)", &event) && !holds("vigie.proc.argv in (a)", &event));
    assert!(holds("vigie.proc.argv intersects (a)", &event));
    assert!(!holds("vigie.proc.argv intersects (c)", &event));
}

#[test]
fn trap_03_event_number_zero_is_a_way_to_write_never() {
    let text = format!(
        "- macro: never_true\n  condition: (evt.num=0)\n- macro: always_true\n  condition: (evt.num>=0)\n{}{}",
        rule("never", "evt.type = open and never_true"),
        rule("always", "evt.type = open and always_true and not never_true")
    );
    let (rules, warnings) = load(&text).unwrap();
    assert_eq!(matches(&rules, &event(&[])), ["always"]);
    assert!(warnings.contains("rule `never` can never match"), "{warnings}");
}

#[test]
fn trap_04_a_list_name_within_a_word_stays_a_word() {
    let lists = "- list: list_a\n  items: [a]\n- list: list_b\n  items: [b, c]\n";
    let rules = loaded(&format!(
        "{lists}{}",
        rule("r", "proc.name in (list_a, list_b, word, my-list_a, list_b.d, \"list_a\")")
    ));
    for (name, wanted) in [
        ("a", true),
        ("b", true),
        ("c", true),
        ("word", true),
        ("my-list_a", true),
        ("list_b.d", true),
        ("list_a", true),
        ("list_b", false),
        ("my-a", false),
        ("b.d", false),
    ] {
        assert_eq!(!matches(&rules, &named(name)).is_empty(), wanted, "{name}");
    }
}

#[test]
fn trap_05_list_items_keep_their_inner_quotes() {
    let text = format!(
        "- list: l\n  items: ['say \"hi\"', \"it's\", '\"already quoted\"', a=b]\n{}",
        rule("r", "proc.name in (l)")
    );
    let rules = loaded(&text);
    for name in ["say \"hi\"", "it's", "already quoted", "a=b"] {
        assert_eq!(matches(&rules, &named(name)), ["r"], "{name}");
    }
    assert!(matches(&rules, &named("say")).is_empty() && matches(&rules, &named("hi")).is_empty());
}

#[test]
fn trap_06_the_empty_text_is_a_value() {
    let with = |args: &'static str| event(&[("proc.args", Value::from(args))]);
    assert!(holds("proc.args = \"\"", &with("")) && !holds("proc.args = ''", &with("x")));
    assert!(!holds("proc.args != \"\"", &with("")) && holds("proc.args != \"\"", &with("x")));
    assert!(!holds("proc.args = \"\"", &event(&[])), "missing is not empty");
}

#[test]
fn trap_08_operators_in_quotes_are_text_and_backslash_blank_is_a_backslash() {
    let with = |line: &'static str| event(&[("proc.cmdline", Value::from(line))]);
    let condition = "proc.cmdline contains \"a = b and (c or not d)\"";
    assert!(holds(condition, &with("x a = b and (c or not d)")) && !holds(condition, &with("a = b")));
    assert!(holds(r#"proc.cmdline contains "x\ y""#, &with(r"x\y")));
    assert!(holds("proc.cmdline contains ' -c '", &with("sh -c x")));
}

#[test]
fn trap_09_macros_come_before_the_macros_that_use_them_and_rules_anywhere() {
    let outer = "- macro: caller\n  condition: callee and proc.pid = 7\n";
    let inner = "- macro: callee\n  condition: proc.name = a\n";
    let late = refused(&format!("{outer}{inner}{}", rule("r", "caller")));
    assert_eq!(late, "f:2:14: error: macro `callee` is defined after this macro; move it before");
    assert!(load(&format!("{inner}{outer}{}", rule("r", "caller"))).is_ok());
    let first = loaded(&format!("{}{inner}", rule("r", "callee")));
    assert_eq!(matches(&first, &named("a")), ["r"]);
}

#[test]
fn trap_10_an_appended_condition_brings_its_own_and() {
    let append = |condition: &str| {
        let more = format!("- rule: r\n  condition: {condition}\n  override:\n    condition: append\n");
        load(&format!("{}{more}", rule("r", "proc.name = a")))
    };
    assert_eq!(
        append("proc.pid = 7").unwrap_err(),
        "f:8:14: error: expected `and`, `or` or the end, found `proc.pid`"
    );
    // It is not put in brackets: the appended `or` reaches over the whole condition.
    let (rules, _) = append("and proc.pid = 7 or proc.name = b").unwrap();
    assert_eq!(matches(&rules, &named("b")), ["r"]);
    assert!(matches(&rules, &named("a")).is_empty());
}

#[test]
fn trap_11_a_row_of_an_exception_has_one_value_for_each_field() {
    let text = rule("r", "evt.type = open")
        + "  exceptions:\n  - name: e\n    fields: [proc.name, proc.pname]\n    values:\n    - [a, b]\n    - [c]\n";
    assert_eq!(
        refused(&text),
        "f:12:7: error: exception `e`: expected 2 values, one for each of its `fields`, found 1"
    );
}

#[test]
fn trap_12_a_number_has_no_beginning() {
    let message = refused(&rule("r", "proc.pid startswith 1"));
    assert!(message.starts_with("f:4:14: error: operator `startswith` cannot be used with field `proc.pid`"));
}

#[test]
fn trap_13_an_index_picks_one_ancestor() {
    let event = event(&[("proc.aname", list(&["sh", "sshd"])), ("proc.aname[2]", Value::from("sshd"))]);
    assert!(holds("proc.aname[2] in (sshd, cron)", &event) && !holds("proc.aname[2] in (sh)", &event));
    assert!(!holds("proc.aname[3] in (sshd)", &event));
    assert!(holds("proc.aname in (sshd)", &event) && holds("proc.aname = sh", &event));
}

#[test]
fn trap_14_a_star_of_glob_crosses_slashes() {
    let event = event(&[("fd.name", Value::from("/etc/ssh/keys/id"))]);
    assert!(holds("fd.name glob '/etc/*'", &event) && holds("fd.name glob /etc/*/id", &event));
    assert!(!holds("fd.name glob '/etc/?'", &event) && !holds("fd.name glob 'etc/*'", &event));
}

#[test]
fn trap_15_pmatch_compares_whole_components() {
    let with = |path: &'static str| event(&[("fd.name", Value::from(path))]);
    assert!(holds("fd.name pmatch (/var/run)", &with("/var/run/docker")));
    assert!(holds("fd.name pmatch (/var/run)", &with("/var/run")));
    assert!(!holds("fd.name pmatch (/var/run)", &with("/var")));
    assert!(!holds("fd.name pmatch (/var/run)", &with("/var/runner")));
    assert!(holds("fd.name pmatch (/home/*/.ssh)", &with("/home/ann/.ssh/id")));
    assert!(!holds("fd.name pmatch (/home/*/.ssh)", &with("/home/ann/x/.ssh")));
}

#[test]
fn trap_16_nesting_has_a_limit_and_an_error() {
    let nested = |depth: usize| format!("{}evt.type = open{}", "(".repeat(depth), ")".repeat(depth));
    assert!(load(&rule("r", &nested(MAX_DEPTH))).is_ok());
    let message = refused(&rule("r", &nested(MAX_DEPTH + 1)));
    assert_eq!(message, "f:4:1005: error: nested deeper than 1000 levels");
}

#[test]
fn trap_17_a_rule_of_the_same_name_replaces_and_keeps_the_place() {
    let first = rule("a", "evt.type = open and proc.name = x") + &rule("b", "evt.type = open");
    let files = [("one", first), ("two", rule("a", "evt.type = open and proc.name = y"))];
    let (rules, _) = RuleSet::load(&files).unwrap();
    assert_eq!(matches(&rules, &named("y")), ["a"]);
    assert_eq!(matches(&rules, &named("x")), ["b"]);
    assert_eq!(matches(&rules.with_matching(Matching::All), &named("y")), ["a", "b"]);
}

#[test]
fn trap_18_a_bare_value_that_is_a_field_is_text_and_warned_about() {
    let (rules, warnings) = load(&rule("r", "evt.type = open and proc.name = proc.pname")).unwrap();
    assert_eq!(matches(&rules, &named("proc.pname")), ["r"]);
    assert!(warnings.contains("f:4:37: warning: `proc.pname` is compared as text"), "{warnings}");
}

#[test]
fn trap_19_not_may_stand_right_before_a_bracket() {
    assert!(holds("not(proc.name = a)", &named("b")) && !holds("not(proc.name = a)", &named("a")));
    assert!(holds("not not(proc.name = a)", &named("a")));
    assert!(holds("evt.type = open and not(proc.name = a)or(proc.name = b)", &named("b")));
}

#[test]
fn trap_20_trailing_blanks_and_folding_change_nothing() {
    for condition in [
        ">\n    evt.type = open   \n    and proc.name = a  \n\n\n",
        "|\n    evt.type = open\n      and proc.name = a\n",
        ">-\n    evt.type = open and\n    proc.name = a\n",
        "evt.type = open\n    and proc.name = a   # a note\n",
        "\"  evt.type = open \\\n    and proc.name = a  \"\n",
    ] {
        let text = format!(
            "- rule: r\n  desc: d\n  condition: {condition}  output: >\n    o\n    p  \n  priority: info\n"
        );
        let rules = loaded(&text);
        assert_eq!(matches(&rules, &named("a")), ["r"], "{text}");
        assert!(matches(&rules, &named("b")).is_empty(), "{text}");
        assert_eq!(rules.rules()[0].render_output(&event(&[])).text, b"o p");
    }
}
