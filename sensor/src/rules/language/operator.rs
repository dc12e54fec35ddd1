//! The comparison operators, and which types they go with.

use crate::rules::value::{Kind, Type};

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `exists`
    Exists,
    /// `=` or `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `contains`
    Contains,
    /// `icontains`: as contains, whatever the case of ASCII letters.
    ContainsIgnoringCase,
    /// `bcontains`: as contains, of bytes that are written as hexadecimal digits.
    BytesContains,
    /// `startswith`
    StartsWith,
    /// `bstartswith`: as startswith, of bytes that are written as hexadecimal digits.
    BytesStartWith,
    /// `endswith`
    EndsWith,
    /// `glob`
    Glob,
    /// `iglob`: as glob, whatever the case of ASCII letters.
    GlobIgnoringCase,
    /// `regex`
    Regex,
    /// `in`
    In,
    /// `intersects`
    Intersects,
    /// `pmatch`
    PathMatch,
}

/// How many of the constants behind it have to satisfy an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Modifier {
    /// Exactly one.
    OneOf,
    /// At least one.
    AnyOf,
    /// Every one.
    AllOf,
}

impl Modifier {
    /// Every modifier and how it is written.
    pub const NAMES: [(&'static str, Self); 3] =
        [("oneof", Self::OneOf), ("anyof", Self::AnyOf), ("allof", Self::AllOf)];

    /// The modifier of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, modifier)| *modifier)
    }

    /// How it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneOf => "oneof",
            Self::AnyOf => "anyof",
            Self::AllOf => "allof",
        }
    }
}

/// The shape of what stands on the right of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Nothing.
    Nothing,
    /// One value.
    One,
    /// A list in brackets.
    Many,
}

impl Operator {
    /// The operator that is written so.
    pub fn find(name: &str) -> Option<Self> {
        let mut all = Self::SYMBOLS.iter().chain(&Self::WORDS);
        all.find(|(known, _)| *known == name).map(|(_, operator)| *operator)
    }

    /// Whether a modifier and a list may stand behind it.
    pub const fn takes_modifier(self) -> bool {
        let orders = matches!(self, Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual);
        !orders && matches!(self.right(), Side::One)
    }

    /// Operators written as symbols, the longer of two with a common start first.
    pub const SYMBOLS: [(&'static str, Self); 7] = [
        ("==", Self::Equal),
        ("=", Self::Equal),
        ("!=", Self::NotEqual),
        ("<=", Self::LessOrEqual),
        ("<", Self::Less),
        (">=", Self::GreaterOrEqual),
        (">", Self::Greater),
    ];

    /// Operators written as words.
    pub const WORDS: [(&'static str, Self); 13] = [
        ("exists", Self::Exists),
        ("contains", Self::Contains),
        ("icontains", Self::ContainsIgnoringCase),
        ("bcontains", Self::BytesContains),
        ("startswith", Self::StartsWith),
        ("bstartswith", Self::BytesStartWith),
        ("endswith", Self::EndsWith),
        ("glob", Self::Glob),
        ("iglob", Self::GlobIgnoringCase),
        ("regex", Self::Regex),
        ("in", Self::In),
        ("intersects", Self::Intersects),
        ("pmatch", Self::PathMatch),
    ];

    /// How it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Contains => "contains",
            Self::ContainsIgnoringCase => "icontains",
            Self::BytesContains => "bcontains",
            Self::StartsWith => "startswith",
            Self::BytesStartWith => "bstartswith",
            Self::EndsWith => "endswith",
            Self::Glob => "glob",
            Self::GlobIgnoringCase => "iglob",
            Self::Regex => "regex",
            Self::In => "in",
            Self::Intersects => "intersects",
            Self::PathMatch => "pmatch",
        }
    }

    /// What stands on its right.
    pub const fn right(self) -> Side {
        match self {
            Self::Exists => Side::Nothing,
            Self::In | Self::Intersects | Self::PathMatch => Side::Many,
            Self::Equal
            | Self::NotEqual
            | Self::Less
            | Self::LessOrEqual
            | Self::Greater
            | Self::GreaterOrEqual
            | Self::Contains
            | Self::ContainsIgnoringCase
            | Self::BytesContains
            | Self::StartsWith
            | Self::BytesStartWith
            | Self::EndsWith
            | Self::Glob
            | Self::GlobIgnoringCase
            | Self::Regex => Side::One,
        }
    }

    /// Whether it may be used with a value of this kind.
    pub const fn goes_with(self, kind: Kind) -> bool {
        match self {
            Self::Exists | Self::In | Self::Intersects => true,
            _ if kind.list => false,
            Self::Equal | Self::NotEqual => true,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => {
                matches!(kind.of, Type::Number | Type::Decimal | Type::Port | Type::Text)
            }
            Self::Contains | Self::StartsWith | Self::EndsWith => matches!(kind.of, Type::Text | Type::Bytes),
            Self::BytesContains | Self::BytesStartWith => matches!(kind.of, Type::Bytes),
            Self::ContainsIgnoringCase
            | Self::Glob
            | Self::GlobIgnoringCase
            | Self::Regex
            | Self::PathMatch => matches!(kind.of, Type::Text),
        }
    }
}

/// The operators that go with a kind of value, for messages.
pub const fn allowed(kind: Kind) -> &'static str {
    if kind.list {
        return "one of in intersects exists";
    }
    match kind.of {
        Type::Bool | Type::Ip | Type::Net => "one of = != in intersects exists",
        Type::Number | Type::Decimal | Type::Port => "one of = != < <= > >= in intersects exists",
        Type::Text => "any operator but bcontains and bstartswith",
        Type::Bytes => "one of = != in intersects exists contains startswith endswith bcontains bstartswith",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_lead_to_operators_and_back() {
        for (word, operator) in Operator::WORDS {
            assert_eq!(operator.name(), word);
        }
        for (symbol, operator) in Operator::SYMBOLS {
            assert!(operator.name() == symbol || symbol == "==");
        }
    }

    #[test]
    fn a_symbol_is_not_hidden_by_a_shorter_one() {
        for (index, (symbol, _)) in Operator::SYMBOLS.iter().enumerate() {
            assert!(
                Operator::SYMBOLS[..index].iter().all(|(earlier, _)| !symbol.starts_with(earlier)),
                "{symbol}"
            );
        }
    }
}
