//! What could match at all, per event type: the rules' demands in a form that a kernel program can apply before it
//! walks a path or reserves a record.
//!
//! A demand is wider than the rules, never narrower: an event that a rule matches satisfies it. Where a rule says
//! nothing about something, everything goes.

mod print;

use std::collections::BTreeMap;

use super::comparison::{Comparison, NumberTest, TextTest};
use super::condition::Condition;
use super::leaf::{Leaf, Leaves, Test};
use super::operand::Operand;
use crate::rules::event_type::EventType;

/// Most texts in one demand; a longer list is no filter for a kernel program.
const MAX_TEXTS: usize = 512;

/// What events of each type must have for a rule to match; no other event has to be reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KernelFilter {
    /// Demands by event type. A type that is not there is not asked for.
    pub by_event: BTreeMap<EventType, Demand>,
}

/// What an event must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What its path (`fd.name`) must be.
    pub path: Texts,
    /// What its program (`proc.exepath`) must be.
    pub program: Texts,
    /// What its program's name (`proc.name`) must be.
    pub name: Texts,
    /// How it opens a file: combinations of `evt.is_open_read` and `evt.is_open_write`.
    pub access: Access,
    /// Whether it failed.
    pub outcome: Outcome,
    /// Whether it happened on the host or in a container.
    pub scope: Scope,
}

/// Defines sets of a few possibilities, a bit each.
macro_rules! possibilities {
    ($($(#[$doc:meta])+ $name:ident { $($(#[$one_doc:meta])+ $one:ident = $bit:literal,)+ })+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(u8);

        impl $name {
            /// None of the possibilities.
            pub const NONE: Self = Self(0);
            /// Every possibility.
            pub const ANY: Self = Self($($bit |)+ 0);
            $($(#[$one_doc])+ pub const $one: Self = Self($bit);)+

            /// The possibilities in both.
            #[must_use]
            pub const fn and(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            /// The possibilities in either.
            #[must_use]
            pub const fn or(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// The names of the possibilities in it.
            pub fn names(self) -> impl Iterator<Item = &'static str> {
                [$(($bit, stringify!($one))),+].into_iter().filter(move |(bit, _)| self.0 & bit != 0).map(|(_, name)| name)
            }
        }
    )+};
}

possibilities! {
    /// How a file is opened: what `evt.is_open_read` and `evt.is_open_write` tell of it.
    Access {
        /// To neither read nor write.
        NEITHER = 1,
        /// To read only.
        READ = 2,
        /// To write only.
        WRITE = 4,
        /// To read and write.
        READ_WRITE = 8,
    }
    /// How a call ended.
    Outcome {
        /// It succeeded.
        SUCCEEDED = 1,
        /// It failed.
        FAILED = 2,
    }
    /// Where something happened.
    Scope {
        /// On the host.
        HOST = 1,
        /// In a container, or perhaps in one.
        CONTAINER = 2,
    }
}

/// What a text must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Texts {
    /// Anything.
    Any,
    /// Satisfy one of these; none is satisfied by nothing.
    OneOf(Vec<TextDemand>),
}

/// One thing that a text can be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TextDemand {
    /// This.
    Is(Box<[u8]>),
    /// Something that begins with this.
    StartsWith(Box<[u8]>),
    /// Something that ends with this.
    EndsWith(Box<[u8]>),
    /// Something that holds this.
    Contains(Box<[u8]>),
}

impl KernelFilter {
    /// Adds what a rule demands of events of these types.
    pub(in crate::rules) fn add(&mut self, types: impl Iterator<Item = EventType>, demand: &Demand) {
        for event in types {
            match self.by_event.get_mut(&event) {
                Some(known) => *known = std::mem::replace(known, Demand::NOTHING).or(demand.clone()),
                None => {
                    self.by_event.insert(event, demand.clone());
                }
            }
        }
    }
}

impl Demand {
    /// Demands nothing: every event satisfies it.
    const NOTHING: Self = Self {
        path: Texts::Any,
        program: Texts::Any,
        name: Texts::Any,
        access: Access::ANY,
        outcome: Outcome::ANY,
        scope: Scope::ANY,
    };

    /// What no event satisfies.
    const IMPOSSIBLE: Self = Self {
        path: Texts::OneOf(Vec::new()),
        program: Texts::OneOf(Vec::new()),
        name: Texts::OneOf(Vec::new()),
        access: Access::NONE,
        outcome: Outcome::NONE,
        scope: Scope::NONE,
    };

    /// What a condition demands.
    pub(in crate::rules) fn of(condition: &Condition, leaves: &Leaves) -> Self {
        Self::sought(condition, true, leaves)
    }

    /// What a condition demands, or its opposite where `wanted` is false.
    fn sought(condition: &Condition, wanted: bool, leaves: &Leaves) -> Self {
        let each = |terms: &[Condition], join: fn(Self, Self) -> Self, start| {
            terms.iter().map(|term| Self::sought(term, wanted, leaves)).fold(start, join)
        };
        match (condition, wanted) {
            (Condition::All(terms), true) | (Condition::Any(terms), false) => {
                each(terms, Self::and, Self::NOTHING)
            }
            (Condition::Any(terms), true) | (Condition::All(terms), false) => {
                each(terms, Self::or, Self::IMPOSSIBLE)
            }
            (Condition::Not(term), _) => Self::sought(term, !wanted, leaves),
            (Condition::Macro(named), _) => Self::sought(&named.condition, wanted, leaves),
            (Condition::Constant(truth, _), _) if *truth != wanted => Self::IMPOSSIBLE,
            (Condition::Leaf(id), _) => {
                leaves.get(*id).map_or(Self::NOTHING, |leaf| Self::leaf(leaf, wanted))
            }
            (Condition::EventType(..) | Condition::Constant(..), _) => Self::NOTHING,
        }
    }

    fn leaf(leaf: &Leaf, wanted: bool) -> Self {
        let (Operand::Field(field), Test::Constant(comparison)) = (&leaf.left, &leaf.test) else {
            return Self::NOTHING;
        };
        let texts = || if wanted { texts(comparison) } else { Texts::Any };
        match field.field.name {
            "fd.name" => Self { path: texts(), ..Self::NOTHING },
            "proc.exepath" => Self { program: texts(), ..Self::NOTHING },
            "proc.name" => Self { name: texts(), ..Self::NOTHING },
            "evt.is_open_read" => Self { access: access(comparison, wanted, Access::READ), ..Self::NOTHING },
            "evt.is_open_write" => {
                Self { access: access(comparison, wanted, Access::WRITE), ..Self::NOTHING }
            }
            "evt.failed" => Self { outcome: outcome(comparison, wanted), ..Self::NOTHING },
            "fd.num" if wanted && is_at_least_zero(comparison) => {
                Self { outcome: Outcome::SUCCEEDED, ..Self::NOTHING }
            }
            "container.id" => Self { scope: scope(comparison, wanted), ..Self::NOTHING },
            _ => Self::NOTHING,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            path: self.path.and(other.path),
            program: self.program.and(other.program),
            name: self.name.and(other.name),
            access: self.access.and(other.access),
            outcome: self.outcome.and(other.outcome),
            scope: self.scope.and(other.scope),
        }
    }

    fn or(self, other: Self) -> Self {
        if self == Self::IMPOSSIBLE || other == Self::NOTHING {
            return other;
        }
        if other == Self::IMPOSSIBLE {
            return self;
        }
        Self {
            path: self.path.or(other.path),
            program: self.program.or(other.program),
            name: self.name.or(other.name),
            access: self.access.or(other.access),
            outcome: self.outcome.or(other.outcome),
            scope: self.scope.or(other.scope),
        }
    }
}

impl Texts {
    /// Both have to hold: the shorter list is the better filter.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, demand) | (demand, Self::Any) => demand,
            (Self::OneOf(one), Self::OneOf(two)) => {
                Self::OneOf(if one.len() <= two.len() { one } else { two })
            }
        }
    }

    /// One has to hold.
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::OneOf(mut one), Self::OneOf(two)) if one.len() + two.len() <= MAX_TEXTS => {
                one.extend(two);
                one.sort_unstable();
                one.dedup();
                Self::OneOf(one)
            }
            _ => Self::Any,
        }
    }
}

fn texts(comparison: &Comparison) -> Texts {
    let Comparison::Text(sought) = comparison else { return Texts::Any };
    let mut demands: Vec<TextDemand> = match sought {
        TextTest::Equal(text) => vec![TextDemand::Is(text.clone())],
        TextTest::StartsWith(text) => vec![TextDemand::StartsWith(text.clone())],
        TextTest::EndsWith(text) => vec![TextDemand::EndsWith(text.clone())],
        TextTest::Contains(finder) => vec![TextDemand::Contains(finder.needle().into())],
        TextTest::In(set) => set.iter().map(|text| TextDemand::Is(text.into())).collect(),
        TextTest::NotEqual(_)
        | TextTest::Less(_)
        | TextTest::LessOrEqual(_)
        | TextTest::Greater(_)
        | TextTest::GreaterOrEqual(_)
        | TextTest::ContainsIgnoringCase(_)
        | TextTest::Glob(_)
        | TextTest::PathMatch(_)
        | TextTest::Regex(_) => return Texts::Any,
    };
    demands.sort_unstable();
    if demands.len() <= MAX_TEXTS { Texts::OneOf(demands) } else { Texts::Any }
}

/// Whether true and false satisfy a comparison. A missing value satisfies none, and so leaves both open to its
/// opposite.
fn truth(comparison: &Comparison, wanted: bool) -> (bool, bool) {
    if let (Comparison::Bool { on_true, on_false }, true) = (comparison, wanted) {
        (*on_true, *on_false)
    } else {
        (true, true)
    }
}

/// The opens that a comparison leaves, which is about opens that ask for `one` thing or for both.
fn access(comparison: &Comparison, wanted: bool, one: Access) -> Access {
    let other = if one == Access::READ { Access::WRITE } else { Access::READ };
    match truth(comparison, wanted) {
        (true, true) => Access::ANY,
        (true, false) => one.or(Access::READ_WRITE),
        (false, true) => other.or(Access::NEITHER),
        (false, false) => Access::NONE,
    }
}

fn outcome(comparison: &Comparison, wanted: bool) -> Outcome {
    match truth(comparison, wanted) {
        (true, true) => Outcome::ANY,
        (true, false) => Outcome::FAILED,
        (false, true) => Outcome::SUCCEEDED,
        (false, false) => Outcome::NONE,
    }
}

fn is_at_least_zero(comparison: &Comparison) -> bool {
    matches!(comparison, Comparison::Number(NumberTest::GreaterOrEqual(0) | NumberTest::Greater(-1)))
}

/// Host or container. What is not known to be the host may be a container.
fn scope(comparison: &Comparison, wanted: bool) -> Scope {
    let Comparison::Text(sought) = comparison else { return Scope::ANY };
    if matches!(sought, TextTest::Equal(text) if **text == *b"host") {
        return if wanted { Scope::HOST } else { Scope::CONTAINER };
    }
    let is_elsewhere = matches!(sought, TextTest::NotEqual(text) if **text == *b"host");
    if is_elsewhere && wanted { Scope::CONTAINER } else { Scope::ANY }
}

#[cfg(test)]
#[path = "kernel_filter_tests.rs"]
mod tests;
