//! The comparison operators, and which types they go with.

use super::value::Type;

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
    /// `startswith`
    StartsWith,
    /// `endswith`
    EndsWith,
    /// `glob`
    Glob,
    /// `iglob`: as glob, whatever the case of ASCII letters.
    GlobIgnoringCase,
    /// `in`
    In,
    /// `intersects`
    Intersects,
    /// `pmatch`
    PathMatch,
}

/// What stands on the right of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Nothing.
    Nothing,
    /// One value.
    One,
    /// A list in brackets.
    Many,
}

impl Operator {
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
    pub const WORDS: [(&'static str, Self); 10] = [
        ("exists", Self::Exists),
        ("contains", Self::Contains),
        ("icontains", Self::ContainsIgnoringCase),
        ("startswith", Self::StartsWith),
        ("endswith", Self::EndsWith),
        ("glob", Self::Glob),
        ("iglob", Self::GlobIgnoringCase),
        ("in", Self::In),
        ("intersects", Self::Intersects),
        ("pmatch", Self::PathMatch),
    ];

    /// Operators of the language that are not evaluated yet.
    pub const LATER: [&'static str; 3] = ["bcontains", "bstartswith", "regex"];

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
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::Glob => "glob",
            Self::GlobIgnoringCase => "iglob",
            Self::In => "in",
            Self::Intersects => "intersects",
            Self::PathMatch => "pmatch",
        }
    }

    /// What stands on its right.
    pub const fn right(self) -> Right {
        match self {
            Self::Exists => Right::Nothing,
            Self::In | Self::Intersects | Self::PathMatch => Right::Many,
            Self::Equal
            | Self::NotEqual
            | Self::Less
            | Self::LessOrEqual
            | Self::Greater
            | Self::GreaterOrEqual
            | Self::Contains
            | Self::ContainsIgnoringCase
            | Self::StartsWith
            | Self::EndsWith
            | Self::Glob
            | Self::GlobIgnoringCase => Right::One,
        }
    }

    /// Whether it may be used with a field of this type.
    pub const fn goes_with(self, kind: Type) -> bool {
        match self {
            Self::Exists | Self::In | Self::Intersects => true,
            Self::Equal | Self::NotEqual => !matches!(kind, Type::List),
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => {
                matches!(kind, Type::Number | Type::Text)
            }
            Self::Contains
            | Self::ContainsIgnoringCase
            | Self::StartsWith
            | Self::EndsWith
            | Self::Glob
            | Self::GlobIgnoringCase
            | Self::PathMatch => matches!(kind, Type::Text),
        }
    }
}

/// The operators that go with a type, for messages.
pub const fn allowed(kind: Type) -> &'static str {
    match kind {
        Type::Bool => "one of = != in intersects exists",
        Type::Number => "one of = != < <= > >= in intersects exists",
        Type::Text => "any operator",
        Type::List => "one of in intersects exists",
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
