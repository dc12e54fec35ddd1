//! Changes of earlier items, in both ways of writing them.

use crate::rules::rule_set::{Matching, RuleSet, Scratch};
use crate::rules::testing::event;
use crate::rules::{EventType, Priority, Value};

const RULE: &str = "- rule: r\n  desc: d\n  condition: evt.type = open and proc.name = a\n  output: o %proc.name\n  priority: info\n  tags: [x]\n";

fn load(text: &str) -> Result<(RuleSet, Vec<String>), String> {
    match RuleSet::load(&[("f", text)]) {
        Ok((rules, warnings)) => Ok((rules, warnings.iter().map(ToString::to_string).collect())),
        Err(error) => Err(error.to_string()),
    }
}

fn loaded(text: &str) -> RuleSet {
    load(text).unwrap_or_else(|error| panic!("{text}\n{error}")).0
}

fn refused(text: &str) -> String {
    load(text).expect_err(text)
}

/// Whether a process of this name that opens a file makes the rules match.
fn matches(rules: &RuleSet, name: &'static str) -> bool {
    let event = event(&[("proc.name", Value::from(name)), ("proc.pid", Value::Number(7))]);
    !rules.evaluate(EventType::from_name("open").unwrap(), &event, &mut Scratch::default()).matches.is_empty()
}

#[test]
fn texts_are_appended_behind_one_blank() {
    let more = "- rule: r\n  condition: or evt.type = open and proc.pid = 7\n  output: p %proc.pid\n  desc: e\n  tags: [x, y]\n  \
                override: {condition: append, output: append, desc: append, tags: append}\n";
    let rules = loaded(&format!("{RULE}{more}"));
    let rule = &rules.rules()[0];
    assert_eq!((&*rule.desc, rule.tags.join(" ")), ("d e", "x y".to_owned()));
    let event = event(&[("proc.name", Value::from("n")), ("proc.pid", Value::Number(7))]);
    assert_eq!(rule.render_output(&event).text, b"o n p 7");
    assert!(matches(&rules, "b"));
}

#[test]
fn what_is_replaced_leaves_the_rest_alone() {
    let more = "- rule: r\n  condition: evt.type = open and proc.name = b\n  priority: error\n  enabled: false\n  tags: [z]\n  \
                override:\n    condition: replace\n    priority: replace\n    enabled: replace\n    tags: replace\n\
                - rule: r\n  enabled: true\n  override: {enabled: replace}\n";
    let rules = loaded(&format!("{RULE}{more}"));
    let rule = &rules.rules()[0];
    assert_eq!((&*rule.desc, rule.tags.join(" "), rule.priority), ("d", "z".to_owned(), Priority::Error));
    assert!(rule.enabled && matches(&rules, "b") && !matches(&rules, "a"));
}

#[test]
fn lists_and_macros_are_appended_to_and_replaced() {
    let text = "- list: l\n  items: [a]\n- macro: m\n  condition: proc.name in (l)\n\
                - rule: r\n  desc: d\n  condition: evt.type = open and m\n  output: o\n  priority: info\n";
    let with = |more: &str| loaded(&format!("{text}{more}"));
    let append = with("- list: l\n  items: [b]\n  override: {items: append}\n");
    assert!(matches(&append, "a") && matches(&append, "b"));
    let replace = with("- list: l\n  items: [b]\n  override: {items: replace}\n");
    assert!(!matches(&replace, "a") && matches(&replace, "b"));
    let append = with("- macro: m\n  condition: and proc.pid = 8\n  append: true\n");
    assert!(!matches(&append, "a"));
    let replace = with("- macro: m\n  condition: proc.name = c\n  override: {condition: replace}\n");
    assert!(matches(&replace, "c") && !matches(&replace, "a"));
}

#[test]
fn a_macro_that_is_appended_to_sees_what_came_in_between() {
    let text = "- macro: m\n  condition: proc.name = a\n- macro: late\n  condition: proc.pid = 7\n";
    let rule = RULE.replace("proc.name = a", "m");
    let append = "- macro: m\n  condition: and late\n  override: {condition: append}\n";
    assert!(matches(&loaded(&format!("{text}{append}{rule}")), "a"));
    let before = format!(
        "- macro: m\n  condition: proc.name = a and late\n- macro: late\n  condition: proc.pid = 7\n{rule}"
    );
    assert!(refused(&before).contains("macro `late` is defined after this macro"));
}

#[test]
fn the_older_way_appends_conditions_and_exceptions() {
    let more = "- rule: r\n  append: true\n  desc: ignored\n  condition: and proc.pid = 8\n";
    let (rules, warnings) = load(&format!("{RULE}{more}")).unwrap();
    assert!(!matches(&rules, "a"));
    assert_eq!(rules.rules()[0].desc, "d");
    assert!(warnings[0].contains("f:8:3: warning: `append` is deprecated"), "{warnings:?}");
    assert!(warnings[1].contains("f:9:3: warning: ignored: `append: true` adds conditions"), "{warnings:?}");
    let kept =
        "- rule: r\n  append: false\n  desc: e\n  condition: evt.type = creat\n  output: o\n  priority: 1\n";
    assert_eq!(loaded(&format!("{RULE}{kept}")).rules()[0].desc, "e");
}

#[test]
fn broken_changes_are_refused_where_they_break() {
    for (more, wanted) in [
        ("- rule: q\n  desc: e\n  override: {desc: append}\n", "f:7:9: error: no rule `q` comes before this"),
        (
            "- rule: r\n  override: {desc: append}\n",
            "f:8:14: error: `override` names `desc`, and this item does not give it",
        ),
        (
            "- rule: r\n  desc: e\n  tags: [y]\n  override: {desc: append}\n",
            "f:9:3: error: `tags` is given but not named in `override`; add `tags: append` or `tags: replace` there",
        ),
        (
            "- rule: r\n  priority: info\n  override: {priority: append}\n",
            "f:9:14: error: `priority` of a rule cannot be overridden by `append`; append goes with `condition`",
        ),
        (
            "- rule: r\n  source: syscall\n  override: {source: replace}\n",
            "f:9:14: error: `source` of a rule cannot",
        ),
        (
            "- rule: r\n  desc: e\n  override: {desc: remove}\n",
            "f:9:20: error: expected `append` or `replace`, found `remove`",
        ),
        (
            "- rule: r\n  desc: e\n  override: desc\n",
            "f:9:13: error: expected a mapping such as `condition: append`",
        ),
        (
            "- rule: r\n  desc: e\n  append: true\n  override: {desc: append}\n",
            "f:10:13: error: `append: true` cannot be combined",
        ),
        ("- rule: r\n  append: true\n", "f:7:9: error: rule `r` appends neither a condition nor exceptions"),
        (
            "- rule: r\n  source: k8s_audit\n  desc: e\n  override: {desc: append}\n",
            "f:7:9: error: rule `r` was defined before with another",
        ),
        (
            "- macro: ms\n  condition: and a\n  append: true\n",
            "f:7:10: error: no macro `ms` comes before this",
        ),
        (
            "- list: l\n  items: [a]\n  override: {item: append}\n",
            "f:9:14: error: `item` of a list cannot be overridden",
        ),
        (
            "- list: l\n  items: [a]\n  override: {items: replace}\n",
            "f:7:9: error: no list `l` comes before this",
        ),
    ] {
        let message = refused(&format!("{RULE}{more}"));
        assert!(message.contains(wanted), "{more}\n{message}");
    }
}

#[test]
fn an_error_in_an_appended_text_points_into_it() {
    let files = [
        ("a", RULE),
        (
            "b",
            "- rule: r\n  condition: >\n    and proc.name = b\n    and proc.nme = c\n  override: {condition: append}\n",
        ),
    ];
    let message = RuleSet::load(&files).unwrap_err().to_string();
    assert!(message.starts_with("b:4:9: error: unknown field `proc.nme`"), "{message}");
}

#[test]
fn other_rules_keep_their_places() {
    let second = RULE.replace("rule: r", "rule: s").replace("proc.name = a", "proc.pid = 7");
    let more = "- rule: r\n  condition: or evt.type = open\n  override: {condition: append}\n";
    let rules = loaded(&format!("{RULE}{second}{more}")).with_matching(Matching::All);
    let names: Vec<_> = rules.rules().iter().map(|rule| &*rule.name).collect();
    assert_eq!(names, ["r", "s"]);
}
