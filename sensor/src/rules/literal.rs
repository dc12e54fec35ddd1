//! From the constants of a condition to comparisons, checked against the type of the field.

use memchr::memmem::Finder;

use super::comparison::{Comparison, NumberTest, TextTest};
use super::field::FieldRef;
use super::operator::{Operator, allowed};
use super::pattern::glob::{Case, Glob};
use super::pattern::needle::Needle;
use super::pattern::path_set::PathSet;
use super::pattern::text_set::TextSet;
use super::problem::Problem;
use super::syntax::{Check, Literal, SyntaxError};
use super::value::Type;
use super::yaml::excerpt;

/// Builds the comparison of a check whose field is known.
pub fn comparison(check: &Check, field: &FieldRef) -> Result<Comparison, SyntaxError> {
    let kind = field.field.kind;
    if !check.operator.goes_with(kind) {
        let problem = Problem::OperatorType {
            operator: check.operator.name(),
            field: excerpt(&field.to_string()),
            kind: kind.name(),
            allowed: allowed(kind),
        };
        return Err(SyntaxError { at: check.operator_at, problem });
    }
    if check.operator == Operator::Exists {
        return Ok(Comparison::Exists);
    }
    match kind {
        Type::Bool => truths(check, field),
        Type::Number => numbers(check, field).map(Comparison::Number),
        Type::Text => Ok(Comparison::Text(texts(check))),
        Type::List if check.operator == Operator::In => Ok(Comparison::AllIn(set(check))),
        Type::List => Ok(Comparison::AnyIn(set(check))),
    }
}

fn set(check: &Check) -> TextSet {
    TextSet::new(check.operands.iter().map(|literal| literal.bytes.clone()))
}

fn value_type(literal: &Literal, field: &FieldRef, expected: &'static str) -> SyntaxError {
    let problem = Problem::ValueType {
        field: excerpt(&field.to_string()),
        kind: field.field.kind.name(),
        expected,
        found: excerpt(&String::from_utf8_lossy(&literal.bytes)),
    };
    SyntaxError { at: literal.at, problem }
}

fn truths(check: &Check, field: &FieldRef) -> Result<Comparison, SyntaxError> {
    let (mut on_true, mut on_false) = (false, false);
    for literal in &check.operands {
        match &*literal.bytes {
            b"true" => on_true = true,
            b"false" => on_false = true,
            _ => return Err(value_type(literal, field, "`true` or `false`")),
        }
    }
    if check.operator == Operator::NotEqual {
        (on_true, on_false) = (!on_true, !on_false);
    }
    Ok(Comparison::Bool { on_true, on_false })
}

fn numbers(check: &Check, field: &FieldRef) -> Result<NumberTest, SyntaxError> {
    let mut numbers = Vec::with_capacity(check.operands.len());
    for literal in &check.operands {
        let number = number(&literal.bytes);
        numbers.push(number.ok_or_else(|| value_type(literal, field, "a whole number of 64 bits"))?);
    }
    let first = numbers.first().copied().unwrap_or_default();
    Ok(match check.operator {
        Operator::Equal => NumberTest::Equal(first),
        Operator::NotEqual => NumberTest::NotEqual(first),
        Operator::Less => NumberTest::Less(first),
        Operator::LessOrEqual => NumberTest::LessOrEqual(first),
        Operator::Greater => NumberTest::Greater(first),
        Operator::GreaterOrEqual => NumberTest::GreaterOrEqual(first),
        // Every other operator takes texts only, and was refused.
        Operator::In
        | Operator::Intersects
        | Operator::Exists
        | Operator::Contains
        | Operator::ContainsIgnoringCase
        | Operator::StartsWith
        | Operator::EndsWith
        | Operator::Glob
        | Operator::GlobIgnoringCase
        | Operator::PathMatch => {
            numbers.sort_unstable();
            NumberTest::In(numbers.into())
        }
    })
}

/// A decimal or hexadecimal number with an optional sign.
pub(crate) fn number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (digits, radix) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    if !digits.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

fn texts(check: &Check) -> TextTest {
    let first = check.operands.first().map(|literal| &*literal.bytes).unwrap_or_default();
    match check.operator {
        Operator::Equal => TextTest::Equal(first.into()),
        Operator::NotEqual => TextTest::NotEqual(first.into()),
        Operator::Less => TextTest::Less(first.into()),
        Operator::LessOrEqual => TextTest::LessOrEqual(first.into()),
        Operator::Greater => TextTest::Greater(first.into()),
        Operator::GreaterOrEqual => TextTest::GreaterOrEqual(first.into()),
        Operator::Contains => TextTest::Contains(Box::new(Finder::new(first).into_owned())),
        Operator::ContainsIgnoringCase => TextTest::ContainsIgnoringCase(Needle::new(first)),
        Operator::StartsWith => TextTest::StartsWith(first.into()),
        Operator::EndsWith => TextTest::EndsWith(first.into()),
        Operator::Glob => TextTest::Glob(Glob::new(first, Case::Sensitive)),
        Operator::GlobIgnoringCase => TextTest::Glob(Glob::new(first, Case::Ignored)),
        Operator::PathMatch => {
            TextTest::PathMatch(PathSet::new(check.operands.iter().map(|literal| &*literal.bytes)))
        }
        // `exists` never gets here.
        Operator::In | Operator::Intersects | Operator::Exists => TextTest::In(set(check)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::field;
    use crate::rules::parser::parse;
    use crate::rules::syntax::Tree;

    fn compared(text: &str) -> Result<Comparison, (usize, String)> {
        let Tree::Check(check) = parse(text).unwrap() else { panic!("{text}") };
        let field = field::resolve(&check.field.name, check.field.argument.as_deref()).unwrap();
        comparison(&check, &field).map_err(|error| (error.at, error.problem.to_string()))
    }

    #[test]
    fn numbers_are_read_in_both_notations() {
        for (text, wanted) in
            [("0", 0), ("-17", -17), ("0x1f", 31), ("-0X10", -16), ("9223372036854775807", i64::MAX)]
        {
            assert_eq!(number(text.as_bytes()), Some(wanted), "{text}");
        }
        for text in
            ["", "-", "+1", "--1", "0x", "0x-1", "1.5", "1e3", "9223372036854775808", "\u{0663}", " 1"]
        {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn operators_of_another_type_are_refused() {
        for (text, at) in [
            ("proc.pid startswith 1", 9),
            ("proc.pid contains 1", 9),
            ("proc.pid pmatch (1)", 9),
            ("evt.failed > 1", 11),
            ("evt.failed glob t*", 11),
            ("vigie.proc.argv = a", 16),
            ("vigie.proc.argv startswith a", 16),
        ] {
            let (found, message) = compared(text).unwrap_err();
            assert_eq!(found, at, "{text}");
            assert!(message.contains("cannot be used with field"), "{message}");
        }
    }

    #[test]
    fn values_of_another_type_are_refused_where_they_stand() {
        assert_eq!(
            compared("proc.pid in (1, two)").unwrap_err(),
            (16, "field `proc.pid` is a number: expected a whole number of 64 bits, found `two`".to_owned())
        );
        assert_eq!(
            compared("evt.failed = yes").unwrap_err(),
            (13, "field `evt.failed` is a boolean: expected `true` or `false`, found `yes`".to_owned())
        );
    }

    #[test]
    fn every_pair_that_the_types_allow_compiles() {
        for text in [
            "proc.pid exists",
            "proc.pid != 1",
            "proc.pid < 0x10",
            "proc.pid in ()",
            "proc.pid intersects (1)",
            "evt.failed != true",
            "evt.failed in (true, false)",
            "evt.failed exists",
            "proc.name < b",
            "proc.name >= 'b c'",
            "proc.name iglob 'A*'",
            "fd.name pmatch (/etc)",
            "proc.name icontains A",
            "vigie.proc.argv in (a)",
            "vigie.proc.argv intersects (a)",
            "vigie.proc.argv exists",
        ] {
            assert!(compared(text).is_ok(), "{text}");
        }
    }
}
