//! What the grammar takes, what it refuses, and where it says so.

use super::*;

/// The tree in brackets and prefix form, so that precedence shows.
fn show(tree: &Tree) -> String {
    let all = |trees: &[Tree]| trees.iter().map(show).collect::<Vec<_>>().join(" ");
    match tree {
        Tree::And(trees) => format!("(and {})", all(trees)),
        Tree::Or(trees) => format!("(or {})", all(trees)),
        Tree::Not(tree) => format!("(not {})", show(tree)),
        Tree::Macro { name, .. } => name.clone(),
        Tree::Check(check) => {
            let Check { left, operator, right, operator_at: _ } = &**check;
            let literals = match right {
                Right::One(literal) => std::slice::from_ref(literal),
                Right::Many(literals) => literals,
                Right::Each(..) | Right::Operand(_) => return check.to_string(),
                Right::Nothing => &[],
            };
            let literals: Vec<_> =
                literals.iter().map(|literal| String::from_utf8_lossy(&literal.bytes).into_owned()).collect();
            format!("{left} {} {}", operator.name(), literals.join("|"))
        }
    }
}

fn parsed(text: &str) -> String {
    show(&parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}")))
}

fn refused(text: &str) -> (usize, String) {
    let error = parse(text).expect_err(text);
    (error.at, error.problem.to_string())
}

#[test]
fn not_binds_before_and_before_or() {
    assert_eq!(parsed("a or b and c"), "(or a (and b c))");
    assert_eq!(parsed("a and b or c and d"), "(or (and a b) (and c d))");
    assert_eq!(parsed("not a and b"), "(and (not a) b)");
    assert_eq!(parsed("(a or b) and c"), "(and (or a b) c)");
    assert_eq!(parsed("not (a or b)"), "(not (or a b))");
    assert_eq!(parsed("((a))"), "a");
}

#[test]
fn negations_cancel_and_may_touch_a_bracket() {
    assert_eq!(parsed("not not a"), "a");
    assert_eq!(parsed("not not not a"), "(not a)");
    assert_eq!(parsed("not(a)"), "(not a)");
    assert_eq!(parsed("not not(a and b)"), "(and a b)");
    assert_eq!(parsed("a and not(b)or(c)"), "(or (and a (not b)) c)");
}

#[test]
fn names_that_begin_like_keywords_are_names() {
    assert_eq!(parsed("nothing"), "nothing");
    assert_eq!(parsed("order and android or not_a"), "(or (and order android) not_a)");
    assert_eq!(parsed("proc.name = order"), "proc.name = order");
    assert_eq!(parsed("proc.name = and and a"), "(and proc.name = and a)");
}

#[test]
fn blanks_are_free_around_symbols_and_lists() {
    assert_eq!(parsed("proc.name=bash"), "proc.name = bash");
    assert_eq!(parsed("\t proc.name\n==\r\n bash \n"), "proc.name = bash");
    assert_eq!(parsed("proc.pid>=1 and proc.pid<=2"), "(and proc.pid >= 1 proc.pid <= 2)");
    assert_eq!(parsed("proc.name in(a,b)"), "proc.name in a|b");
    assert_eq!(parsed("proc.name in (  a ,\n 'b c' )"), "proc.name in a|b c");
    assert_eq!(parsed("proc.name in ()"), "proc.name in ");
    assert_eq!(parsed("(fd.name exists)"), "fd.name exists ");
    assert_eq!(parsed("proc.aname[2] in (a)"), "proc.aname[2] in a");
}

#[test]
fn operators_inside_quotes_are_text() {
    assert_eq!(parsed("proc.cmdline contains \"a or b = (c)\""), "proc.cmdline contains a or b = (c)");
    assert_eq!(parsed("proc.args = \"\""), "proc.args = ");
    assert_eq!(parsed(r#"proc.cmdline contains "x\ y""#), r"proc.cmdline contains x\y");
}

#[test]
fn a_missing_blank_is_said() {
    assert_eq!(
        refused("a orb"),
        (2, "expected `and`, `or` or the end, found `orb`; is a blank missing after `or`?".to_owned())
    );
    assert_eq!(refused("a or\"b\"").0, 4);
    assert_eq!(refused("proc.name contains\"x\"").0, 18);
    assert_eq!(refused("proc.name startswithx y").0, 10);
    assert_eq!(
        refused("a)"),
        (1, "expected `and`, `or` or the end, found `)` without an opening bracket".to_owned())
    );
    assert_eq!(refused("a and (b or (c)"), (6, "expected a `)` that closes this, found the end".to_owned()));
}

#[test]
fn what_is_missing_is_named_with_its_place() {
    assert_eq!(refused(""), (0, "expected a field, a macro, `not` or `(`, found the end".to_owned()));
    assert_eq!(refused("a and "), (6, "expected a field, a macro, `not` or `(`, found the end".to_owned()));
    assert_eq!(refused("and a").0, 0);
    assert_eq!(refused("a or or b").0, 5);
    assert_eq!(refused("a and not"), (9, "expected a blank or `(` after `not`, found the end".to_owned()));
    assert_eq!(refused("()").0, 1);
    assert_eq!(
        refused("proc.name"),
        (9, "expected an operator such as `=`, `in` or `startswith`, found the end".to_owned())
    );
    assert!(refused("proc.name startwith x").1.ends_with("found `startwith`; did you mean `startswith`?"));
    assert_eq!(refused("proc.name ="), (11, "expected a value, found the end".to_owned()));
    assert_eq!(refused("proc.name = (a)").0, 12);
    assert_eq!(refused("proc.name in /a"), (13, "expected `(` after `in`, found `/a`".to_owned()));
    assert_eq!(refused("proc.name in and a"), (13, "expected `(` after `in`, found `and`".to_owned()));
    assert!(refused("proc.name in a, b").1.contains("several values stand in brackets"));
    assert_eq!(refused("proc.name in (a,)").0, 16);
    assert_eq!(refused("proc.name in (a b)"), (16, "expected `,` or `)`, found `b`".to_owned()));
    assert_eq!(refused("proc.name in (a").0, 15);
    assert_eq!(refused("(proc.name = a b)"), (15, "expected `and`, `or` or `)`, found `b`".to_owned()));
    assert_eq!(refused("a \u{7f}").0, 2);
}

#[test]
fn spacing_mistakes_and_other_languages_are_recognised() {
    for (text, at, hint) in [
        ("evt.type=open andx", 14, "is a blank missing after `and`?"),
        ("evt.type=open AND a", 14, "did you mean `and`?"),
        ("a Or b", 2, "did you mean `or`?"),
        ("a && b", 2, "write `and`"),
        ("a || b", 2, "write `or`"),
        ("proc.name = a, b", 13, "several values stand in brackets"),
        ("proc.name =oneof (a)", 11, "expected a blank after `=`, found `oneof`"),
        ("proc.name = anyof(a)", 17, "expected a blank after `anyof`"),
        ("tolwer(proc.name) = a", 0, "did you mean `tolower`?"),
    ] {
        let (found, message) = refused(text);
        assert_eq!(found, at, "{text}: {message}");
        assert!(message.contains(hint), "{text}: {message}");
    }
}

#[test]
fn transformers_stand_on_both_sides() {
    for text in [
        "tolower(proc.name) = a",
        "len(proc.args) > 3",
        "basename(fd.name) in (a, b)",
        "getopt(proc.args, \"ab:\")[b] exists",
        "proc.name = val(proc.pname)",
        "proc.name = val(proc.aname[2])",
        "proc.name startswith toupper(concat(proc.pname, \"x\"))",
        "proc.pid < len(proc.args)",
        "proc.name in val(proc.pname)",
        "proc.name intersects tolower(proc.pname)",
        "proc.name startswith oneof (a, \"b c\")",
        "proc.name = anyof ()",
        "proc.name glob allof (a)",
    ] {
        let tree = parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let Tree::Check(check) = tree else { panic!("{text}") };
        assert_eq!(check.to_string(), text);
    }
    assert_eq!(parsed("not(len(a.b) = 1)and tolower(a.b)=x"), "(and (not len(a.b) = 1) tolower(a.b) = x)");
}

#[test]
fn words_of_the_language_are_values_where_no_list_or_bracket_follows() {
    assert_eq!(parsed("proc.name = oneof and a"), "(and proc.name = oneof a)");
    assert_eq!(parsed("(proc.name = oneof)"), "proc.name = oneof");
    assert_eq!(parsed("proc.name = value"), "proc.name = value");
    assert_eq!(parsed("proc.name = tolower or a"), "(or proc.name = tolower a)");
}

#[test]
fn the_word_left_of_a_list_with_one_item_needs_no_brackets() {
    assert_eq!(parsed("proc.name in bash and a"), "(and proc.name in bash a)");
    assert_eq!(parsed("proc.name = oneof bash"), "proc.name = oneof (bash)");
}

#[test]
fn broken_right_sides_are_refused_where_they_break() {
    for (text, at) in [
        ("proc.name = val(tolower(proc.pname))", 16),
        ("proc.name = val(proc.pname", 26),
        ("proc.name = val()", 16),
        ("proc.name in tolwer(proc.pname)", 13),
        ("proc.name = foo(a)", 12),
        ("proc.name = oneof (a", 20),
        ("val(proc.name) = a", 0),
    ] {
        assert_eq!(refused(text).0, at, "{text}");
    }
}

#[test]
fn depth_is_limited_and_length_is_not() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(parsed(&nested(MAX_DEPTH)), "a");
    assert_eq!(refused(&nested(MAX_DEPTH + 1)), (MAX_DEPTH, "nested deeper than 1000 levels".to_owned()));
    assert_eq!(refused(&"(".repeat(1_000_000)).0, MAX_DEPTH);
    assert_eq!(parsed(&format!("{}a", "not ".repeat(100_000))), "a");
    let long = |terms: usize| format!("a{}", " and a".repeat(terms - 1));
    assert!(parse(&long(calls::MAX_TERMS)).is_ok());
    assert_eq!(
        refused(&long(calls::MAX_TERMS + 1)),
        (calls::MAX_TERMS * 6, "unfolds to more than 100000 comparisons and names of macros in one condition; use shorter lists or fewer nested macros".to_owned())
    );
    assert!(
        refused(&format!("a.b in ({}a)", "a,".repeat(calls::MAX_LITERALS)))
            .1
            .contains("200000 values in one condition")
    );
}

#[test]
fn no_prefix_and_no_mutation_of_a_condition_panics() {
    let text = "a and not(join(',', (proc.aname['k'])) in (x, \"y\\x41\") or fd.name = allof (/etc)) or é.b >= val(c.d)";
    for (end, _) in text.char_indices() {
        drop(parse(&text[..end]));
    }
    for (at, c) in text.char_indices() {
        for replacement in ["", "(", ")", "\"", "\\", "[", ".", "=", " ", "é"] {
            let changed = format!("{}{replacement}{}", &text[..at], &text[at + c.len_utf8()..]);
            if let Err(error) = parse(&changed) {
                assert!(error.at <= changed.len(), "{changed}: {error:?}");
            }
        }
    }
}
