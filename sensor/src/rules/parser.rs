//! From the text of a condition to its syntax tree.
//!
//! It keeps its own stack of open brackets and needs no recursion, so a hostile text costs memory in
//! proportion to its length and nothing else.

use super::cursor::Cursor;
use super::field::{did_you_mean, nearest};
use super::operator::{Operator, Side};
use super::problem::Problem;
use super::syntax::{Check, Literal, Operand, Right, SyntaxError, Tree};

/// Deepest nesting of brackets.
pub const MAX_DEPTH: usize = 1000;
/// Most constants in a condition, lists expanded.
pub const MAX_LITERALS: usize = 200_000;

/// Functions of the language that are not evaluated yet.
const TRANSFORMERS: [&str; 8] = ["tolower", "toupper", "b64", "basename", "len", "join", "concat", "getopt"];
/// Words between an operator and its list that are not evaluated yet.
const MODIFIERS: [&str; 3] = ["oneof", "anyof", "allof"];

/// Parses a whole condition.
pub fn parse(text: &str) -> Result<Tree, SyntaxError> {
    let mut parser =
        Parser { cursor: Cursor::new(text), open: Vec::new(), level: Level::default(), literals: 0 };
    loop {
        parser.operand()?;
        if let Some(tree) = parser.connector()? {
            return Ok(tree);
        }
    }
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
    literals: usize,
}

impl Parser<'_> {
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
            if !is_not || !ahead.peek().is_some_and(|c| c == '(' || super::cursor::is_blank(c)) {
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
        let spaced = self.cursor.peek().is_none_or(|c| c == '(' || super::cursor::is_blank(c));
        match word {
            Some("and") if spaced => Ok(()),
            Some("or") if spaced => {
                self.level.next_alternative();
                Ok(())
            }
            Some("and" | "or") => Err(self.cursor.expected("a blank or `(`")),
            Some(_) | None if self.open.is_empty() => Err(start.expected("`and`, `or` or the end")),
            Some(_) | None => Err(start.expected("`and`, `or` or `)`")),
        }
    }

    /// A comparison or the name of a macro.
    fn check(&mut self) -> Result<Tree, SyntaxError> {
        let start = self.cursor;
        let Some(word) = self.cursor.identifier() else {
            return Err(start.expected("a field, a macro, `not` or `(`"));
        };
        match self.cursor.peek() {
            Some('.') => self.comparison(word, start.at()),
            Some('(') if TRANSFORMERS.contains(&word) => {
                Err(start.error(Problem::NotSupported(format!("the transformer `{word}`"))))
            }
            _ if matches!(word, "and" | "or" | "not") => {
                Err(start.expected("a field, a macro, `not` or `(`"))
            }
            _ => Ok(Tree::Macro { name: word.to_owned(), at: start.at() }),
        }
    }

    fn comparison(&mut self, first: &str, at: usize) -> Result<Tree, SyntaxError> {
        let field = self.cursor.field(first, at)?;
        self.cursor.blanks();
        let operator_at = self.cursor.at();
        let operator = self.operator()?;
        let right = match operator.right() {
            Side::Nothing => Right::Nothing,
            Side::One => Right::One(self.one(operator)?),
            Side::Many => Right::Many(self.many(operator)?),
        };
        Ok(Tree::Check(Box::new(Check { left: Operand::Field(field), operator, operator_at, right })))
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
            let mut error = start.expected("an operator such as `=`, `in` or `startswith`");
            if let Problem::Syntax { found, .. } = &mut error.problem {
                found.push_str(&did_you_mean(suggestion));
            }
            return Err(error);
        };
        let needs_blank = operator.right() == Side::One;
        if needs_blank && !self.cursor.peek().is_some_and(super::cursor::is_blank) {
            return Err(self.cursor.expected(format!("a blank after `{word}`")));
        }
        Ok(*operator)
    }

    fn one(&mut self, operator: Operator) -> Result<Literal, SyntaxError> {
        self.cursor.blanks();
        self.refuse_operand_functions(operator)?;
        self.literal()
    }

    fn literal(&mut self) -> Result<Literal, SyntaxError> {
        self.literals += 1;
        if self.literals > MAX_LITERALS {
            let problem = Problem::TooLarge { limit: MAX_LITERALS, what: "values in one condition" };
            return Err(self.cursor.error(problem));
        }
        self.cursor.literal()
    }

    /// Operands of the language that are not evaluated yet must not be taken for texts.
    fn refuse_operand_functions(&self, operator: Operator) -> Result<(), SyntaxError> {
        let mut ahead = self.cursor;
        let Some(word) = ahead.identifier() else { return Ok(()) };
        let refuse = |what: String| Err(self.cursor.error(Problem::NotSupported(what)));
        if ahead.peek() == Some('(') && word == "val" {
            return refuse("a field on the right of an operator (`val`)".to_owned());
        }
        if ahead.peek() == Some('(') && TRANSFORMERS.contains(&word) {
            return refuse(format!("the transformer `{word}`"));
        }
        ahead.blanks();
        if ahead.peek() == Some('(') && MODIFIERS.contains(&word) {
            return refuse(format!("the modifier `{} {word}`", operator.name()));
        }
        Ok(())
    }

    fn many(&mut self, operator: Operator) -> Result<Vec<Literal>, SyntaxError> {
        self.cursor.blanks();
        self.refuse_operand_functions(operator)?;
        if !self.cursor.take("(") {
            return Err(self.cursor.expected(format!("`(` after `{}`", operator.name())));
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

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
