//! The changes to a comparison: its operator, its values, the members of its lists.
//!
//! They are made to the comparison as it is written, and loaded as a rule would be.

use crate::rules::leaf::{Leaf, LeafId};
use crate::rules::literal::number;
use crate::rules::operator::Operator;
use crate::rules::parser;
use crate::rules::rule_set::RuleSet;
use crate::rules::syntax::{Check, Literal, Right, Tree};
use crate::rules::value::{Kind, Type};

/// What is appended to a text to alter it: a byte that names hardly hold.
const ALTERATION: &[u8] = b"\x01";
/// The same in hexadecimal digits, for operators that take them.
const HEXADECIMAL_ALTERATION: &[u8] = b"01";

/// Every changed form of a comparison, with the change in words.
pub(super) fn mutants(leaf: &Leaf) -> Vec<(Leaf, String)> {
    let Ok(Tree::Check(check)) = parser::parse(&leaf.to_string()) else { return Vec::new() };
    changed(&check, leaf.left.kind())
        .into_iter()
        .filter_map(|(check, words)| Some((compile(&check)?, words)))
        .collect()
}

/// Compiles a comparison; `None` if the language does not allow it.
fn compile(check: &Check) -> Option<Leaf> {
    let condition = check.to_string().replace('\'', "''");
    let source = if condition.contains("docker.") { "docker" } else { "syscall" };
    let rule = format!(
        "- {{rule: m, desc: d, output: o, priority: info, source: {source}, condition: '{condition}'}}\n"
    );
    let (rules, _) = RuleSet::load(&[("mutant", rule)]).ok()?;
    let mut found: Option<LeafId> = None;
    rules.rules().first()?.condition().each_leaf(&mut |id| found = Some(id));
    rules.leaf(found?).cloned()
}

fn changed(check: &Check, kind: Kind) -> Vec<(Check, String)> {
    let mut changed = Vec::new();
    if let Some(operator) = near(check.operator, kind) {
        let words = format!("`{}` becomes `{}`", check.operator.name(), operator.name());
        changed.push((Check { operator, ..check.clone() }, words));
    }
    match &check.right {
        Right::One(literal) => changed.extend(altered(check, literal, kind)),
        Right::Many(members) => {
            let shorter = shorter(check, members).into_iter();
            changed.extend(shorter.map(|(rest, words)| (with(check, Right::Many(rest)), words)));
        }
        Right::Each(modifier, members) => {
            let shorter = shorter(check, members).into_iter();
            changed.extend(shorter.map(|(rest, words)| (with(check, Right::Each(*modifier, rest)), words)));
        }
        Right::Nothing | Right::Operand(_) => {}
    }
    changed
}

fn with(check: &Check, right: Right) -> Check {
    Check { right, ..check.clone() }
}

/// The operator that an author might have taken by mistake.
fn near(operator: Operator, kind: Kind) -> Option<Operator> {
    let name = match operator.name() {
        "startswith" | "endswith" => "contains",
        "=" if matches!(kind.of, Type::Text) => "startswith",
        "<" => "<=",
        "<=" => "<",
        ">" => ">=",
        ">=" => ">",
        // On anything but a list the two mean the same.
        "in" if kind.list => "intersects",
        "intersects" if kind.list => "in",
        _ => return None,
    };
    Operator::find(name)
}

/// The comparison with another value.
fn altered(check: &Check, literal: &Literal, kind: Kind) -> Vec<(Check, String)> {
    let values = match kind.of {
        Type::Number | Type::Decimal | Type::Port => neighbours(literal, check.operator),
        Type::Text | Type::Bytes => vec![longer(literal, check.operator)],
        // The other truth value is the negation, and addresses have no neighbours that make sense.
        Type::Bool | Type::Ip | Type::Net => Vec::new(),
    };
    values
        .into_iter()
        .map(|literal| {
            let words = format!("the value becomes `{literal}`");
            (with(check, Right::One(literal)), words)
        })
        .collect()
}

fn longer(literal: &Literal, operator: Operator) -> Literal {
    let takes_digits = operator.name() == "bcontains" || operator.name() == "bstartswith";
    let more = if takes_digits { HEXADECIMAL_ALTERATION } else { ALTERATION };
    Literal { bytes: [&*literal.bytes, more].concat(), quoted: true, at: literal.at }
}

/// The numbers beside it, but for the one with which a strict comparison becomes the near operator's.
fn neighbours(literal: &Literal, operator: Operator) -> Vec<Literal> {
    let number = number(&literal.bytes);
    let steps: &[i64] = match operator.name() {
        "<" | ">=" => &[-1],
        "<=" | ">" => &[1],
        _ => &[-1, 1],
    };
    let near = |step: &i64| number.and_then(|number| number.checked_add(*step));
    let literal = |number: i64| Literal { bytes: number.to_string().into(), quoted: false, at: literal.at };
    steps.iter().filter_map(near).map(literal).collect()
}

/// The list without each of its members in turn, but for those that the others imply. A list of one is made empty by
/// the change that makes the comparison never true.
fn shorter(check: &Check, members: &[Literal]) -> Vec<(Vec<Literal>, String)> {
    if members.len() < 2 {
        return Vec::new();
    }
    let takes_paths = check.operator.name() == "pmatch";
    let mut shorter = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let mut rest = members.to_vec();
        rest.remove(index);
        let implied = |other: &Literal| {
            other.bytes == member.bytes || takes_paths && leads_to(&other.bytes, &member.bytes)
        };
        if !rest.iter().any(implied) {
            shorter.push((rest, format!("without `{member}`")));
        }
    }
    shorter
}

/// Whether a path lies below another one.
fn leads_to(above: &[u8], path: &[u8]) -> bool {
    let above = above.strip_suffix(b"/").unwrap_or(above);
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with(b"/"))
}
