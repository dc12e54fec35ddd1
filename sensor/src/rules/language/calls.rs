//! Values that are taken from the event, as conditions and outputs write them: fields, and transformers with their
//! arguments.

use super::cursor::Cursor;
use super::syntax::{Argument, Call, Literal, Operand, SyntaxError};
use crate::rules::field::nearest;
use crate::rules::problem::Problem;
use crate::rules::transformer::Transformer;
use crate::rules::yaml::excerpt;

/// Deepest nesting of transformers.
pub const MAX_NESTING: usize = 100;
/// Most constants and arguments in a condition, lists expanded.
pub const MAX_LITERALS: usize = 200_000;
/// Most arguments of one transformer, with those of the ones inside it: what `concat` and `join` make of an event is as
/// long as all of them together.
pub const MAX_ARGUMENTS: usize = 256;
/// Most comparisons and names of macros in a condition.
pub const MAX_TERMS: usize = 100_000;
/// Longest constant, in bytes: longer than any path or command line that an event holds.
pub const MAX_LITERAL: usize = 65_536;

/// What a condition may still hold.
#[derive(Debug, Default)]
pub(in crate::rules) struct Budget {
    literals: usize,
    terms: usize,
    /// Arguments of the outermost transformer under way.
    arguments: usize,
}

impl Budget {
    fn spend(&mut self, cursor: &Cursor<'_>) -> Result<(), SyntaxError> {
        self.literals += 1;
        if self.literals > MAX_LITERALS {
            let problem = Problem::TooLarge { limit: MAX_LITERALS, what: "values in one condition" };
            return Err(cursor.error(problem));
        }
        Ok(())
    }

    fn argument(&mut self, cursor: &Cursor<'_>) -> Result<(), SyntaxError> {
        self.arguments += 1;
        if self.arguments > MAX_ARGUMENTS {
            let what = "arguments in one transformer, with those inside it";
            return Err(cursor.error(Problem::TooMany { limit: MAX_ARGUMENTS, what }));
        }
        Ok(())
    }

    /// Takes one more comparison or name of a macro into account.
    pub(in crate::rules) fn term(&mut self, cursor: &Cursor<'_>) -> Result<(), SyntaxError> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            let what = "comparisons and names of macros in one condition";
            return Err(cursor.error(Problem::TooLarge { limit: MAX_TERMS, what }));
        }
        Ok(())
    }

    /// Reads a constant within the budget.
    pub(in crate::rules) fn literal(&mut self, cursor: &mut Cursor<'_>) -> Result<Literal, SyntaxError> {
        self.spend(cursor)?;
        let start = *cursor;
        let literal = cursor.literal()?;
        if literal.bytes.len() > MAX_LITERAL {
            return Err(start.error(Problem::ValueTooLong { limit: MAX_LITERAL }));
        }
        Ok(literal)
    }
}

/// Reads the field or transformer that a text begins with, and says where it ends.
pub fn leading(text: &str) -> Result<(Operand, usize), SyntaxError> {
    let mut cursor = Cursor::new(text);
    let operand = Reader { cursor: &mut cursor, budget: &mut Budget::default() }.wanted(0)?;
    Ok((operand, cursor.at()))
}

/// Reads a text that is a field or transformer and nothing else.
pub fn whole(text: &str) -> Result<Operand, SyntaxError> {
    let (operand, end) = leading(text)?;
    let mut cursor = Cursor::new(text);
    cursor.skip(end);
    cursor.blanks();
    if cursor.rest().is_empty() { Ok(operand) } else { Err(cursor.expected("the end")) }
}

/// Reads operands at a cursor.
pub(in crate::rules) struct Reader<'r, 't> {
    pub(in crate::rules) cursor: &'r mut Cursor<'t>,
    pub(in crate::rules) budget: &'r mut Budget,
}

impl Reader<'_, '_> {
    fn wanted(&mut self, depth: usize) -> Result<Operand, SyntaxError> {
        self.operand(depth)?.ok_or_else(|| self.cursor.expected("a field or a transformer"))
    }

    /// Reads a field or a transformer; where neither comes next, nothing.
    pub(in crate::rules) fn operand(&mut self, depth: usize) -> Result<Option<Operand>, SyntaxError> {
        let start = *self.cursor;
        let Some(word) = self.cursor.identifier() else { return Ok(None) };
        match self.cursor.peek() {
            Some('.') => self.cursor.field(word, start.at()).map(Operand::Field).map(Some),
            Some('(') => {
                let transformer = transformer(word, &start)?;
                self.call(transformer, &start, depth).map(Some)
            }
            Some(_) | None => {
                *self.cursor = start;
                Ok(None)
            }
        }
    }

    /// Reads what follows a transformer's name.
    fn call(
        &mut self,
        transformer: Transformer,
        start: &Cursor<'_>,
        depth: usize,
    ) -> Result<Operand, SyntaxError> {
        if depth >= MAX_NESTING {
            return Err(start.error(Problem::TooDeep(MAX_NESTING)));
        }
        if depth == 0 {
            self.budget.arguments = 0;
        }
        self.cursor.take("(");
        let mut arguments = vec![self.argument(depth)?];
        while self.another()? {
            arguments.push(self.argument(depth)?);
        }
        let key = if self.cursor.take("[") { Some(self.cursor.key()?) } else { None };
        Ok(Operand::Call(Box::new(Call { transformer, arguments, key, at: start.at() })))
    }

    /// Reads what stands behind an argument, and says whether another one has to follow.
    fn another(&mut self) -> Result<bool, SyntaxError> {
        self.cursor.blanks();
        if self.cursor.take(")") {
            Ok(false)
        } else if self.cursor.take(",") {
            Ok(true)
        } else {
            Err(self.cursor.expected("`,` or `)`"))
        }
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, SyntaxError> {
        self.cursor.blanks();
        if self.cursor.take("(") { self.list(depth).map(Argument::List) } else { self.item(depth) }
    }

    /// Reads a list whose bracket was opened; lists hold no lists.
    fn list(&mut self, depth: usize) -> Result<Vec<Argument>, SyntaxError> {
        self.cursor.blanks();
        if self.cursor.take(")") {
            return Ok(Vec::new());
        }
        let mut items = vec![self.item(depth)?];
        while self.another()? {
            items.push(self.item(depth)?);
        }
        Ok(items)
    }

    fn item(&mut self, depth: usize) -> Result<Argument, SyntaxError> {
        const EXPECTED: &str = "a field, a transformer, a quoted text or a number";
        self.cursor.blanks();
        self.budget.argument(self.cursor)?;
        let start = *self.cursor;
        let constant = |c: char| c.is_ascii_digit() || matches!(c, '"' | '\'' | '+' | '-');
        if self.cursor.peek().is_some_and(constant) {
            let literal = self.budget.literal(self.cursor)?;
            let fits = literal.quoted || is_number(&literal.bytes);
            return if fits { Ok(Argument::Literal(literal)) } else { Err(start.expected(EXPECTED)) };
        }
        self.budget.spend(self.cursor)?;
        let operand = self.operand(depth + 1)?;
        operand.map(Argument::Operand).ok_or_else(|| start.expected(EXPECTED))
    }
}

/// The transformer of this name, which stands before a bracket.
fn transformer(word: &str, start: &Cursor<'_>) -> Result<Transformer, SyntaxError> {
    if word == "val" {
        return Err(start.error(Problem::Syntax {
            expected: "a field or a transformer".to_owned(),
            found: "`val`, which stands on the right of an operator and around one field".to_owned(),
        }));
    }
    Transformer::find(word).ok_or_else(|| {
        let names = Transformer::NAMES.iter().map(|(name, _)| *name);
        let suggestion = nearest(word, names.chain(["val"])).map(str::to_owned);
        start.error(Problem::UnknownTransformer { name: excerpt(word), suggestion })
    })
}

/// Whether a bare text is a number as the grammar writes it: hexadecimal, or decimal with an optional fraction and
/// exponent.
fn is_number(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['+', '-']).unwrap_or_default()),
        None => (unsigned, "0"),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    !whole.is_empty() && digits(whole) && digits(fraction) && !exponent.is_empty() && digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        whole(text).unwrap_or_else(|error| panic!("{text}: {error:?}")).to_string()
    }

    fn refused(text: &str) -> (usize, String) {
        let error = whole(text).expect_err(text);
        (error.at, error.problem.to_string())
    }

    #[test]
    fn transformers_take_every_sort_of_argument() {
        for (text, wanted) in [
            ("proc.name", "proc.name"),
            ("tolower(proc.name)", "tolower(proc.name)"),
            ("tolower( toupper(\tproc.name ) )", "tolower(toupper(proc.name))"),
            (
                "join(', ', (proc.name, 'x', 0x1f, basename(fd.name)))",
                "join(\", \", (proc.name, \"x\", 0x1f, basename(fd.name)))",
            ),
            ("concat(proc.name, -1.5e+3, ())", "concat(proc.name, -1.5e+3, ())"),
            ("getopt(proc.args, \"ab:\")[b]", "getopt(proc.args, \"ab:\")[b]"),
            ("len(proc.aname[2])", "len(proc.aname[2])"),
        ] {
            assert_eq!(shown(text), wanted);
        }
    }

    #[test]
    fn broken_calls_are_refused_where_they_break() {
        assert_eq!(
            refused("tolwer(proc.name)"),
            (0, "unknown transformer `tolwer`; did you mean `tolower`?".to_owned())
        );
        assert_eq!(refused("len(tolwer(a.b))").0, 4);
        assert!(refused("val(proc.name)").1.contains("stands on the right"));
        assert_eq!(refused("len()").0, 4);
        assert_eq!(
            refused("len(bare)"),
            (4, "expected a field, a transformer, a quoted text or a number, found `bare`".to_owned())
        );
        assert_eq!(refused("len(1x)").0, 4);
        assert_eq!(refused("len(a.b"), (7, "expected `,` or `)`, found the end".to_owned()));
        assert_eq!(refused("len(a.b c.d)").0, 8);
        assert_eq!(refused("join(',', (a.b, (c.d)))").0, 16);
        assert_eq!(refused("getopt(a.b, 'x')[").0, 17);
        assert_eq!(refused("len (a.b)").0, 0);
        assert_eq!(refused("a.b c").0, 4);
        assert!(refused(&format!("len('{}')", "x".repeat(MAX_LITERAL + 1))).1.contains("65536 bytes"));
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| format!("{}a.b{}", "len(".repeat(depth), ")".repeat(depth));
        assert!(whole(&nested(MAX_NESTING)).is_ok());
        assert_eq!(refused(&nested(MAX_NESTING + 1)), (400, "nested deeper than 100 levels".to_owned()));
        assert_eq!(refused(&"len(".repeat(100_000)).0, 400);
    }

    #[test]
    fn arguments_are_counted_through_nested_transformers() {
        let concat = |count: usize| format!("concat({})", vec!["a.b"; count].join(","));
        assert!(whole(&concat(MAX_ARGUMENTS)).is_ok());
        let limit = "more than 256 arguments in one transformer, with those inside it";
        assert_eq!(refused(&concat(MAX_ARGUMENTS + 1)), (7 + 4 * MAX_ARGUMENTS, limit.to_owned()));
        let nested = format!("concat({},{})", concat(128), concat(127));
        assert_eq!(refused(&nested).1, limit);
        let two = format!("{0} = {0}", concat(MAX_ARGUMENTS));
        assert!(crate::rules::parser::parse(&two).is_ok(), "each side has its own");
    }

    #[test]
    fn numbers_follow_the_grammar() {
        for text in ["0", "-1", "+1", "1.", "1.5", "0xAf", "1e+3", "2.5E-1"] {
            assert!(is_number(text.as_bytes()), "{text}");
        }
        for text in ["", "-", ".5", "0x", "1e3", "1e+", "1.2.3", "-0x1", "1x", "\u{0661}"] {
            assert!(!is_number(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn the_end_of_an_operand_is_told() {
        assert_eq!(leading("tolower(proc.name). x").unwrap().1, 18);
    }
}
