//! Broken files: each is refused at the line and column of the mistake. And hostile ones: each is refused within
//! bounds of time and memory.

use std::fs::{self, File};

use crate::observation::feeders;
use crate::rules::check;
use crate::rules::rule_set::RuleSet;

const HEAD: &str = "- rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: ";

fn load(text: &str) -> Result<String, String> {
    match RuleSet::load(&[("f", text)]) {
        Ok((_, warnings)) => Ok(warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
        Err(error) => Err(error.to_string()),
    }
}

fn refused(text: &str) -> String {
    load(text).expect_err("it should have been refused")
}

/// With a condition in the first rule.
fn condition(condition: &str) -> String {
    format!("{HEAD}{condition}\n")
}

#[test]
fn broken_conditions_are_refused_at_their_line_and_column() {
    for (text, wanted) in [
        ("evt.type = open adn proc.name = a", "f:5:30: error: expected `and`, `or` or the end, found `adn`"),
        (
            "evt.type = open and (proc.name = a or proc.name = b",
            "f:5:34: error: expected a `)` that closes this",
        ),
        (
            ">\n    evt.type = open\n    and proc.nmae = a",
            "f:7:9: error: unknown field `proc.nmae`; did you mean `proc.name`?",
        ),
        ("evt.type = open and spawned", "f:5:34: error: unknown macro `spawned`"),
        ("evt.type = open and proc.name = \"a\\q\"", "f:5:48: error: unknown escape `\\q` in a quoted text"),
        (
            "evt.type=open andx",
            "f:5:28: error: expected `and`, `or` or the end, found `andx`; is a blank missing after `and`?",
        ),
        ("evt.type = open and proc.name startwith a", "f:5:44: error: expected an operator such as"),
        (
            "evt.type = open and tolwer(proc.name) = a",
            "f:5:34: error: unknown transformer `tolwer`; did you mean `tolower`?",
        ),
    ] {
        let message = refused(&condition(text));
        assert!(message.starts_with(wanted), "{text}\n{message}");
    }
}

#[test]
fn broken_files_are_refused_at_their_line_and_column() {
    let good = condition("evt.type = open");
    let in_a_word =
        format!("- list: sh\n  items: [bash]\n{}", condition("evt.type = open and proc.name in (sh)x"));
    for (text, wanted) in [
        (good.replace("rule: r", "rulle: r"), "f:1:3: warning: ignored: an item that is no rule"),
        (good.replace("  desc", "\tdesc"), "f:2:1: error: a tab in the indentation"),
        (format!("{good}  desc: e\n"), "f:6:3: error: key `desc` is given twice"),
        (good.replace("info", "urgent"), "f:4:13: error: expected a priority"),
        (in_a_word, "f:7:51: error: expected `and`, `or` or the end, found `x`"),
        (
            format!("{good}  exceptions:\n  - name: e\n    fields: [proc.name]\n    values: [[a, b]]\n"),
            "f:9:14: error: exception `e`: expected 1 values, one for each of its `fields`, found 2",
        ),
        (
            "- rule: q\n  condition: and a\n  override: {condition: append}\n".to_owned(),
            "f:1:9: error: no rule `q` comes before this",
        ),
        (good.replace("output: o", "output: \"%proc.nam\""), "f:3:12: error: unknown field `proc.nam`"),
        (good.replace("desc: d", "desc: [d]"), "f:2:9: error: expected a description, found a sequence"),
    ] {
        let message = load(&text).unwrap_or_else(|error| error);
        assert!(message.starts_with(wanted), "{text}\n{message}");
    }
}

/// What `vigie rules check` prints for a file, without its last line.
fn report(text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("f.yaml"), text).unwrap();
    let report = check::check(&[directory.path().join("f.yaml")], feeders).text();
    let report = report.replace(&format!("{}/", directory.path().display()), "");
    let (report, last) = report.trim_end().rsplit_once('\n').unwrap();
    assert_eq!(last, "failed: 1 error");
    report.to_owned()
}

/// Compares the reports on files with what is wanted.
fn reported<const N: usize>(files: [(String, &str); N]) {
    for (text, wanted) in files {
        assert_eq!(report(&text), wanted, "{text}");
    }
}

#[test]
fn a_report_on_broken_grammar_has_the_line_and_a_mark_under_the_fault() {
    reported([
        (
            condition("evt.type = open adn proc.name = a"),
            "f.yaml:5:30: error: expected `and`, `or` or the end, found `adn`; did you mean `and`?\n\
             \x20     condition: evt.type = open adn proc.name = a\n\
             \x20                                ^",
        ),
        (
            condition(">\n    evt.type = open\n    and proc.name in (cat, dog\n    and fd.name = /x"),
            "f.yaml:8:5: error: expected `,` or `)`, found `and`\n\
             \x20       and fd.name = /x\n\
             \x20       ^",
        ),
        (
            condition("\"evt.type = open and proc.args = \\\"a b\\\" and fd.nmae = x\""),
            "f.yaml:5:59: error: unknown field `fd.nmae`; did you mean `fd.name`?\n\
             \x20     condition: \"evt.type = open and proc.args = \\\"a b\\\" and fd.nmae = x\"\n\
             \x20                                                             ^",
        ),
        (
            condition("evt.type = open and not"),
            "f.yaml:5:37: error: expected a blank or `(` after `not`, found the end\n\
             \x20     condition: evt.type = open and not\n\
             \x20                                       ^",
        ),
    ]);
}

#[test]
fn a_report_on_a_wrong_use_of_a_field_says_what_was_expected() {
    reported([
        (
            condition("evt.type = open and proc.pid startswith 1"),
            "f.yaml:5:43: error: operator `startswith` cannot be used with field `proc.pid`, which is a number; \
             expected one of = != < <= > >= in intersects exists\n\
             \x20     condition: evt.type = open and proc.pid startswith 1\n\
             \x20                                             ^",
        ),
        (
            condition("evt.type = open and proc.aname[x] = a"),
            "f.yaml:5:34: error: field `proc.aname`: expected a number in brackets, found `x`\n\
             \x20     condition: evt.type = open and proc.aname[x] = a\n\
             \x20                                    ^",
        ),
    ]);
}

#[test]
fn a_report_on_other_keys_points_into_them() {
    let with_output =
        condition("evt.type = open").replace("output: o", "output: >\n    a file\n    é=%fd.nme");
    let exception =
        "  exceptions:\n  - name: e\n    fields: [fd.name]\n    comps: [startswth]\n    values: [[a]]\n";
    reported([
        (
            with_output,
            "f.yaml:5:7: error: unknown field `fd.nme`; did you mean `fd.name`?\n\
             \x20       é=%fd.nme\n\
             \x20         ^",
        ),
        (
            condition("evt.type = open") + exception,
            "f.yaml:9:13: error: expected an operator that takes a value, found `startswth`; did you mean \
             `startswith`?\n\
             \x20       comps: [startswth]\n\
             \x20               ^",
        ),
        (
            condition("evt.type = open").replace("condition", "condtion"),
            "f.yaml:1:3: error: rule `r` needs the key `condition`; is `condtion` meant to be it?\n\
             \x20   - rule: r\n\
             \x20     ^",
        ),
        (
            format!("- list: l\n  items: [bash\n{}", condition("evt.type = open")),
            "f.yaml:3:7: error: not valid YAML: illegal placement of ':' indicator; is the `[` of line 2, \
             column 10 closed?\n\
             \x20   - rule: r\n\
             \x20         ^",
        ),
    ]);
}

#[test]
fn a_list_name_in_a_word_is_no_list() {
    let text = format!("- list: sh\n  items: [bash]\n{}", condition("evt.type = open and my_sh"));
    assert!(refused(&text).starts_with("f:7:34: error: unknown macro `my_sh`"));
}

#[test]
fn bombs_of_aliases_are_refused_at_the_alias() {
    let doubled =
        |level: usize| format!("- list: l{level}\n  items: [&a{level} [*a{0}, *a{0}]]\n", level - 1);
    let levels: String = (1..30).map(doubled).collect();
    let text = format!("- list: l\n  items: &a0 [x]\n{levels}");
    let message = refused(&text);
    assert!(message.starts_with("f:4:16: error: YAML aliases are not accepted"), "{message}");
    assert!(refused("- &a {list: l, items: []}\n- *a\n").starts_with("f:2:3: error: YAML aliases"));
}

#[test]
fn depth_is_refused_where_it_goes_too_far() {
    let message = refused(&condition(&"(".repeat(10_000)));
    assert_eq!(message, "f:5:1014: error: nested deeper than 1000 levels");
    let message = refused(&condition(&"not (".repeat(10_000)));
    assert_eq!(message, "f:5:5018: error: nested deeper than 1000 levels");
    let message = refused(&condition(&"tolower(".repeat(10_000)));
    assert_eq!(message, "f:5:814: error: nested deeper than 100 levels");
    // Repeated negations cancel and nest nothing.
    assert!(load(&condition(&format!("{}evt.type = open", "not ".repeat(10_000)))).is_ok());
    let message = refused(&format!("- {}", "[".repeat(10_000)));
    assert!(message.starts_with("f:1:"), "{message}");
}

#[test]
fn what_no_text_file_holds_is_refused_and_a_byte_order_mark_is_not() {
    let good = condition("evt.type = open");
    assert!(load(&format!("\u{feff}{good}")).is_ok());
    let with_nul = good.replace("desc: d", "desc: d\0");
    assert_eq!(refused(&with_nul), "f:2:10: error: a rules file cannot hold a NUL character");
    assert!(refused(&condition("\"evt.type = '\\\\x00'\"")).contains("f:5:"));
    assert!(refused("- a: 1\n\tb: 2\n").starts_with("f:2:1: error: a tab"));
}

#[test]
fn keys_given_twice_and_wrong_types_are_refused_in_place() {
    let good = condition("evt.type = open");
    for (text, wanted) in [
        (format!("{good}  enabled: true\n  enabled: false\n"), "f:7:3: error: key `enabled` is given twice"),
        (format!("{good}  enabled: perhaps\n"), "f:6:12: error: expected `true` or `false`"),
        (format!("{good}  tags: x\n"), "f:6:9: error: expected a list of tags"),
        (format!("{good}  exceptions: x\n"), "f:6:15: error: expected a list of exceptions"),
        (format!("{good}  source: [x]\n"), "f:6:11: error: expected a source"),
        (format!("{good}  capture: maybe\n"), "f:6:12: error: expected `true` or `false`"),
        ("- rule: {a: b}\n".to_owned(), "f:1:9: error: expected a name, found a mapping"),
        ("- list: l\n  items: {a: b}\n".to_owned(), "f:2:10: error: expected a list of texts and numbers"),
        ("- required_engine_version: [1]\n".to_owned(), "f:1:28: error: expected a number"),
        ("rule: r\n".to_owned(), "f:1:1: error: expected a list of rules"),
    ] {
        let message = refused(&text);
        assert!(message.starts_with(wanted), "{text}\n{message}");
    }
}

#[test]
fn macros_that_come_back_to_themselves_are_refused() {
    let looped =
        "- macro: a\n  condition: evt.type = open\n- macro: b\n  condition: a\n- macro: a\n  condition: b\n";
    let message = refused(&format!("{looped}{}", condition("a")));
    assert!(message.starts_with("f:") && message.contains("refers to itself"), "{message}");
    let message = refused(&format!("- macro: a\n  condition: not a\n{}", condition("a")));
    assert_eq!(message, "f:2:18: error: macro `a` refers to itself");
}

#[test]
fn a_list_that_names_itself_or_a_ring_of_lists_ends() {
    // As in Falco a list does not see itself: its own name is a word in it.
    let own = format!("- list: a\n  items: [a, b]\n{}", condition("evt.type = open and proc.name in (a)"));
    assert_eq!(load(&own), Ok(String::new()));
    let ring = format!(
        "- list: a\n  items: [b, b]\n- list: b\n  items: [a, a]\n{}",
        condition("evt.type = open and proc.name in (a, b)")
    );
    assert_eq!(load(&ring), Ok(String::new()));
}

#[test]
fn a_regular_expression_of_a_megabyte_is_refused_in_place() {
    let message =
        refused(&condition(&format!("evt.type = open and proc.name regex {}", "a".repeat(1 << 20))));
    assert_eq!(message, "f:5:50: error: a value of more than 65536 bytes; no event holds one so long");
}

#[test]
fn a_huge_file_is_refused_before_it_is_read_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("huge.yaml");
    File::create(&path).unwrap().set_len(100 << 20).unwrap();
    let message = check::load(&[path]).unwrap_err().to_string();
    assert!(
        message.contains("huge.yaml:1:1: error: the file has") && message.contains("split it"),
        "{message}"
    );
}
