//! From syntax trees to conditions: fields resolved, types checked, macros put in, and the event types found
//! for which a condition can hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::as_passed;
use super::comparison::{Comparison, NumberTest};
use super::condition::{Condition, Named};
use super::cost;
use super::leaf::{Leaves, Test};
use super::literal::{self, Written};
use super::operand::Operand;
use super::pattern::regex::Regexes;
use crate::rules::event_type::{self, EventType, EventTypes};
use crate::rules::field::{self, FieldError};
use crate::rules::macros::{Macros, Parsed};
use crate::rules::operator::Operator;
use crate::rules::problem::{Concern, Problem};
use crate::rules::source::{Fault, LoadError, Warning};
use crate::rules::syntax::{self, Right, SyntaxError, Tree};
use crate::rules::value::{NOT_AVAILABLE, Type, Value};
use crate::rules::yaml::excerpt;

/// Deepest nesting of a condition, macros put in; evaluation takes stack in proportion.
pub const MAX_DEPTH: usize = 1000;
/// Most comparisons of a condition, macros put in.
pub const MAX_CHECKS: usize = 100_000;

/// A condition and what is known about it.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The condition.
    pub condition: Condition,
    /// The event types for which it can hold.
    pub holds_for: Box<EventTypes>,
    /// The event types for which it can be false.
    fails_for: Box<EventTypes>,
    /// Levels of nesting.
    height: usize,
    /// Number of comparisons.
    checks: usize,
}

impl Compiled {
    /// Number of comparisons, macros put in.
    pub fn checks(&self) -> usize {
        self.checks
    }

    fn leaf(condition: Condition, holds_for: EventTypes, fails_for: EventTypes) -> Self {
        Self { condition, holds_for: holds_for.into(), fails_for: fails_for.into(), height: 1, checks: 1 }
    }

    fn constant(truth: bool, text: Arc<str>) -> Self {
        let (holds_for, fails_for) =
            if truth { (EventTypes::ALL, EventTypes::NONE) } else { (EventTypes::NONE, EventTypes::ALL) };
        Self::leaf(Condition::Constant(truth, text), holds_for, fails_for)
    }
}

/// Where the compilation of a macro stands.
#[derive(Debug)]
enum State {
    Untouched(Box<Parsed>),
    /// The macros that it names are being compiled.
    Waiting(Box<Parsed>),
    UnderWay,
    Done(Result<Compiled, Fault>),
}

impl State {
    fn new(parsed: Result<Parsed, Fault>) -> Self {
        match parsed {
            Ok(parsed) => Self::Untouched(Box::new(parsed)),
            Err(fault) => Self::Done(Err(fault)),
        }
    }
}

/// Compiles conditions that share macros; each macro is compiled once, when it is first named.
#[derive(Debug)]
pub struct Compiler<'m> {
    macros: &'m Macros,
    list_names: Vec<String>,
    states: Vec<State>,
    used: Vec<bool>,
    /// Number of warnings of the condition under way.
    warned: usize,
    /// Number of unknown macros.
    unknown: usize,
    regexes: Regexes,
    /// The comparisons of all conditions.
    pub leaves: Leaves,
    /// What is odd about the conditions.
    pub warnings: Vec<Warning>,
}

/// Who names a macro: it decides which macros exist for it.
#[derive(Clone, Copy)]
enum Viewer {
    Rule,
    Macro(usize),
}

impl<'m> Compiler<'m> {
    /// Takes the macros and their parsed conditions, in the same order.
    pub fn new(macros: &'m Macros, parsed: Vec<Result<Parsed, Fault>>, list_names: Vec<String>) -> Self {
        Self {
            macros,
            list_names,
            used: vec![false; parsed.len()],
            warned: 0,
            unknown: 0,
            regexes: Regexes::default(),
            states: parsed.into_iter().map(State::new).collect(),
            leaves: Leaves::default(),
            warnings: Vec::new(),
        }
    }

    /// Compiles the condition of a rule.
    pub fn rule(&mut self, parsed: &Parsed) -> Result<Compiled, Fault> {
        self.warned = 0;
        for index in self.mentioned_in(&parsed.tree) {
            self.prepare(index);
        }
        self.tree(parsed, &parsed.tree, Viewer::Rule, 1)
    }

    /// The macros that nothing named, and the errors in all of them: what nothing names is still parsed.
    ///
    /// An unknown field of a macro that is used is left out: it is the rule's affair whether that is an error.
    pub fn unused(self) -> (Vec<usize>, Vec<Fault>) {
        let mut faults = Vec::new();
        for (state, used) in self.states.into_iter().zip(&self.used) {
            if let State::Done(Err(fault)) = state
                && !(*used && matches!(fault.problem, Problem::Field(FieldError::Unknown { .. })))
            {
                faults.push(fault);
            }
        }
        let unused = self.used.iter().enumerate().filter(|(_, used)| !**used).map(|(index, _)| index);
        (unused.collect(), faults)
    }

    fn tree(
        &mut self,
        parsed: &Parsed,
        tree: &Tree,
        viewer: Viewer,
        depth: usize,
    ) -> Result<Compiled, Fault> {
        if depth > MAX_DEPTH {
            return Err(parsed.fault(first_byte(tree), Problem::TooDeep(MAX_DEPTH)));
        }
        match tree {
            Tree::And(trees) | Tree::Or(trees) => {
                let mut terms = Vec::with_capacity(trees.len());
                for tree in trees {
                    terms.push(self.tree(parsed, tree, viewer, depth + 1)?);
                }
                let joined = if matches!(tree, Tree::And(_)) { and(terms) } else { or(terms) };
                bounded(joined).map_err(|problem| parsed.fault(first_byte(tree), problem))
            }
            Tree::Not(tree) => Ok(not(self.tree(parsed, tree, viewer, depth + 1)?)),
            Tree::Check(check) => self.check(parsed, check),
            Tree::Macro { name, at } => self.named(parsed, name, *at, viewer, depth),
        }
    }

    fn named(
        &mut self,
        parsed: &Parsed,
        name: &str,
        at: usize,
        viewer: Viewer,
        depth: usize,
    ) -> Result<Compiled, Fault> {
        let macros = self.macros;
        let Some((index, found)) = macros.find(name) else {
            let problem = self.unknown_macro(name);
            return Err(parsed.fault(at, problem));
        };
        if let Viewer::Macro(viewer) = viewer
            && macros.macros.get(viewer).is_some_and(|viewer| found.first >= viewer.last)
        {
            let problem = if viewer == index {
                Problem::MacroLoop(name.to_owned())
            } else {
                Problem::MacroTooLate(name.to_owned())
            };
            return Err(parsed.fault(at, problem));
        }
        let compiled = match self.states.get(index) {
            Some(State::Done(result)) => result.clone()?,
            Some(State::Untouched(_) | State::Waiting(_) | State::UnderWay) | None => {
                return Err(parsed.fault(at, Problem::MacroLoop(name.to_owned())));
            }
        };
        if depth + compiled.height > MAX_DEPTH {
            return Err(parsed.fault(at, Problem::TooDeep(MAX_DEPTH)));
        }
        Ok(compiled)
    }

    /// Compiles a macro that was not touched yet, after those that it names; without recursion, so that a
    /// chain of macros costs no stack.
    fn prepare(&mut self, index: usize) {
        if !matches!(self.states.get(index), Some(State::Untouched(_))) {
            return;
        }
        let mut work = vec![index];
        while let Some(index) = work.last().copied() {
            let Some(state) = self.states.get_mut(index) else { return };
            match std::mem::replace(state, State::UnderWay) {
                State::Untouched(parsed) => {
                    let mentioned = self.mentioned_in(&parsed.tree);
                    self.put(index, State::Waiting(parsed));
                    let untouched =
                        |index: &usize| matches!(self.states.get(*index), Some(State::Untouched(_)));
                    work.extend(mentioned.into_iter().filter(untouched));
                }
                State::Waiting(parsed) => {
                    self.warned = 0;
                    let name = self.macros.macros.get(index).map_or("", |known| &*known.name);
                    let compiled = self.tree(&parsed, &parsed.tree, Viewer::Macro(index), 1);
                    let result = compiled.map(|compiled| named(compiled, name));
                    self.put(index, State::Done(result));
                    work.pop();
                }
                other @ (State::UnderWay | State::Done(_)) => {
                    self.put(index, other);
                    work.pop();
                }
            }
        }
    }

    fn put(&mut self, index: usize, state: State) {
        if let Some(place) = self.states.get_mut(index) {
            *place = state;
        }
    }

    /// The macros that a tree names, which count as used, each once.
    fn mentioned_in(&mut self, tree: &Tree) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut trees = vec![tree];
        while let Some(tree) = trees.pop() {
            match tree {
                Tree::And(inner) | Tree::Or(inner) => trees.extend(inner),
                Tree::Not(inner) => trees.push(inner),
                Tree::Check(_) => {}
                Tree::Macro { name, .. } => found.extend(self.macros.find(name).map(|(index, _)| index)),
            }
        }
        for index in &found {
            self.used.get_mut(*index).into_iter().for_each(|used| *used = true);
        }
        found
    }

    fn unknown_macro(&mut self, name: &str) -> Problem {
        self.unknown += 1;
        if self.unknown > LoadError::MAX_FAULTS {
            return Problem::UnknownMacro { name: excerpt(name), suggestion: None };
        }
        let lists = self.list_names.iter().map(String::as_str);
        let fields = field::TABLE.iter().map(|field| field.name);
        let suggestion = field::nearest(name, self.macros.names().chain(lists).chain(fields));
        Problem::UnknownMacro { name: excerpt(name), suggestion: suggestion.map(str::to_owned) }
    }

    fn check(&mut self, parsed: &Parsed, check: &syntax::Check) -> Result<Compiled, Fault> {
        let fault = |SyntaxError { at, problem }| parsed.fault(at, problem);
        let left = as_passed::operand(Operand::compile(&check.left).map_err(fault)?, check.right.literals());
        let written = check.to_string();
        if let Some(known) = self.leaves.find(&written) {
            self.look_for_oddities(parsed, &left, check);
            return Ok(Compiled::leaf(Condition::Leaf(known), EventTypes::ALL, EventTypes::ALL));
        }
        let bytes = cost::of(check, written.len(), is_answered_at_load(&left));
        self.leaves.charge(bytes).map_err(|problem| parsed.fault(check.left.at(), problem))?;
        let test = test(check, &left, &mut self.regexes).map_err(fault)?;
        self.look_for_oddities(parsed, &left, check);
        Ok(match (left.field_name(), &test) {
            (Some("evt.type"), Test::Constant(comparison)) => by_event_type(comparison, written),
            (Some("evt.num"), Test::Constant(comparison))
                if let Some(truth) = by_event_number(comparison) =>
            {
                Compiled::constant(truth, written.into())
            }
            _ => {
                let leaf = self.leaves.add(check, written, left, test);
                Compiled::leaf(Condition::Leaf(leaf), EventTypes::ALL, EventTypes::ALL)
            }
        })
    }

    fn look_for_oddities(&mut self, parsed: &Parsed, left: &Operand, check: &syntax::Check) {
        let field = left.field_name().unwrap_or_default();
        if left.kind().of != Type::Text {
            return;
        }
        for literal in check.right.literals() {
            if self.warnings.len() >= MAX_WARNINGS || self.warned >= MAX_WARNINGS_OF_ONE {
                return;
            }
            let Ok(text) = std::str::from_utf8(&literal.bytes) else { continue };
            if literal.bytes == NOT_AVAILABLE {
                self.warn(parsed, literal.at, Concern::ComparesNotAvailable);
            } else if !literal.quoted && field::find(text).is_some() {
                self.warn(parsed, literal.at, Concern::TextLikeField(text.to_owned()));
            }
            let whole = matches!(check.operator, Operator::Equal | Operator::NotEqual | Operator::In);
            if field == "evt.type" && whole && EventType::from_name(text).is_none() {
                let suggestion = event_type::nearest_name(text);
                self.warn(parsed, literal.at, Concern::UnknownEvent { name: excerpt(text), suggestion });
            }
        }
    }

    fn warn(&mut self, parsed: &Parsed, at: usize, concern: Concern) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warned += 1;
            self.warnings.push(Warning { place: parsed.place(at), concern });
        }
    }
}

/// Most warnings that are kept; a hostile file could cause one per word.
pub const MAX_WARNINGS: usize = 1000;
/// Most warnings of one kind about one condition; to find the place of each means to walk through its text.
pub const MAX_WARNINGS_OF_ONE: usize = 20;

/// Where a tree begins, roughly: at its first field or macro.
fn first_byte(tree: &Tree) -> usize {
    let mut tree = tree;
    loop {
        match tree {
            Tree::And(trees) | Tree::Or(trees) => match trees.first() {
                Some(first) => tree = first,
                None => return 0,
            },
            Tree::Not(inner) => tree = inner,
            Tree::Check(check) => return check.left.at(),
            Tree::Macro { at, .. } => return *at,
        }
    }
}

fn bounded(compiled: Compiled) -> Result<Compiled, Problem> {
    if compiled.checks > MAX_CHECKS {
        return Err(Problem::TooLarge { limit: MAX_CHECKS, what: "comparisons in one condition" });
    }
    Ok(compiled)
}

/// The operator and right side of a check, made ready.
fn test(check: &syntax::Check, left: &Operand, regexes: &mut Regexes) -> Result<Test, SyntaxError> {
    let syntax::Check { operator, operator_at, .. } = *check;
    let name = check.left.to_string();
    let mut comparison = |literals| {
        literal::comparison(Written { operator, operator_at, literals }, left.kind(), &name, regexes)
    };
    match &check.right {
        Right::Nothing | Right::One(_) | Right::Many(_) => {
            comparison(check.right.literals()).map(Test::Constant)
        }
        Right::Each(modifier, literals) => {
            let comparisons = literals.iter().map(|literal| comparison(std::slice::from_ref(literal)));
            let comparisons = comparisons.collect::<Result<Box<[_]>, _>>()?;
            if comparisons.is_empty() {
                // Of an empty list none can hold, but the operator has to go with the type all the same.
                comparison(&[])?;
            }
            Ok(Test::Each(*modifier, comparisons))
        }
        Right::Operand(right) => against(check, left, right),
    }
}

/// A comparison with another value of the event: the two have to be of one type.
fn against(check: &syntax::Check, left: &Operand, right: &syntax::Operand) -> Result<Test, SyntaxError> {
    let compiled = Operand::compile(right)?;
    let refuse = |at, expected: String, found: String| SyntaxError {
        at,
        problem: Problem::Syntax { expected, found },
    };
    let (kind, other) = (left.kind(), compiled.kind());
    let syntax::Check { operator, operator_at, .. } = *check;
    // It has to go with the type as it would if constants stood there.
    let nothing = Written { operator, operator_at, literals: &[] };
    literal::comparison(nothing, kind, &check.left.to_string(), &mut Regexes::default())?;
    let constants_only = matches!(operator, Operator::PathMatch | Operator::Regex)
        || kind.of == Type::Net
        || !left.goes_on_the_right();
    if constants_only {
        let expected = format!("constants behind `{} {}`", check.left, operator.name());
        return Err(refuse(right.at(), expected, format!("`{right}`")));
    }
    if !compiled.goes_on_the_right() {
        let expected = "a field that can stand on the right of an operator".to_owned();
        return Err(refuse(right.at(), expected, format!("`{right}`")));
    }
    if !same_sort(kind.of, other.of) {
        let expected = format!("a {} as `{}` is", kind.name(), check.left);
        return Err(refuse(right.at(), expected, format!("`{right}`, which is a {}", other.name())));
    }
    if other.list && !matches!(operator, Operator::In | Operator::Intersects) {
        return Err(refuse(right.at(), "a single value".to_owned(), format!("the list `{right}`")));
    }
    Ok(Test::Against(operator, Box::new(compiled)))
}

fn same_sort(left: Type, right: Type) -> bool {
    let sort = |kind| match kind {
        Type::Port => Type::Number,
        Type::Net => Type::Ip,
        other @ (Type::Bool | Type::Number | Type::Decimal | Type::Text | Type::Bytes | Type::Ip) => other,
    };
    sort(left) == sort(right)
}

/// The condition of a macro, in a form that can be had by many at no cost.
fn named(compiled: Compiled, name: &str) -> Compiled {
    let condition = Condition::Macro(Arc::new(Named { name: name.into(), condition: compiled.condition }));
    Compiled { condition, height: compiled.height + 1, ..compiled }
}

fn and(terms: Vec<Compiled>) -> Compiled {
    let holds_for = terms.iter().fold(EventTypes::ALL, |types, term| types.and(*term.holds_for));
    let fails_for = terms.iter().fold(EventTypes::NONE, |types, term| types.or(*term.fails_for));
    join(terms, holds_for, fails_for, Condition::All)
}

fn or(terms: Vec<Compiled>) -> Compiled {
    let holds_for = terms.iter().fold(EventTypes::NONE, |types, term| types.or(*term.holds_for));
    let fails_for = terms.iter().fold(EventTypes::ALL, |types, term| types.and(*term.fails_for));
    join(terms, holds_for, fails_for, Condition::Any)
}

fn join(
    terms: Vec<Compiled>,
    holds_for: EventTypes,
    fails_for: EventTypes,
    condition: fn(Box<[Condition]>) -> Condition,
) -> Compiled {
    let height = 1 + terms.iter().map(|term| term.height).max().unwrap_or_default();
    let checks = terms.iter().fold(0_usize, |sum, term| sum.saturating_add(term.checks));
    let condition = condition(terms.into_iter().map(|term| term.condition).collect());
    Compiled { condition, holds_for: holds_for.into(), fails_for: fails_for.into(), height, checks }
}

fn not(term: Compiled) -> Compiled {
    Compiled {
        condition: Condition::Not(Box::new(term.condition)),
        holds_for: term.fails_for,
        fails_for: term.holds_for,
        height: term.height + 1,
        checks: term.checks,
    }
}

/// Whether a comparison of this operand mostly becomes no leaf.
fn is_answered_at_load(operand: &Operand) -> bool {
    matches!(operand.field_name(), Some("evt.type" | "evt.num"))
}

/// A check of `evt.type` is answered for every type once, at load.
fn by_event_type(comparison: &Comparison, text: String) -> Compiled {
    let types = EventTypes::which(|event| {
        comparison.judge(&Value::from(event.name())) == super::comparison::Truth::True
    });
    Compiled::leaf(Condition::EventType(types.into(), text.into()), types, types.complement())
}

/// Events are numbered from 1, and rules use that to write what is always or never true.
fn by_event_number(comparison: &Comparison) -> Option<bool> {
    match comparison {
        Comparison::Number(NumberTest::Equal(number)) if *number < 1 => Some(false),
        Comparison::Number(NumberTest::NotEqual(number)) if *number < 1 => Some(true),
        Comparison::Number(NumberTest::Less(limit)) if *limit <= 1 => Some(false),
        Comparison::Number(NumberTest::LessOrEqual(limit)) if *limit < 1 => Some(false),
        Comparison::Number(NumberTest::Greater(limit)) if *limit < 1 => Some(true),
        Comparison::Number(NumberTest::GreaterOrEqual(limit)) if *limit <= 1 => Some(true),
        Comparison::Number(NumberTest::In(numbers)) if numbers.iter().all(|number| *number < 1) => {
            Some(false)
        }
        Comparison::Exists => Some(true),
        Comparison::Number(_)
        | Comparison::Decimal(_)
        | Comparison::Bool { .. }
        | Comparison::Text(_)
        | Comparison::Address(_)
        | Comparison::Network(_)
        | Comparison::Every(_)
        | Comparison::AllIn(_)
        | Comparison::AnyIn(_) => None,
    }
}

#[cfg(test)]
#[path = "compile_tests.rs"]
mod tests;
