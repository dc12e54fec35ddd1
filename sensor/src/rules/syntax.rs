//! The syntax tree of a condition: what was written, with places and without meaning.

use super::operator::Operator;

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

/// A field compared with something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The field on the left.
    pub field: FieldName,
    /// How it is compared.
    pub operator: Operator,
    /// Where the operator stands.
    pub operator_at: usize,
    /// What stands on the right; as many as [`Operator::right`] says.
    pub operands: Vec<Literal>,
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
    pub problem: super::problem::Problem,
}
