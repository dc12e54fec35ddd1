//! Macros: named conditions, and which of them can see which.

use std::collections::HashMap;

use super::lists::{Expanded, Lists};
use super::parser;
use super::syntax::{SyntaxError, Tree};
use crate::rules::problem::Problem;
use crate::rules::source::{Fault, Place};
use crate::rules::written::Written;

/// A condition after parsing, and the way back to the file.
#[derive(Debug)]
pub struct Parsed {
    written: Written,
    expanded: Expanded,
    /// The condition.
    pub tree: Tree,
}

impl Parsed {
    /// Expands the lists in a condition and parses it.
    pub fn new(written: Written, lists: &mut Lists) -> Result<Self, Fault> {
        let fault = |at, problem| Fault { place: written.place(at), problem };
        let expanded = lists.expand(&written.text).map_err(|(at, problem)| fault(at, problem))?;
        match parser::parse(&expanded.text) {
            Ok(tree) => Ok(Self { written, expanded, tree }),
            Err(SyntaxError { at, problem }) => Err(fault(expanded.origin(at), problem)),
        }
    }

    /// The place in the file of a byte of the expanded condition.
    pub fn place(&self, at: usize) -> Place {
        self.written.place(self.expanded.origin(at))
    }

    /// An error at a byte of the expanded condition.
    pub fn fault(&self, at: usize, problem: Problem) -> Fault {
        Fault { place: self.place(at), problem }
    }
}

/// One macro as it was read.
#[derive(Debug)]
pub struct Macro {
    /// Its name.
    pub name: String,
    /// Its condition.
    pub condition: Written,
    /// Where it was last defined.
    pub place: Place,
    /// Number of definitions of any macro before its first one.
    pub first: usize,
    /// Number of definitions of any macro before its last one or what was last appended.
    pub last: usize,
}

/// All macros, in the order of their first definition.
#[derive(Debug, Default)]
pub struct Macros {
    /// The macros.
    pub macros: Vec<Macro>,
    by_name: HashMap<String, usize>,
    defined: usize,
}

impl Macros {
    /// Adds a macro, or replaces the one of that name.
    pub fn define(&mut self, name: &str, condition: Written, place: Place) {
        let turn = self.defined;
        self.defined += 1;
        if let Some(known) = self.by_name.get(name).and_then(|index| self.macros.get_mut(*index)) {
            known.condition = condition;
            known.place = place;
            known.last = turn;
            return;
        }
        self.by_name.insert(name.to_owned(), self.macros.len());
        self.macros.push(Macro { name: name.to_owned(), condition, place, first: turn, last: turn });
    }

    /// Adds to the condition of a macro, which from now on sees the macros that come before this.
    pub fn append(&mut self, name: &str, more: &Written) {
        let turn = self.defined;
        self.defined += 1;
        if let Some(known) = self.by_name.get(name).and_then(|index| self.macros.get_mut(*index)) {
            known.condition.append(more);
            known.last = turn;
        }
    }

    /// The macro of this name.
    pub fn find(&self, name: &str) -> Option<(usize, &Macro)> {
        let index = *self.by_name.get(name)?;
        Some((index, self.macros.get(index)?))
    }

    /// The names of all macros.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.macros.iter().map(|known| known.name.as_str())
    }
}
