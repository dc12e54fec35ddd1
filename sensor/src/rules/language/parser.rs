//! From the text of a condition to its syntax tree.
//!
//! It keeps its own stack of open brackets and needs no recursion, so a hostile text costs memory in
//! proportion to its length and nothing else.

use super::calls::{self, Budget};
use super::cursor::{Cursor, is_blank};
use super::operator::{Modifier, Operator, Side};
use super::syntax::{Check, Literal, Operand, Right, SyntaxError, Tree};
use crate::rules::field::{did_you_mean, nearest};
use crate::rules::problem::Problem;

/// Deepest nesting of brackets.
pub const MAX_DEPTH: usize = 1000;

const EXPECTED_TERM: &str = "a field, a macro, `not` or `(`";

/// Parses a whole condition.
pub fn parse(text: &str) -> Result<Tree, SyntaxError> {
    let mut parser = Parser::new(text);
    loop {
        parser.operand()?;
        if let Some(tree) = parser.connector()? {
            return Ok(tree);
        }
    }
}

/// Parses what may stand behind an operator that takes one value, and nothing else.
pub fn one_value(text: &str) -> Result<Right, SyntaxError> {
    let mut parser = Parser::new(text);
    let right = match parser.right_operand()? {
        Some(operand) => Right::Operand(operand),
        None => Right::One(parser.literal()?),
    };
    parser.nothing_more().map(|()| right)
}

/// Parses constants in brackets, and nothing else.
pub fn values(text: &str) -> Result<Vec<Literal>, SyntaxError> {
    let mut parser = Parser::new(text);
    let values = parser.list()?;
    parser.nothing_more().map(|()| values)
}

/// What has been read of one bracket.
#[derive(Default)]
struct Level {
    /// Finished terms of the `or`.
    alternatives: Vec<Tree>,
    /// Terms of the `and` under way.
    terms: Vec<Tree>,
    /// Whether a `not` stands before the bracket.
    negated: bool,
    /// Where the bracket was opened.
    opened_at: usize,
}

impl Level {
    fn add(&mut self, tree: Tree, negated: bool) {
        self.terms.push(if negated { Tree::Not(Box::new(tree)) } else { tree });
    }

    fn next_alternative(&mut self) {
        let terms = std::mem::take(&mut self.terms);
        self.alternatives.push(joined(terms, Tree::And));
    }

    fn finish(mut self) -> Tree {
        self.next_alternative();
        joined(self.alternatives, Tree::Or)
    }
}

/// One tree stands for itself.
fn joined(mut trees: Vec<Tree>, join: fn(Vec<Tree>) -> Tree) -> Tree {
    match trees.pop() {
        Some(only) if trees.is_empty() => only,
        Some(last) => {
            trees.push(last);
            join(trees)
        }
        None => join(trees),
    }
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    /// The brackets around the current one, outermost first.
    open: Vec<Level>,
    level: Level,
    budget: Budget,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        let cursor = Cursor::new(text);
        Self { cursor, open: Vec::new(), level: Level::default(), budget: Budget::default() }
    }

    fn nothing_more(&mut self) -> Result<(), SyntaxError> {
        self.cursor.blanks();
        if self.cursor.rest().is_empty() { Ok(()) } else { Err(self.cursor.expected("the end")) }
    }

    /// Reads up to and with one check or macro, opening the brackets before it.
    fn operand(&mut self) -> Result<(), SyntaxError> {
        loop {
            let negated = self.negations();
            let opening = self.cursor;
            if !self.cursor.take("(") {
                let tree = self.check()?;
                self.level.add(tree, negated);
                return Ok(());
            }
            if self.open.len() >= MAX_DEPTH {
                return Err(opening.error(Problem::TooDeep(MAX_DEPTH)));
            }
            let inner = Level { negated, opened_at: opening.at(), ..Level::default() };
            self.open.push(std::mem::replace(&mut self.level, inner));
        }
    }

    /// Reads any number of `not`; says whether they leave a negation.
    fn negations(&mut self) -> bool {
        let mut negated = false;
        loop {
            self.cursor.blanks();
            let mut ahead = self.cursor;
            let is_not = ahead.identifier() == Some("not");
            if !is_not || !ahead.peek().is_some_and(|c| c == '(' || is_blank(c)) {
                return negated;
            }
            self.cursor = ahead;
            negated = !negated;
        }
    }

    /// Reads closing brackets up to an `and` or `or`; at the end of the text gives the whole tree.
    fn connector(&mut self) -> Result<Option<Tree>, SyntaxError> {
        loop {
            self.cursor.blanks();
            if self.cursor.take(")") {
                self.close()?;
            } else if self.cursor.rest().is_empty() {
                return self.end().map(Some);
            } else {
                return self.and_or().map(|()| None);
            }
        }
    }

    fn close(&mut self) -> Result<(), SyntaxError> {
        let Some(outer) = self.open.pop() else {
            let problem = Problem::Syntax {
                expected: "`and`, `or` or the end".to_owned(),
                found: "`)` without an opening bracket".to_owned(),
            };
            return Err(SyntaxError { at: self.cursor.at().saturating_sub(1), problem });
        };
        let inner = std::mem::replace(&mut self.level, outer);
        let negated = inner.negated;
        self.level.add(inner.finish(), negated);
        Ok(())
    }

    fn end(&mut self) -> Result<Tree, SyntaxError> {
        if !self.open.is_empty() {
            let problem = Problem::Syntax {
                expected: "a `)` that closes this".to_owned(),
                found: "the end".to_owned(),
            };
            return Err(SyntaxError { at: self.level.opened_at, problem });
        }
        Ok(std::mem::take(&mut self.level).finish())
    }

    fn and_or(&mut self) -> Result<(), SyntaxError> {
        let start = self.cursor;
        let word = self.cursor.identifier();
        let spaced = self.cursor.peek().is_none_or(|c| c == '(' || is_blank(c));
        match word {
            Some("and") if spaced => Ok(()),
            Some("or") if spaced => {
                self.level.next_alternative();
                Ok(())
            }
            Some("and" | "or") => Err(self.cursor.expected("a blank or `(`")),
            Some(_) | None => Err(self.no_connector(&start)),
        }
    }

    /// The error that something else stands where `and` or `or` is needed.
    fn no_connector(&self, start: &Cursor<'_>) -> SyntaxError {
        let end = if self.open.is_empty() { "the end" } else { "`)`" };
        with_hint(start.expected(format!("`and`, `or` or {end}")), &connector_hint(*start))
    }

    /// A comparison or the name of a macro.
    fn check(&mut self) -> Result<Tree, SyntaxError> {
        let start = self.cursor;
        if start.is_before_keyword() {
            return Err(Self::keyword(start));
        }
        self.budget.term(&start)?;
        if let Some(left) = self.operand_here()? {
            return self.comparison(left);
        }
        match self.cursor.identifier() {
            Some(word) => Ok(Tree::Macro { name: word.to_owned(), at: start.at() }),
            None => Err(start.expected(EXPECTED_TERM)),
        }
    }

    /// The error that a keyword stands where a term is needed.
    fn keyword(start: Cursor<'_>) -> SyntaxError {
        let mut behind = start;
        match behind.identifier() {
            Some("not") => behind.expected("a blank or `(` after `not`"),
            Some(_) | None => start.expected(EXPECTED_TERM),
        }
    }

    /// Reads a field or a transformer, if one comes next.
    fn operand_here(&mut self) -> Result<Option<Operand>, SyntaxError> {
        calls::Reader { cursor: &mut self.cursor, budget: &mut self.budget }.operand(0)
    }

    fn comparison(&mut self, left: Operand) -> Result<Tree, SyntaxError> {
        self.cursor.blanks();
        let operator_at = self.cursor.at();
        let operator = self.operator()?;
        let right = match operator.right() {
            Side::Nothing => Right::Nothing,
            Side::One => self.one(operator)?,
            Side::Many => self.many(operator)?,
        };
        Ok(Tree::Check(Box::new(Check { left, operator, operator_at, right })))
    }

    fn operator(&mut self) -> Result<Operator, SyntaxError> {
        for (symbol, operator) in Operator::SYMBOLS {
            if self.cursor.take(symbol) {
                return Ok(operator);
            }
        }
        let start = self.cursor;
        let word = self.cursor.identifier().unwrap_or_default();
        let words = || Operator::WORDS.iter().map(|(word, _)| *word);
        let Some((_, operator)) = Operator::WORDS.iter().find(|(known, _)| *known == word) else {
            let suggestion = nearest(word, words()).filter(|_| !word.is_empty());
            let error = start.expected("an operator such as `=`, `in` or `startswith`");
            return Err(with_hint(error, &did_you_mean(suggestion)));
        };
        let needs_blank = operator.right() == Side::One;
        if needs_blank && !self.cursor.peek().is_some_and(is_blank) {
            return Err(self.cursor.expected(format!("a blank after `{word}`")));
        }
        Ok(*operator)
    }

    /// What stands behind an operator that takes one value.
    fn one(&mut self, operator: Operator) -> Result<Right, SyntaxError> {
        let spaced = self.cursor.blanks();
        if let Some(modifier) = self.modifier(operator, spaced)? {
            return Ok(Right::Each(modifier, self.list_or_name(modifier.name())?));
        }
        if let Some(operand) = self.right_operand()? {
            return Ok(Right::Operand(operand));
        }
        self.literal().map(Right::One)
    }

    /// What stands behind an operator that takes a list.
    fn many(&mut self, operator: Operator) -> Result<Right, SyntaxError> {
        self.cursor.blanks();
        if let Some(operand) = self.right_operand()? {
            return Ok(Right::Operand(operand));
        }
        self.list_or_name(operator.name()).map(Right::Many)
    }

    fn literal(&mut self) -> Result<Literal, SyntaxError> {
        self.budget.literal(&mut self.cursor)
    }

    /// Reads `oneof`, `anyof` or `allof`, which are such words only where a list follows.
    fn modifier(&mut self, operator: Operator, spaced: bool) -> Result<Option<Modifier>, SyntaxError> {
        let start = self.cursor;
        let mut ahead = start;
        let word = ahead.identifier().filter(|_| operator.takes_modifier());
        let Some(modifier) = word.and_then(Modifier::find) else { return Ok(None) };
        let behind = ahead;
        let spaced_behind = ahead.blanks();
        let mut list = ahead;
        let is_list = ahead.peek() == Some('(') || !ahead.is_before_keyword() && list.identifier().is_some();
        if !is_list || !spaced_behind && ahead.peek() != Some('(') {
            return Ok(None);
        }
        if !spaced {
            return Err(start.expected(format!("a blank after `{}`", operator.name())));
        }
        if !spaced_behind {
            return Err(behind.expected(format!("a blank after `{}`", modifier.name())));
        }
        self.cursor = ahead;
        Ok(Some(modifier))
    }

    /// Reads `val(field)` or a transformer, if one comes next.
    fn right_operand(&mut self) -> Result<Option<Operand>, SyntaxError> {
        let mut ahead = self.cursor;
        let word = ahead.identifier();
        if ahead.peek() != Some('(') {
            return Ok(None);
        }
        match word {
            Some("val") => {
                ahead.take("(");
                self.cursor = ahead;
                self.val().map(Some)
            }
            Some(_) => self.operand_here(),
            None => Ok(None),
        }
    }

    /// Reads the field in `val(field)`, the bracket already read.
    fn val(&mut self) -> Result<Operand, SyntaxError> {
        self.cursor.blanks();
        let start = self.cursor;
        let word = self.cursor.identifier().filter(|_| self.cursor.peek() == Some('.'));
        let Some(word) = word else { return Err(start.expected("a field")) };
        let field = self.cursor.field(word, start.at())?;
        self.cursor.blanks();
        if self.cursor.take(")") { Ok(Operand::Field(field)) } else { Err(self.cursor.expected("`)`")) }
    }

    /// Reads constants in brackets, or the one word that is left of a list with one item.
    fn list_or_name(&mut self, before: &str) -> Result<Vec<Literal>, SyntaxError> {
        self.cursor.blanks();
        let start = self.cursor;
        let mut ahead = start;
        let name = ahead.identifier().filter(|_| !start.is_before_keyword());
        if name.is_none() || ahead.peek().is_some_and(super::cursor::is_bare) {
            let opened = start.peek() == Some('(');
            return if opened { self.list() } else { Err(start.expected(format!("`(` after `{before}`"))) };
        }
        ahead.blanks();
        if ahead.peek() == Some(',') {
            return Err(start.expected(format!("`(` after `{before}`: several values stand in brackets")));
        }
        self.literal().map(|literal| vec![literal])
    }

    /// Reads constants in brackets.
    fn list(&mut self) -> Result<Vec<Literal>, SyntaxError> {
        self.cursor.blanks();
        if !self.cursor.take("(") {
            return Err(self.cursor.expected("`(`"));
        }
        let mut literals = Vec::new();
        self.cursor.blanks();
        if self.cursor.take(")") {
            return Ok(literals);
        }
        loop {
            self.cursor.blanks();
            literals.push(self.literal()?);
            self.cursor.blanks();
            if self.cursor.take(")") {
                return Ok(literals);
            }
            if !self.cursor.take(",") {
                return Err(self.cursor.expected("`,` or `)`"));
            }
        }
    }
}

fn with_hint(mut error: SyntaxError, hint: &str) -> SyntaxError {
    if let Problem::Syntax { found, .. } = &mut error.problem {
        found.push_str(hint);
    }
    error
}

/// What was probably meant by something that is neither `and` nor `or`.
fn connector_hint(mut start: Cursor<'_>) -> String {
    let rest = start.rest();
    let begins = |word: &str| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let exact = |word: &str| rest.starts_with(word);
    let hint = match () {
        () if exact("&&") => "; write `and`",
        () if exact("||") => "; write `or`",
        () if exact(",") => "; several values stand in brackets, behind `in`",
        () if exact("and") => "; is a blank missing after `and`?",
        () if exact("or") => "; is a blank missing after `or`?",
        () if begins("and") => "; did you mean `and`?",
        () if begins("or") => "; did you mean `or`?",
        () => {
            let word = start.identifier().unwrap_or_default();
            return did_you_mean(nearest(word, ["and", "or"].into_iter()));
        }
    };
    hint.to_owned()
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
