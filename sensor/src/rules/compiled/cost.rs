//! What a comparison costs in memory, told from how it is written: a hostile file is refused before the memory is
//! taken. All numbers were measured and rounded up.

use std::mem::size_of;

use super::comparison::Comparison;
use crate::rules::operator::Operator;
use crate::rules::syntax::{Check, Literal, Right};

/// A leaf and its places in the tables of the index.
const LEAF: usize = 512;
/// A value, its place in a set, and the one in the tables of the index.
const VALUE: usize = 160;
/// A component of a path on the right of `pmatch`.
const COMPONENT: usize = 320;

/// The bytes of memory that a comparison will take, about, where its text has this length. What a regular expression
/// takes is known only when it is compiled, and is bounded there.
pub(super) fn of(check: &Check, length: usize, is_answered_at_load: bool) -> usize {
    let literals = check.right.literals();
    let values = literals.iter().map(|literal| value(check.operator, literal)).sum::<usize>();
    let each = if matches!(check.right, Right::Each(..)) { size_of::<Comparison>() } else { 0 };
    let leaf = if is_answered_at_load { 0 } else { LEAF };
    leaf + 3 * length + values + literals.len() * each
}

fn value(operator: Operator, literal: &Literal) -> usize {
    VALUE + literal.bytes.len() * per_byte(operator) + components(operator, literal) * COMPONENT
}

/// What a byte of a value costs.
fn per_byte(operator: Operator) -> usize {
    match operator {
        // A state of the automaton that looks for all of them at once.
        Operator::Contains | Operator::ContainsIgnoringCase | Operator::BytesContains => 48,
        // A token of the pattern, or a share of a bracket expression.
        Operator::Glob | Operator::GlobIgnoringCase | Operator::PathMatch => 24,
        Operator::Equal
        | Operator::NotEqual
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual
        | Operator::In
        | Operator::Intersects
        | Operator::Exists
        | Operator::StartsWith
        | Operator::BytesStartWith
        | Operator::EndsWith
        | Operator::Regex => 3,
    }
}

fn components(operator: Operator, literal: &Literal) -> usize {
    if operator != Operator::PathMatch {
        return 0;
    }
    literal.bytes.split(|byte| *byte == b'/').count()
}
