//! One comparison, ready to be made: the constant in its fastest form, and the rule for each kind of value.

use std::sync::Arc;

use memchr::memmem::Finder;

use super::pattern::glob::Glob;
use super::pattern::needle::Needle;
use super::pattern::network::{AddressTest, NetworkTest};
use super::pattern::path_set::PathSet;
use super::pattern::regex::Regex;
use super::pattern::text_set::TextSet;
use crate::rules::value::Value;

/// What is known about the truth of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It does not hold.
    False,
    /// It holds.
    True,
    /// It hangs on a value that may still come.
    Open,
}

impl Truth {
    /// The truth of the opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Open => Self::Open,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// The right side of a comparison.
#[derive(Clone, Debug)]
pub enum Comparison {
    /// There is a value.
    Exists,
    /// With truth values.
    Bool {
        /// Whether `true` satisfies it.
        on_true: bool,
        /// Whether `false` satisfies it.
        on_false: bool,
    },
    /// With numbers.
    Number(NumberTest),
    /// With decimal numbers, in millionths.
    Decimal(NumberTest),
    /// With texts or bytes.
    Text(TextTest),
    /// With addresses.
    Address(AddressTest),
    /// With networks.
    Network(NetworkTest),
    /// Every alternative must satisfy it: `!=` for both ends of a connection.
    Every(Box<Comparison>),
    /// A list all of whose elements must be members.
    AllIn(TextSet),
    /// A list with at least one member.
    AnyIn(TextSet),
}

/// A comparison of a number.
#[derive(Clone, Debug)]
pub enum NumberTest {
    /// Equal.
    Equal(i64),
    /// Not equal.
    NotEqual(i64),
    /// Less.
    Less(i64),
    /// Less or equal.
    LessOrEqual(i64),
    /// Greater.
    Greater(i64),
    /// Greater or equal.
    GreaterOrEqual(i64),
    /// One of these, which are sorted.
    In(Box<[i64]>),
}

/// A comparison of a text.
#[derive(Clone, Debug)]
pub enum TextTest {
    /// Equal.
    Equal(Box<[u8]>),
    /// Not equal.
    NotEqual(Box<[u8]>),
    /// Before, in the order of bytes.
    Less(Box<[u8]>),
    /// Before or equal.
    LessOrEqual(Box<[u8]>),
    /// After.
    Greater(Box<[u8]>),
    /// After or equal.
    GreaterOrEqual(Box<[u8]>),
    /// Holds this somewhere.
    Contains(Box<Finder<'static>>),
    /// Holds this somewhere, in any case.
    ContainsIgnoringCase(Needle),
    /// Begins with this.
    StartsWith(Box<[u8]>),
    /// Ends with this.
    EndsWith(Box<[u8]>),
    /// Matches this pattern.
    Glob(Glob),
    /// Matches this regular expression as a whole.
    Regex(Arc<Regex>),
    /// Is one of these.
    In(TextSet),
    /// Lies below one of these.
    PathMatch(PathSet),
}

impl Comparison {
    /// Whether `value` satisfies it.
    ///
    /// A value of a kind that the field's type does not promise satisfies nothing.
    pub fn judge(&self, value: &Value<'_>) -> Truth {
        match (self, value) {
            (_, Value::Pending) => Truth::Open,
            (Self::Exists | Self::AllIn(_) | Self::Every(_), Value::List(elements))
                if elements.is_empty() =>
            {
                Truth::False
            }
            (Self::AllIn(_) | Self::Every(_), Value::List(elements)) => {
                all(elements, |element| self.judge(element))
            }
            (Self::Every(comparison), value) => comparison.judge(value),
            (_, Value::List(elements)) => any(elements, |element| self.judge(element)),
            (Self::Exists, value) => Truth::from(*value != Value::Missing),
            (Self::Bool { on_true, on_false }, Value::Bool(truth)) => {
                Truth::from(if *truth { *on_true } else { *on_false })
            }
            (Self::Number(test), Value::Number(number)) => Truth::from(test.holds(*number)),
            (Self::Decimal(test), Value::Decimal(number)) => Truth::from(test.holds(number.millionths())),
            (Self::Text(test), Value::Text(bytes)) => Truth::from(test.holds(bytes)),
            (Self::Address(test), Value::Ip(address)) => Truth::from(test.holds(*address)),
            (Self::Network(test), Value::Ip(address)) => Truth::from(test.holds(*address)),
            (Self::AllIn(set) | Self::AnyIn(set), Value::Text(text)) => Truth::from(set.contains(text)),
            (
                _,
                Value::Missing
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Decimal(_)
                | Value::Text(_)
                | Value::Ip(_),
            ) => Truth::False,
        }
    }
}

/// Whether every one holds; open if that hangs on open ones.
pub fn all<T>(items: &[T], mut judge: impl FnMut(&T) -> Truth) -> Truth {
    let mut truth = Truth::True;
    for item in items {
        match judge(item) {
            Truth::True => {}
            Truth::Open => truth = Truth::Open,
            Truth::False => return Truth::False,
        }
    }
    truth
}

/// Whether one holds; open if that hangs on open ones.
pub fn any<T>(items: &[T], mut judge: impl FnMut(&T) -> Truth) -> Truth {
    let mut truth = Truth::False;
    for item in items {
        match judge(item) {
            Truth::False => {}
            Truth::Open => truth = Truth::Open,
            Truth::True => return Truth::True,
        }
    }
    truth
}

impl NumberTest {
    /// Whether `number` satisfies it.
    pub fn holds(&self, number: i64) -> bool {
        match self {
            Self::Equal(wanted) => number == *wanted,
            Self::NotEqual(wanted) => number != *wanted,
            Self::Less(limit) => number < *limit,
            Self::LessOrEqual(limit) => number <= *limit,
            Self::Greater(limit) => number > *limit,
            Self::GreaterOrEqual(limit) => number >= *limit,
            Self::In(numbers) => numbers.binary_search(&number).is_ok(),
        }
    }
}

impl TextTest {
    /// Whether `text` satisfies it.
    pub fn holds(&self, text: &[u8]) -> bool {
        match self {
            Self::Equal(wanted) => *text == **wanted,
            Self::NotEqual(wanted) => *text != **wanted,
            Self::Less(limit) => *text < **limit,
            Self::LessOrEqual(limit) => *text <= **limit,
            Self::Greater(limit) => *text > **limit,
            Self::GreaterOrEqual(limit) => *text >= **limit,
            Self::Contains(finder) => finder.find(text).is_some(),
            Self::ContainsIgnoringCase(needle) => needle.is_in(text),
            Self::StartsWith(start) => text.starts_with(start),
            Self::EndsWith(end) => text.ends_with(end),
            Self::Glob(glob) => glob.matches(text),
            Self::Regex(regex) => regex.matches(text),
            Self::In(set) => set.contains(text),
            Self::PathMatch(paths) => paths.leads_to(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(elements: &[&'static str]) -> Value<'static> {
        Value::List(elements.iter().map(|element| Value::from(*element)).collect())
    }

    #[test]
    fn a_missing_value_satisfies_nothing() {
        for comparison in [
            Comparison::Exists,
            Comparison::Text(TextTest::NotEqual(b"x"[..].into())),
            Comparison::Number(NumberTest::NotEqual(1)),
            Comparison::Bool { on_true: true, on_false: true },
        ] {
            assert_eq!(comparison.judge(&Value::Missing), Truth::False);
            assert_eq!(comparison.judge(&Value::Pending), Truth::Open);
        }
    }

    #[test]
    fn lists_need_all_or_one() {
        let set = || TextSet::new([b"a".to_vec(), b"b".to_vec()]);
        assert_eq!(Comparison::AllIn(set()).judge(&texts(&["a", "b"])), Truth::True);
        assert_eq!(Comparison::AllIn(set()).judge(&texts(&["a", "c"])), Truth::False);
        assert_eq!(Comparison::AllIn(set()).judge(&texts(&[])), Truth::False);
        assert_eq!(Comparison::AnyIn(set()).judge(&texts(&["c", "b"])), Truth::True);
        assert_eq!(Comparison::AnyIn(set()).judge(&texts(&["c"])), Truth::False);
    }

    #[test]
    fn alternatives_need_one_and_stay_open_only_if_it_matters() {
        let is_sshd = Comparison::Text(TextTest::Equal(b"sshd"[..].into()));
        assert_eq!(is_sshd.judge(&texts(&["bash", "sshd"])), Truth::True);
        assert_eq!(is_sshd.judge(&texts(&["bash"])), Truth::False);
        let open = |first| Value::List(vec![Value::from(first), Value::Pending]);
        assert_eq!(is_sshd.judge(&open("bash")), Truth::Open);
        assert_eq!(is_sshd.judge(&open("sshd")), Truth::True);
        let not_sshd = Comparison::Text(TextTest::NotEqual(b"sshd"[..].into()));
        assert_eq!(not_sshd.judge(&texts(&["bash", "sshd"])), Truth::True);
        assert_eq!(Comparison::Exists.judge(&texts(&[])), Truth::False);
        assert_eq!(Comparison::Exists.judge(&texts(&["a"])), Truth::True);
    }

    #[test]
    fn a_value_of_another_kind_satisfies_nothing() {
        let test = Comparison::Number(NumberTest::NotEqual(1));
        assert_eq!(test.judge(&Value::from("2")), Truth::False);
        assert_eq!(test.judge(&Value::Number(2)), Truth::True);
    }

    #[test]
    fn texts_compare_as_bytes() {
        let holds = |test: TextTest, text: &[u8]| test.holds(text);
        assert!(
            holds(TextTest::Less(b"b"[..].into()), b"a\xff") && !holds(TextTest::Less(b"b"[..].into()), b"b")
        );
        assert!(holds(TextTest::GreaterOrEqual(b"b"[..].into()), b"b"));
        let contains = |needle: &[u8]| TextTest::Contains(Box::new(Finder::new(needle).into_owned()));
        assert!(
            holds(contains(b"\xffx"), b"a\xffxb")
                && holds(contains(b""), b"")
                && !holds(contains(b"ab"), b"a")
        );
        assert!(
            holds(TextTest::EndsWith(b"b"[..].into()), b"ab")
                && holds(TextTest::StartsWith(b""[..].into()), b"")
        );
    }
}
