//! From the constants of a condition to comparisons, checked against the type of the field.

use memchr::memmem::Finder;

use super::comparison::{Comparison, NumberTest, TextTest};
use super::operator::{Operator, allowed};
use super::pattern::glob::{Case, Glob};
use super::pattern::needle::Needle;
use super::pattern::path_set::PathSet;
use super::pattern::text_set::TextSet;
use super::problem::Problem;
use super::syntax::{Literal, SyntaxError};
use super::value::{Kind, Type};
use super::yaml::excerpt;

/// One comparison as it was written: everything but what is compared.
#[derive(Clone, Copy, Debug)]
pub struct Written<'c> {
    /// How it is compared.
    pub operator: Operator,
    /// Where the operator stands.
    pub operator_at: usize,
    /// The constants on the right.
    pub literals: &'c [Literal],
}

/// Builds the comparison of a value of this kind, which messages call `name`.
pub fn comparison(written: Written<'_>, kind: Kind, name: &str) -> Result<Comparison, SyntaxError> {
    let Written { operator, operator_at, literals } = written;
    if matches!(operator, Operator::Regex | Operator::BytesContains | Operator::BytesStartWith) {
        let problem = Problem::NotSupported(format!("the operator `{}`", operator.name()));
        return Err(SyntaxError { at: operator_at, problem });
    }
    if !operator.goes_with(kind) {
        let problem = Problem::OperatorType {
            operator: operator.name(),
            field: excerpt(name),
            kind: kind.name(),
            allowed: allowed(kind),
        };
        return Err(SyntaxError { at: operator_at, problem });
    }
    if operator == Operator::Exists {
        return Ok(Comparison::Exists);
    }
    if kind.list {
        let members = set(literals);
        return Ok(if operator == Operator::In {
            Comparison::AllIn(members)
        } else {
            Comparison::AnyIn(members)
        });
    }
    let refused = |literal, expected| value_type(literal, kind, name, expected);
    match kind.of {
        Type::Bool => truths(operator, literals).map_err(|literal| refused(literal, "`true` or `false`")),
        Type::Number | Type::Port => numbers(operator, literals)
            .map(Comparison::Number)
            .map_err(|literal| refused(literal, "a whole number of 64 bits")),
        Type::Text | Type::Bytes | Type::Ip | Type::Net => Ok(Comparison::Text(texts(operator, literals))),
    }
}

fn set(literals: &[Literal]) -> TextSet {
    TextSet::new(literals.iter().map(|literal| literal.bytes.clone()))
}

fn value_type(literal: &Literal, kind: Kind, name: &str, expected: &'static str) -> SyntaxError {
    let problem = Problem::ValueType {
        field: excerpt(name),
        kind: kind.name(),
        expected,
        found: excerpt(&String::from_utf8_lossy(&literal.bytes)),
    };
    SyntaxError { at: literal.at, problem }
}

/// An error is the constant that is no truth value.
fn truths(operator: Operator, literals: &[Literal]) -> Result<Comparison, &Literal> {
    let (mut on_true, mut on_false) = (false, false);
    for literal in literals {
        match &*literal.bytes {
            b"true" => on_true = true,
            b"false" => on_false = true,
            _ => return Err(literal),
        }
    }
    if operator == Operator::NotEqual {
        (on_true, on_false) = (!on_true, !on_false);
    }
    Ok(Comparison::Bool { on_true, on_false })
}

/// An error is the constant that is no number.
fn numbers(operator: Operator, literals: &[Literal]) -> Result<NumberTest, &Literal> {
    let mut numbers = Vec::with_capacity(literals.len());
    for literal in literals {
        numbers.push(number(&literal.bytes).ok_or(literal)?);
    }
    let first = numbers.first().copied().unwrap_or_default();
    Ok(match operator {
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
        | Operator::BytesContains
        | Operator::StartsWith
        | Operator::BytesStartWith
        | Operator::EndsWith
        | Operator::Glob
        | Operator::GlobIgnoringCase
        | Operator::Regex
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

fn texts(operator: Operator, literals: &[Literal]) -> TextTest {
    let first = literals.first().map(|literal| &*literal.bytes).unwrap_or_default();
    match operator {
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
            TextTest::PathMatch(PathSet::new(literals.iter().map(|literal| &*literal.bytes)))
        }
        // The others never get here.
        Operator::In
        | Operator::Intersects
        | Operator::Exists
        | Operator::BytesContains
        | Operator::BytesStartWith
        | Operator::Regex => TextTest::In(set(literals)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::field;
    use crate::rules::parser::parse;
    use crate::rules::syntax::{self, Operand, Right, Tree};

    fn compared(text: &str) -> Result<Comparison, (usize, String)> {
        let Tree::Check(check) = parse(text).unwrap() else { panic!("{text}") };
        let syntax::Check { left: Operand::Field(name), operator, operator_at, right } = *check else {
            panic!("{text}")
        };
        let literals = match right {
            Right::One(literal) => vec![literal],
            Right::Many(literals) => literals,
            Right::Nothing | Right::Each(..) | Right::Operand(_) => Vec::new(),
        };
        let field = field::resolve(&name.name, name.argument.as_deref()).unwrap();
        comparison(Written { operator, operator_at, literals: &literals }, field.field.kind, &name.name)
            .map_err(|error| (error.at, error.problem.to_string()))
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
