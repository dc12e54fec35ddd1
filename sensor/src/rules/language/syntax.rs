//! The syntax tree of a condition: what was written, with places and without meaning.

use std::fmt;

use super::operator::{Modifier, Operator};
use crate::rules::transformer::Transformer;

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// All of them.
    And(Vec<Tree>),
    /// Any of them.
    Or(Vec<Tree>),
    /// Not this.
    Not(Box<Tree>),
    /// A comparison.
    Check(Box<Check>),
    /// The condition of a macro.
    Macro {
        /// Its name.
        name: String,
        /// Where it is named, in bytes from the start of the text.
        at: usize,
    },
}

impl Tree {
    /// How many comparisons and names of macros it holds.
    pub fn terms(&self) -> usize {
        let mut count = 0;
        let mut trees = vec![self];
        while let Some(tree) = trees.pop() {
            match tree {
                Self::And(inner) | Self::Or(inner) => trees.extend(inner),
                Self::Not(inner) => trees.push(inner),
                Self::Check(_) | Self::Macro { .. } => count += 1,
            }
        }
        count
    }
}

/// A comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What is compared.
    pub left: Operand,
    /// How it is compared.
    pub operator: Operator,
    /// Where the operator stands.
    pub operator_at: usize,
    /// With what it is compared.
    pub right: Right,
}

/// What stands on the right of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    /// Nothing: `exists`.
    Nothing,
    /// One constant.
    One(Literal),
    /// Constants in brackets.
    Many(Vec<Literal>),
    /// `oneof`, `anyof` or `allof` and constants in brackets.
    Each(Modifier, Vec<Literal>),
    /// `val(field)` or a transformer: the value is taken from the event.
    Operand(Operand),
}

impl Right {
    /// The constants in it.
    pub fn literals(&self) -> &[Literal] {
        match self {
            Self::Nothing | Self::Operand(_) => &[],
            Self::One(literal) => std::slice::from_ref(literal),
            Self::Many(literals) | Self::Each(_, literals) => literals,
        }
    }
}

/// A value that is taken from the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A field.
    Field(FieldName),
    /// What a transformer makes of its arguments.
    Call(Box<Call>),
}

impl Operand {
    /// Where it starts.
    pub fn at(&self) -> usize {
        match self {
            Self::Field(field) => field.at,
            Self::Call(call) => call.at,
        }
    }
}

/// A transformer and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The transformer.
    pub transformer: Transformer,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// What stands in brackets behind it.
    pub key: Option<String>,
    /// Where it starts.
    pub at: usize,
}

/// An argument of a transformer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// A constant: quoted, or a number.
    Literal(Literal),
    /// A list in brackets.
    List(Vec<Argument>),
    /// A field or another transformer.
    Operand(Operand),
}

/// A field as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldName {
    /// Its dotted name.
    pub name: String,
    /// What stands in brackets.
    pub argument: Option<String>,
    /// Where it starts.
    pub at: usize,
}

/// A constant on the right of an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Its bytes, escapes resolved.
    pub bytes: Vec<u8>,
    /// Whether it was quoted.
    pub quoted: bool,
    /// Where it starts.
    pub at: usize,
}

/// Where a text leaves the grammar, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The byte of the text.
    pub at: usize,
    /// What is wrong there.
    pub problem: crate::rules::problem::Problem,
}

impl fmt::Display for Check {
    /// As a condition would write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.left, self.operator.name())?;
        match &self.right {
            Right::Nothing => Ok(()),
            Right::One(literal) => write!(f, " {literal}"),
            Right::Many(literals) => in_brackets(f, literals),
            Right::Each(modifier, literals) => {
                write!(f, " {}", modifier.name())?;
                in_brackets(f, literals)
            }
            Right::Operand(Operand::Field(field)) => write!(f, " val({field})"),
            Right::Operand(call @ Operand::Call(_)) => write!(f, " {call}"),
        }
    }
}

fn in_brackets(f: &mut fmt::Formatter<'_>, literals: &[Literal]) -> fmt::Result {
    f.write_str(" (")?;
    separated(f, literals)?;
    f.write_str(")")
}

fn separated<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => write!(f, "{field}"),
            Self::Call(call) => {
                write!(f, "{}(", call.transformer.name())?;
                separated(f, &call.arguments)?;
                f.write_str(")")?;
                call.key.as_ref().map_or(Ok(()), |key| write!(f, "[{}]", Key(key)))
            }
        }
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Without quotes a text would be a field here.
            Self::Literal(literal) if literal.quoted => quote(f, &literal.bytes),
            Self::Literal(literal) => write!(f, "{literal}"),
            Self::Operand(operand) => write!(f, "{operand}"),
            Self::List(arguments) => {
                f.write_str("(")?;
                separated(f, arguments)?;
                f.write_str(")")
            }
        }
    }
}

impl fmt::Display for FieldName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.argument.as_ref().map_or(Ok(()), |argument| write!(f, "[{}]", Key(argument)))
    }
}

/// What stands in brackets, in quotes where it needs them.
struct Key<'k>(&'k str);

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = |c: char| c.is_alphanumeric() || c.is_ascii_punctuation() && !"\"'[]\\".contains(c);
        if self.0.chars().all(bare) { f.write_str(self.0) } else { quote(f, self.0.as_bytes()) }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::str::from_utf8(&self.bytes) {
            Ok(text) if !text.is_empty() && text.chars().all(super::cursor::is_bare) => f.write_str(text),
            Ok(_) | Err(_) => quote(f, &self.bytes),
        }
    }
}

/// In double quotes, with the escapes of the language.
fn quote(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_str("\"")?;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(c))?,
                c => write!(f, "{c}")?,
            }
        }
        for byte in chunk.invalid() {
            write!(f, "\\x{byte:02x}")?;
        }
    }
    f.write_str("\"")
}
