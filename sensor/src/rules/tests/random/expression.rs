//! A random condition, as this test understands it, and as the language writes it.

use super::check::Check;
use super::dice::Dice;
use super::facts::{Facts, TYPES};

/// What is known about the truth of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tri {
    False,
    Open,
    True,
}

impl Tri {
    pub(super) fn of(truth: bool) -> Self {
        if truth { Self::True } else { Self::False }
    }

    pub(super) fn any(truths: impl Iterator<Item = Self>) -> Self {
        truths.fold(
            Self::False,
            |one, two| if two == Self::True || one == Self::False { two.max(one) } else { one },
        )
    }

    fn max(self, other: Self) -> Self {
        if self == Self::True || other == Self::False { self } else { other }
    }

    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Open => Self::Open,
            Self::True => Self::False,
        }
    }
}

/// The conditions of macros, by number.
#[derive(Default)]
pub(super) struct Named(pub(super) Vec<Expression>);

#[derive(Debug)]
pub(super) enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    Types(Vec<&'static str>),
    /// `evt.num <= 0`
    Never,
    Macro(usize),
    Check(Check),
}

impl Expression {
    /// A condition of at most this depth, which may name the first so many macros.
    pub(super) fn random(dice: &mut Dice, depth: usize, macros: usize) -> Self {
        let kind = if depth == 0 { 3 + dice.below(12) } else { dice.below(12) };
        let mut several = |depth| (0..2 + dice.below(2)).map(|_| Self::random(dice, depth, macros)).collect();
        match kind {
            0 => Self::And(several(depth - 1)),
            1 => Self::Or(several(depth - 1)),
            2 => Self::Not(Box::new(Self::random(dice, depth - 1, macros))),
            3 => Self::Types(vec![dice.pick(&TYPES)]),
            4 => Self::Types(vec![dice.pick(&TYPES), dice.pick(&TYPES)]),
            5 if dice.once_in(4) => Self::Never,
            6 | 7 if macros > 0 => Self::Macro(dice.below(macros)),
            _ => Self::Check(Check::random(dice)),
        }
    }

    pub(super) fn judge(&self, facts: &Facts, macros: &Named) -> Tri {
        match self {
            Self::And(terms) => Tri::any(terms.iter().map(|term| term.judge(facts, macros).not())).not(),
            Self::Or(terms) => Tri::any(terms.iter().map(|term| term.judge(facts, macros))),
            Self::Not(term) => term.judge(facts, macros).not(),
            Self::Types(types) => Tri::of(types.contains(&facts.event_type)),
            Self::Never => Tri::False,
            Self::Macro(number) => macros.0[*number].judge(facts, macros),
            Self::Check(check) => check.judge(facts),
        }
    }

    /// Writes it, with brackets only where they are needed or as the dice like it.
    pub(super) fn write(&self, dice: &mut Dice, parent: u8) -> String {
        let (level, text) = match self {
            Self::Or(terms) => (1, join(terms, dice, 1, " or ")),
            Self::And(terms) => (2, join(terms, dice, 2, "\n    and ")),
            Self::Not(term) => (3, format!("not {}", term.write(dice, 3))),
            Self::Types(types) if types.len() == 1 => (4, format!("evt.type={}", types[0])),
            Self::Types(types) => (4, format!("evt.type in ({})", types.join(","))),
            Self::Never => (4, "evt.num<=0".to_owned()),
            Self::Macro(number) => (4, format!("m{number}")),
            Self::Check(check) => (4, check.write()),
        };
        if level < parent || dice.once_in(4) { format!("( {text})") } else { text }
    }
}

fn join(terms: &[Expression], dice: &mut Dice, level: u8, word: &str) -> String {
    // A term of the same kind would melt into this one: the same meaning, but it is written with brackets.
    let written: Vec<_> = terms.iter().map(|term| term.write(dice, level + 1)).collect();
    written.join(word)
}
