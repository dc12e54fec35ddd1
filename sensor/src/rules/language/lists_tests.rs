//! Where list names are expanded, to what, and what keeps it bounded.

use super::*;
use crate::rules::source::Source;

fn lists(definitions: &[(&str, &[&str])]) -> Lists {
    let mut lists = Lists::default();
    let place = Source::new("f", "").unwrap().place(0);
    for (name, items) in definitions {
        lists.define(name, items.iter().map(|item| (*item).to_owned()).collect(), place.clone());
    }
    lists
}

fn expand(definitions: &[(&str, &[&str])], text: &str) -> String {
    lists(definitions).expand(text).unwrap().text
}

#[test]
fn names_are_replaced_between_delimiters_only() {
    let shells: &[(&str, &[&str])] = &[("sh", &["bash", "zsh"])];
    assert_eq!(expand(shells, "p in (sh)"), "p in (bash, zsh)");
    assert_eq!(expand(shells, "p in (a,sh , b)"), "p in (a,bash, zsh , b)");
    assert_eq!(expand(shells, "p=sh"), "p=bash, zsh");
    for untouched in ["p in (dash)", "p in (sh-x)", "p in (x.sh)", "sh_x", "'a sh b'", "\"(sh)\"", "sh\"x\""]
    {
        assert_eq!(expand(shells, untouched), untouched);
    }
}

#[test]
fn mixed_lists_and_words_stand_side_by_side() {
    let both: &[(&str, &[&str])] = &[("list_a", &["a"]), ("list_b", &["b", "c"])];
    assert_eq!(expand(both, "(list_a, list_b, word)"), "(a, b, c, word)");
}

#[test]
fn items_that_cannot_stand_bare_are_quoted() {
    assert_eq!(expand(&[("l", &["a b", "'c d'", "\"e\""])], "(l)"), "(\"a b\", 'c d', \"e\")");
    assert_eq!(
        expand(&[("l", &["say \"hi\"", "it's", "k=v", ""])], "(l)"),
        r#"("say \"hi\"", "it's", "k=v", "")"#
    );
    assert_eq!(expand(&[("l", &[r#"a \" b"#])], "(l)"), r#"("a \" b")"#);
}

#[test]
fn an_empty_list_takes_one_comma_along() {
    let none: &[(&str, &[&str])] = &[("none", &[])];
    assert_eq!(expand(none, "(none)"), "()");
    assert_eq!(expand(none, "(a, none)"), "(a)");
    assert_eq!(expand(none, "(none, a)"), "( a)");
    assert_eq!(expand(none, "(a, none, b)"), "(a, b)");
    assert_eq!(expand(&[("none", &[]), ("l", &["none", "a", "none"])], "(l)"), "(a)");
    assert_eq!(expand(&[("l", &["none", "a"]), ("none", &[])], "(x, l)"), "(x, a)");
}

#[test]
fn an_item_that_names_an_earlier_list_becomes_its_items() {
    assert_eq!(expand(&[("a", &["x", "y"]), ("b", &["a", "z"])], "(b)"), "(x, y, z)");
    // One level: `a` was already looked at when `c` is replaced.
    assert_eq!(expand(&[("a", &["x"]), ("b", &["a"]), ("c", &["b"])], "(c)"), "(a)");
    // A name of a later list is found by the textual pass.
    assert_eq!(expand(&[("b", &["a"]), ("a", &["x"])], "(b)"), "(x)");
    assert_eq!(expand(&[("a", &["a", "x"])], "(a)"), "(a, x)");
}

#[test]
fn a_redefined_list_keeps_its_place_and_sees_more() {
    let mut lists = lists(&[("b", &["old"]), ("a", &["x"])]);
    lists.define("b", vec!["a".to_owned()], lists.place("a").unwrap().clone());
    assert_eq!(lists.expand("(b)").unwrap().text, "(x)");
}

#[test]
fn places_lead_back_to_the_name() {
    let mut lists = lists(&[("sh", &["bash", "zsh"])]);
    let expanded = lists.expand("p in (sh) and x").unwrap();
    assert_eq!(expanded.text, "p in (bash, zsh) and x");
    assert_eq!(expanded.origin(0), 0);
    assert_eq!(expanded.origin(8), 6);
    assert_eq!(expanded.origin(13), 6);
    assert_eq!(expanded.origin(21), 14);
    assert_eq!(expanded.origin(22), 15);
}

#[test]
fn bombs_hit_a_limit() {
    let names: Vec<String> = (0..60).map(|n| format!("l{n}")).collect();
    let mut doubling = lists(&[]);
    let place = Source::new("f", "").unwrap().place(0);
    for pair in names.windows(2) {
        doubling.define(&pair[0], vec![pair[1].clone(); 2], place.clone());
    }
    doubling.define("l59", Vec::new(), place.clone());
    assert!(matches!(doubling.expand("(l0)"), Err((1, Problem::TooLarge { .. }))));

    let mut chain = lists(&[]);
    for n in 0..MAX_NESTING + 2 {
        chain.define(&format!("c{n}"), vec![format!("c{}", n + 1)], place.clone());
    }
    assert!(matches!(chain.expand("(c0)"), Err((1, Problem::TooDeep(_)))));
}
