//! The words of a condition: blanks, identifiers, fields, quoted and bare texts, each with its place.

use super::syntax::{FieldName, Literal, SyntaxError};
use crate::rules::problem::Problem;
use crate::rules::yaml::{excerpt, printable};

/// A place in a text that is being read.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    /// Starts reading a text.
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte it stands before.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What has not been read.
    pub fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character.
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes over blanks, and says whether there were any.
    pub fn blanks(&mut self) -> bool {
        self.run(is_blank) > 0
    }

    /// Passes over `wanted` if it comes next.
    pub fn take(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    /// Passes over this many bytes.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    fn run(&mut self, belongs: impl Fn(char) -> bool) -> usize {
        let rest = self.rest();
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += length;
        length
    }

    /// An error here: `expected` was needed.
    pub fn expected(&self, expected: impl Into<String>) -> SyntaxError {
        let rest = self.rest();
        let found = match rest.chars().next() {
            None => "the end".to_owned(),
            Some(c) if is_blank(c) => "a blank".to_owned(),
            Some(c) if is_bare(c) => {
                let word = rest.find(|c| !is_bare(c)).and_then(|end| rest.get(..end)).unwrap_or(rest);
                format!("`{}`", excerpt(word))
            }
            Some(c) => format!("`{}`", printable(c.encode_utf8(&mut [0; 4]))),
        };
        self.error(Problem::Syntax { expected: expected.into(), found })
    }

    /// An error here.
    pub fn error(&self, problem: Problem) -> SyntaxError {
        SyntaxError { at: self.at, problem }
    }

    /// A letter followed by letters, digits and `_`.
    pub fn identifier(&mut self) -> Option<&'t str> {
        let rest = self.rest();
        self.peek().filter(char::is_ascii_alphabetic)?;
        let length = self.run(is_word);
        rest.get(..length)
    }

    /// Whether `and`, `or` or `not` comes next as a whole word.
    pub fn is_before_keyword(&self) -> bool {
        let mut ahead = *self;
        matches!(ahead.identifier(), Some("and" | "or" | "not"))
    }

    /// The rest of a field whose first word was read.
    pub fn field(&mut self, first: &str, at: usize) -> Result<FieldName, SyntaxError> {
        let mut name = first.to_owned();
        while self.take(".") {
            let rest = self.rest();
            let length = self.run(is_word);
            if length == 0 {
                return Err(self.expected("the rest of a field name"));
            }
            name.push('.');
            name.push_str(rest.get(..length).unwrap_or_default());
        }
        let argument = if self.take("[") { Some(self.key()?) } else { None };
        Ok(FieldName { name, argument, at })
    }

    /// A field's argument, the opening bracket already read.
    pub(crate) fn key(&mut self) -> Result<String, SyntaxError> {
        let start = *self;
        let key = if matches!(self.peek(), Some('"' | '\'')) {
            let literal = self.quoted()?;
            // A hexadecimal escape may write bytes that are no text; no field has such a key.
            String::from_utf8(literal.bytes).map_err(|_not_utf8| start.expected("UTF-8 text in brackets"))?
        } else {
            let rest = self.rest();
            let length = self.run(|c| !is_blank(c) && !matches!(c, '"' | '\'' | '[' | ']'));
            rest.get(..length).unwrap_or_default().to_owned()
        };
        if key.is_empty() {
            return Err(start.expected("an index or a key"));
        }
        if !self.take("]") {
            return Err(self.expected("`]`"));
        }
        Ok(key)
    }

    /// A text in quotes or without.
    pub fn literal(&mut self) -> Result<Literal, SyntaxError> {
        match self.peek() {
            Some('"' | '\'') => self.quoted(),
            Some(c) if is_bare(c) => {
                let (at, rest) = (self.at, self.rest());
                let length = self.run(is_bare);
                let bytes = rest.get(..length).unwrap_or_default().as_bytes().to_vec();
                Ok(Literal { bytes, quoted: false, at })
            }
            Some(_) | None => Err(self.expected("a value")),
        }
    }

    fn quoted(&mut self) -> Result<Literal, SyntaxError> {
        let opening = *self;
        let quote = if self.take("'") { '\'' } else { '"' };
        if quote == '"' {
            self.take("\"");
        }
        let mut bytes = Vec::new();
        loop {
            let here = *self;
            let Some(c) = self.peek() else {
                return Err(opening.expected(format!("a closing {quote} after this")));
            };
            self.at += c.len_utf8();
            match c {
                _ if c == quote => return Ok(Literal { bytes, quoted: true, at: opening.at }),
                '\\' => bytes.push(self.escape(quote, here)?),
                _ => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    /// What a backslash sequence stands for, the backslash already read.
    fn escape(&mut self, quote: char, backslash: Self) -> Result<u8, SyntaxError> {
        let Some(c) = self.peek() else {
            return Err(self.expected("the rest of an escape"));
        };
        self.at += c.len_utf8();
        match c {
            'b' => Ok(8),
            'f' => Ok(12),
            'n' => Ok(b'\n'),
            'r' => Ok(b'\r'),
            't' => Ok(b'\t'),
            // Old rules write backslash-blank; the language keeps the backslash only.
            '\\' | ' ' => Ok(b'\\'),
            '/' => Ok(b'/'),
            '"' | '\'' if c == quote => u8::try_from(c).map_err(|_wide| self.expected("a quote")),
            'x' => self.hexadecimal(backslash),
            _ => Err(backslash.error(Problem::Escape(c.escape_debug().to_string()))),
        }
    }

    fn hexadecimal(&mut self, backslash: Self) -> Result<u8, SyntaxError> {
        let digits = self.rest().get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let Some(value) = value else { return Err(self.expected("two hexadecimal digits")) };
        self.at += 2;
        if value == 0 { Err(backslash.error(Problem::Nul)) } else { Ok(value) }
    }
}

/// What separates words.
pub(crate) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// What identifiers and fields are made of.
pub(crate) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// What a text without quotes is made of.
pub(crate) fn is_bare(c: char) -> bool {
    !is_blank(c) && !matches!(c, '(' | ')' | '"' | '\'' | '=' | ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(text: &str) -> Result<Vec<u8>, SyntaxError> {
        Cursor::new(text).literal().map(|literal| literal.bytes)
    }

    #[test]
    fn quoted_texts_hold_escapes() {
        assert_eq!(literal(r#""a\"b\\c\/\x41\xff\n""#).unwrap(), b"a\"b\\c/A\xff\n");
        assert_eq!(literal(r"'it\'s \t'").unwrap(), b"it's \t");
        assert_eq!(literal(r#""old\ rule""#).unwrap(), b"old\\rule");
        assert_eq!(literal(r#"'a "b" c'"#).unwrap(), b"a \"b\" c");
        assert_eq!(literal("\"\"").unwrap(), b"");
    }

    #[test]
    fn broken_quotes_name_their_place() {
        let problem = |text: &str| literal(text).unwrap_err();
        assert_eq!(problem("\"abc").at, 0);
        assert_eq!(problem(r#""ab\q""#), SyntaxError { at: 3, problem: Problem::Escape("q".to_owned()) });
        assert_eq!(problem(r#""ab\'""#).at, 3);
        assert_eq!(problem(r#""a\x00""#), SyntaxError { at: 2, problem: Problem::Nul });
        assert_eq!(problem(r#""a\x4""#).at, 4);
        assert_eq!(problem("\"a\\").at, 3);
        assert_eq!(problem("\"\\é\"").at, 1);
    }

    #[test]
    fn bare_texts_end_at_delimiters() {
        for (text, wanted) in [("a-b/c.d<NA>) x", "a-b/c.d<NA>"), ("a=b", "a"), ("ä,b", "ä"), ("a\"b", "a")]
        {
            assert_eq!(literal(text).unwrap(), wanted.as_bytes());
        }
        assert!(literal("(a)").is_err());
        assert!(literal("").is_err());
    }

    #[test]
    fn fields_take_keys_of_both_sorts() {
        let field = |text: &str| {
            let mut cursor = Cursor::new(text);
            let first = cursor.identifier().unwrap();
            cursor.field(first, 0).map(|field| (field.name, field.argument))
        };
        assert_eq!(field("proc.aname[2]").unwrap(), ("proc.aname".to_owned(), Some("2".to_owned())));
        assert_eq!(field("a.b.c['x y']").unwrap(), ("a.b.c".to_owned(), Some("x y".to_owned())));
        assert_eq!(field("container.label[io.x/y-z] ").unwrap().1.as_deref(), Some("io.x/y-z"));
        for broken in ["a.", "a.b[", "a.b[]", "a.b[x", "a.b[x y]", "a.b['\\xff']"] {
            assert!(field(broken).is_err(), "{broken}");
        }
    }
}
