//! From the constants of a condition to comparisons, checked against the type of the field.

use memchr::memmem::Finder;

use super::comparison::{Comparison, NumberTest, TextTest};
use super::pattern::glob::{Case, Glob};
use super::pattern::needle::Needle;
use super::pattern::network::{self, AddressTest, NetworkTest};
use super::pattern::path_set::PathSet;
use super::pattern::regex::Regexes;
use super::pattern::text_set::TextSet;
use crate::rules::decimal::Decimal;
use crate::rules::operator::{Operator, allowed};
use crate::rules::problem::Problem;
use crate::rules::services;
use crate::rules::syntax::{Literal, SyntaxError};
use crate::rules::value::{Kind, Type};
use crate::rules::yaml::excerpt;

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
///
/// A regular expression that `regexes` knows is not compiled again.
pub fn comparison(
    written: Written<'_>,
    kind: Kind,
    name: &str,
    regexes: &mut Regexes,
) -> Result<Comparison, SyntaxError> {
    let Written { operator, operator_at, literals } = written;
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
    let test = one(written, kind, name, regexes)?;
    Ok(if kind.ends && operator == Operator::NotEqual { Comparison::Every(Box::new(test)) } else { test })
}

/// The comparison of one value.
fn one(
    written: Written<'_>,
    kind: Kind,
    name: &str,
    regexes: &mut Regexes,
) -> Result<Comparison, SyntaxError> {
    let Written { operator, literals, .. } = written;
    let read = match kind.of {
        Type::Bool => truths(operator, literals),
        Type::Number => numbers(operator, literals, number).map(Comparison::Number),
        Type::Port => numbers(operator, literals, port).map(Comparison::Number),
        Type::Decimal => numbers(operator, literals, decimal).map(Comparison::Decimal),
        Type::Text => return texts(operator, literals, regexes).map(Comparison::Text),
        Type::Bytes => bytes(operator, literals).map(Comparison::Text),
        Type::Ip => addresses(operator, literals).map(Comparison::Address),
        Type::Net => networks(operator, literals).map(Comparison::Network),
    };
    read.map_err(|literal| value_type(literal, kind, name))
}

/// What a constant has to be, for messages.
const fn expected(of: Type) -> &'static str {
    match of {
        Type::Bool => "`true` or `false`",
        Type::Number => "a whole number of 64 bits",
        Type::Port => "a number from 0 to 65535 or the name of a service such as `https`",
        Type::Decimal => "a number with at most 6 digits behind the point",
        Type::Text => "a text",
        Type::Bytes => "an even number of hexadecimal digits",
        Type::Ip => "an address such as `10.0.0.1` or `::1`",
        Type::Net => "a network such as `10.0.0.0/8` or an address",
    }
}

fn set(literals: &[Literal]) -> TextSet {
    TextSet::new(literals.iter().map(|literal| literal.bytes.clone()))
}

fn value_type(literal: &Literal, kind: Kind, name: &str) -> SyntaxError {
    let problem = Problem::ValueType {
        field: excerpt(name),
        kind: kind.name(),
        expected: expected(kind.of),
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

/// Reads every constant; an error is the one that cannot be read.
fn read_all<T>(literals: &[Literal], read: impl Fn(&[u8]) -> Option<T>) -> Result<Vec<T>, &Literal> {
    literals.iter().map(|literal| read(&literal.bytes).ok_or(literal)).collect()
}

/// An error is the constant that is no number as `read` reads them.
fn numbers(
    operator: Operator,
    literals: &[Literal],
    read: fn(&[u8]) -> Option<i64>,
) -> Result<NumberTest, &Literal> {
    let mut numbers = read_all(literals, read)?;
    let first = numbers.first().copied().unwrap_or_default();
    Ok(match operator {
        Operator::Equal => NumberTest::Equal(first),
        Operator::NotEqual => NumberTest::NotEqual(first),
        Operator::Less => NumberTest::Less(first),
        Operator::LessOrEqual => NumberTest::LessOrEqual(first),
        Operator::Greater => NumberTest::Greater(first),
        Operator::GreaterOrEqual => NumberTest::GreaterOrEqual(first),
        // The operators of texts were refused.
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

/// An error is the constant that is no address.
fn addresses(operator: Operator, literals: &[Literal]) -> Result<AddressTest, &Literal> {
    let mut addresses = read_all(literals, network::address)?;
    Ok(match addresses.first() {
        Some(first) if operator == Operator::NotEqual => AddressTest::IsNot(*first),
        Some(_) | None => {
            addresses.sort_unstable();
            AddressTest::Is(addresses.into())
        }
    })
}

/// An error is the constant that is no network.
fn networks(operator: Operator, literals: &[Literal]) -> Result<NetworkTest, &Literal> {
    let networks = read_all(literals, network::network)?;
    Ok(match networks.first() {
        Some(first) if operator == Operator::NotEqual => NetworkTest::Outside(*first),
        Some(_) | None => NetworkTest::Within(networks.into()),
    })
}

/// An error is the constant that should be made of hexadecimal digits and is not.
fn bytes(operator: Operator, literals: &[Literal]) -> Result<TextTest, &Literal> {
    let first = literals.first().map(|first| hexadecimal(&first.bytes).ok_or(first));
    Ok(match first {
        Some(bytes) if operator == Operator::BytesContains => {
            TextTest::Contains(Box::new(Finder::new(&bytes?).into_owned()))
        }
        Some(bytes) if operator == Operator::BytesStartWith => TextTest::StartsWith(bytes?.into()),
        Some(_) | None => plain_text(operator, literals),
    })
}

/// The bytes that pairs of hexadecimal digits stand for.
fn hexadecimal(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    pairs.collect()
}

/// The number or the service of a port.
fn port(text: &[u8]) -> Option<i64> {
    let number = number(text).or_else(|| services::port(std::str::from_utf8(text).ok()?))?;
    (0..=i64::from(u16::MAX)).contains(&number).then_some(number)
}

/// A number with a point, in millionths.
fn decimal(text: &[u8]) -> Option<i64> {
    Decimal::parse(text).map(Decimal::millionths)
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

/// Only a regular expression can be wrong.
fn texts(operator: Operator, literals: &[Literal], regexes: &mut Regexes) -> Result<TextTest, SyntaxError> {
    match literals.first() {
        Some(literal) if operator == Operator::Regex => match regexes.get(&literal.bytes) {
            Ok(regex) => Ok(TextTest::Regex(regex)),
            Err(error) => Err(SyntaxError { at: literal.at, problem: error.into() }),
        },
        Some(_) | None => Ok(plain_text(operator, literals)),
    }
}

fn plain_text(operator: Operator, literals: &[Literal]) -> TextTest {
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
        // `exists` never gets here, nor do the operators that have to read their constants.
        Operator::In
        | Operator::Intersects
        | Operator::Exists
        | Operator::Regex
        | Operator::BytesContains
        | Operator::BytesStartWith => TextTest::In(set(literals)),
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
        let written = Written { operator, operator_at, literals: &literals };
        comparison(written, field.field.kind, &name.name, &mut Regexes::default())
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
