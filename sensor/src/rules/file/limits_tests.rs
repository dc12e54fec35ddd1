//! What hostile rules files run into.

use super::*;

fn rule(name: &str, condition: &str) -> String {
    format!("- rule: {name}\n  desc: d\n  output: o\n  priority: info\n  condition: {condition}\n")
}

fn load_all(files: &[String]) -> Result<(RuleSet, Vec<Warning>), String> {
    let files: Vec<_> = (0..).zip(files).map(|(number, text): (u32, _)| (number.to_string(), text)).collect();
    load(&files).map_err(|error| error.to_string())
}

/// What a load that is refused says first.
fn refused(files: &[String]) -> String {
    let error = load_all(files).map(|(rules, _)| rules.rules().len()).unwrap_err();
    error.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn rules_are_counted() {
    let rule_of = |n| format!("- {{rule: r{n}, desc: d, output: o, priority: info, condition: evt.num=0}}\n");
    let rules = |numbers: std::ops::Range<usize>| numbers.map(rule_of).collect::<Vec<_>>().concat();
    let (one, two) = (rules(0..MAX_RULES / 2), rules(MAX_RULES / 2..MAX_RULES));
    assert_eq!(load_all(&[one.clone(), two.clone()]).unwrap().0.rules().len(), MAX_RULES);
    assert_eq!(refused(&[one, two, rule("more", "evt.num=0")]), "2:1:9: error: more than 10000 rules");
}

#[test]
fn files_are_bounded_together() {
    let large = format!("# {}\n", "x".repeat(MAX_TOTAL_SIZE / 2 - 100));
    assert!(load_all(&[large.clone(), large.clone()]).is_ok());
    assert_eq!(
        refused(&[large.clone(), large.clone(), large]),
        "2:1:1: error: the files up to here have more than 8388608 bytes together; load fewer at once"
    );
    let values = format!("- list: l\n  items:\n{}", "  - a\n".repeat(MAX_VALUES / 3));
    let message = refused(&[values.clone(), values.clone(), values]);
    assert!(message.starts_with("2:1:1: error: more than 200000 YAML values"), "{message}");
}

#[test]
fn written_comparisons_are_bounded_over_all_rules_and_macros() {
    let half = format!("evt.num=0{}", " or evt.num=0".repeat(MAX_TERMS / 4));
    let (one, two) = (rule("a", &half), rule("b", &half));
    let in_macro = format!("- macro: m\n  condition: {half}\n");
    assert!(load_all(&[one.clone(), two.clone(), in_macro.clone()]).is_ok());
    let message = refused(&[one, two, rule("c", &half), in_macro]);
    assert!(
        message.starts_with("2:5:14: error: more than 100000 comparisons and names of macros"),
        "{message}"
    );
}

#[test]
fn comparisons_are_bounded_with_macros_put_in() {
    let mut text = "- macro: m0\n  condition: proc.pid=1\n".to_owned();
    for depth in 1..5 {
        let condition = vec![format!("m{}", depth - 1); 10].join(" or ");
        text += &["- macro: m", &depth.to_string(), "\n  condition: ", &condition, "\n"].concat();
    }
    let rules = |count: usize| (0..count).map(|n| rule(&format!("r{n}"), "m4")).collect::<String>();
    assert!(load_all(&[text.clone(), rules(MAX_CHECKS / 10_000)]).is_ok());
    let message = refused(&[text, rules(MAX_CHECKS / 10_000 + 1)]);
    assert!(message.contains("error: more than 500000 comparisons in all rules"), "{message}");
}

#[test]
fn the_memory_of_comparisons_is_bounded_before_it_is_taken() {
    let long = "x".repeat(60_000);
    for operator in ["contains", "icontains", "glob", "iglob"] {
        let rules = (0..60).map(|n| rule(&format!("r{n}"), &format!("proc.cmdline {operator} {n}{long}")));
        let message = refused(&[rules.collect()]);
        assert!(message.contains("error: more than 33554432 bytes of memory"), "{operator}: {message}");
    }
    let paths = vec!["/a".repeat(500); 1000].join(",");
    let message = refused(&[rule("r", &format!("fd.name pmatch ({paths})"))]);
    assert!(message.starts_with("0:5:14: error: more than 33554432 bytes of memory"), "{message}");
    let leaves: Vec<_> = (0..70_000).map(|n| format!("proc.pid={n}")).collect();
    let message = refused(&[rule("r", &leaves.join(" or "))]);
    assert!(message.contains("error: more than 33554432 bytes of memory"), "{message}");
}

#[test]
fn what_is_written_again_costs_nothing_again() {
    let long = "x".repeat(60_000);
    let rules = (0..60).map(|n| rule(&format!("r{n}"), &format!("proc.cmdline contains {long}")));
    assert_eq!(load_all(&[rules.collect()]).unwrap().0.leaves().len(), 1);
}

#[test]
fn exceptions_are_counted() {
    let exception = |n: usize| format!("  - {{name: e{n}, fields: proc.name, values: [a]}}\n");
    let exceptions = |count: usize| (0..count).map(exception).collect::<String>();
    let text = |count| format!("{}  exceptions:\n{}", rule("r", "evt.type=open"), exceptions(count));
    assert!(load_all(&[text(exceptions::MAX_EXCEPTIONS)]).is_ok());
    assert!(refused(&[text(exceptions::MAX_EXCEPTIONS + 1)]).contains("more than 1000 exceptions"));
    let one_more =
        "- rule: r\n  override: {exceptions: append}\n  exceptions:\n".to_owned() + &exception(1000);
    let message = refused(&[text(exceptions::MAX_EXCEPTIONS), one_more]);
    assert_eq!(message, "1:4:12: error: more than 1000 exceptions in one rule");
}

#[test]
fn warnings_of_one_condition_are_counted() {
    let literals = vec!["<NA>"; 500].join(",");
    let condition = format!("evt.type=open and proc.name in ({literals})");
    let (_, warnings) = load_all(&[rule("a", &condition) + &rule("b", &condition)]).unwrap();
    let compared = |warning: &&Warning| warning.concern == Concern::ComparesNotAvailable;
    assert_eq!(warnings.iter().filter(compared).count(), 2 * MAX_WARNINGS_OF_ONE);
}

#[test]
fn tags_that_are_appended_again_count_once() {
    let append = |tag: &str| format!("- rule: r\n  tags: [{tag}]\n  override: {{tags: append}}\n");
    let text = rule("r", "evt.type=open") + "  tags: [a]\n" + &append("b") + &append("a") + &append("c");
    assert_eq!(load_all(&[text]).unwrap().0.rules()[0].tags, ["a", "b", "c"]);
}

#[test]
fn a_rule_that_may_be_skipped_is_skipped_for_a_field_however_deep_in_macros() {
    let macros = "- macro: b\n  condition: bogus.y=1\n- macro: a\n  condition: bogus.x=1 and b\n".to_owned();
    let flag = "  skip-if-unknown-filter: true\n";
    let (rules, warnings) = load_all(&[macros.clone(), rule("r", "evt.type=open and a") + flag]).unwrap();
    assert!(rules.rules().is_empty());
    assert_eq!(
        warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["0:4:14: warning: rule `r` skipped: unknown field `bogus.x`"]
    );
    let first = "bogus.z=1 and a";
    let (_, warnings) = load_all(&[macros.clone(), rule("r", first) + flag]).unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let message = refused(&[macros.clone(), rule("r", "evt.type=open and a")]);
    assert_eq!(message, "0:4:14: error: unknown field `bogus.x`");
    let broken = macros + "- macro: c\n  condition: a and\n";
    let message = refused(&[broken, rule("r", "bogus.z=1 and c") + flag]);
    assert!(message.starts_with("0:6:19: error: expected a field"), "{message}");
}

#[test]
fn an_unknown_macro_is_compared_with_names_only_so_often() {
    let count = LoadError::MAX_FAULTS + 50;
    let macros: Vec<_> = (0..count).map(|n| format!("- macro: m{n:03}\n  condition: x{n:03}\n")).collect();
    let all: Vec<_> = (0..count).map(|n| format!("m{n:03}")).collect();
    let files =
        [macros.concat(), format!("- macro: all\n  condition: {}\n", all.join(" or ")) + &rule("r", "all")];
    let files: Vec<_> = files.iter().map(|text| ("f", text)).collect();
    let error = load(&files).unwrap_err();
    assert_eq!(error.faults.len(), LoadError::MAX_FAULTS);
}
