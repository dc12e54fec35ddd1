//! What is read, what is refused, and that what is written is read as the same.

use super::*;

fn parse(text: &str) -> Result<Json, JsonFault> {
    Json::parse(text.as_bytes()).map_err(|error| error.fault)
}

fn rewritten(text: &str) -> String {
    let json = parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
    let bytes = json.to_bytes();
    assert_eq!(Json::parse(&bytes), Ok(json), "{text}");
    String::from_utf8(bytes).unwrap()
}

#[test]
fn everything_has_one_spelling() {
    for (text, wanted) in [
        (" { } ", "{}"),
        ("[ ]", "[]"),
        ("\t[ null , true,false ,\r\n\"\"]", r#"[null,true,false,""]"#),
        (r#"{"b":1,"a":{"c":[2]}}"#, r#"{"b":1,"a":{"c":[2]}}"#),
        (r#""\u0061\/\b\f\n\r\t\"\\""#, "\"a/\\u0008\\u000c\\u000a\\u000d\\u0009\\\"\\\\\""),
        (r#""\ud83d\ude00 ü \u2028""#, "\"\u{1f600} ü \u{2028}\""),
        (r#""\u0000\u007f""#, "\"\\u0000\u{7f}\""),
        ("-0", "-0"),
        ("10.50E+2", "10.50E+2"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        (r#"{"":0}"#, r#"{"":0}"#),
    ] {
        assert_eq!(rewritten(text), wanted, "{text}");
    }
}

#[test]
fn what_is_no_json_is_refused() {
    for text in [
        "",
        " ",
        "\u{feff}{}",
        "nul",
        "True",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u+123\"",
        "+1",
        "01",
        "1.",
        ".1",
        "1e",
        "1e+",
        "-",
        "--1",
        "0x10",
        "NaN",
        "// c\n1",
        "\"\\ud800\\u\"",
        "\"\\u00é0\"",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_others_read_otherwise_is_refused() {
    assert_eq!(Json::parse(b"\"a\xff\"").unwrap_err(), JsonError { at: 2, fault: JsonFault::NotUtf8 });
    assert_eq!(parse("{} {}"), Err(JsonFault::Trailing));
    assert_eq!(parse("{}]"), Err(JsonFault::Trailing));
    assert_eq!(parse("{}\0"), Err(JsonFault::Trailing));
    assert_eq!(parse("\"a\nb\""), Err(JsonFault::Control));
    for half in [
        r#""\ud800""#,
        r#""\udc00""#,
        r#""\ud800x""#,
        r#""\ud800\u0041""#,
        r#""\ud800\ud800""#,
        r#""\udc00\ud800""#,
    ] {
        assert_eq!(parse(half), Err(JsonFault::Surrogate), "{half}");
    }
    for twice in [r#"{"a":1,"a":1}"#, r#"{"a":1,"b":2,"\u0061":3}"#, r#"[{"x":{"":1,"":2}}]"#] {
        assert_eq!(parse(twice), Err(JsonFault::Duplicate), "{twice}");
    }
    assert!(parse(r#"{"a":1,"A":2,"b":{"a":3}}"#).is_ok());
}

#[test]
fn depth_and_number_of_values_are_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&nested(MAX_DEPTH + 1)).is_ok());
    assert_eq!(parse(&nested(MAX_DEPTH + 2)), Err(JsonFault::TooDeep));
    assert_eq!(parse(&nested(10_000)), Err(JsonFault::TooDeep));
    assert_eq!(parse(&"{\"a\":".repeat(100_000)), Err(JsonFault::TooDeep));
    let many = |count: usize| format!("[{}1]", "1,".repeat(count - 2));
    assert!(parse(&many(MAX_VALUES)).is_ok());
    assert_eq!(parse(&many(MAX_VALUES + 1)), Err(JsonFault::TooMany));
}

#[test]
fn paths_lead_to_members_and_nowhere_to_null() {
    let json = parse(r#"{"a":{"b":["x",null,"y"]},"n":-7,"t":"z"}"#).unwrap();
    assert_eq!(json.at(&["a", "b"]).texts().collect::<Vec<_>>(), ["x", "", "y"]);
    assert_eq!(json.at(&["a", "c"]), &Json::Null);
    assert_eq!(json.at(&["t", "c"]), &Json::Null);
    assert_eq!((json.at(&["n"]).as_i64(), json.at(&["t"]).as_i64()), (Some(-7), None));
    assert_eq!((json.at(&["t"]).text(), json.at(&["n"]).text()), ("z", ""));
}

#[test]
fn what_clients_send_for_nothing_is_not_truthy() {
    for text in ["null", "false", "0", "-0", "0.00", "0e9", "\"\"", "[]", "{}"] {
        assert!(!parse(text).unwrap().is_truthy(), "{text}");
    }
    for text in ["true", "1", "0.1", "-2", "10e0", "\"0\"", "[null]", "{\"a\":null}"] {
        assert!(parse(text).unwrap().is_truthy(), "{text}");
    }
}
