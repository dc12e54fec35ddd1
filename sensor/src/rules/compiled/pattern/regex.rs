//! Regular expressions that match a whole text.

use std::collections::HashMap;
use std::sync::Arc;

use regex_automata::meta::{self, BuildError};
use regex_automata::util::syntax;
use regex_syntax::hir::{Hir, Look};

/// A compiled regular expression. Matching takes time by the length of the text only.
#[derive(Clone, Debug)]
pub struct Regex(meta::Regex);

/// Longest expression, in bytes.
pub const MAX_LENGTH: usize = 4096;
/// Most memory of a compiled expression, in bytes.
const MAX_SIZE: usize = 1 << 20;
/// Most memory of what matching an expression remembers, in bytes, for each of two directions. It is forgotten
/// where it would take more.
const MAX_REMEMBERED: usize = 256 << 10;
/// Most memory of all compiled expressions of one load, in bytes.
const MAX_TOTAL: usize = 16 << 20;

/// Why an expression is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegexError {
    /// It is very long.
    #[error("it has {0} bytes, and the limit is {MAX_LENGTH}")]
    TooLong(usize),
    /// It is no text.
    #[error("it must be UTF-8 text")]
    NotUtf8,
    /// It would need too much memory.
    #[error("it needs more than {MAX_SIZE} bytes once compiled; repeat less")]
    TooLarge,
    /// All expressions together would.
    #[error(
        "those up to here need more than {MAX_TOTAL} bytes once compiled; use fewer of them or repeat less"
    )]
    TooManyBytes,
    /// It does not follow the syntax, which has no look-around and no back-references.
    #[error("{0}")]
    Syntax(String),
}

/// The regular expressions of one load, each compiled once.
#[derive(Debug, Default)]
pub struct Regexes {
    known: HashMap<Box<[u8]>, Arc<Regex>>,
    /// Memory that they take, in bytes; for one that takes too much, the limit.
    size: usize,
}

impl Regexes {
    /// The compiled form of an expression.
    pub fn get(&mut self, pattern: &[u8]) -> Result<Arc<Regex>, RegexError> {
        if let Some(known) = self.known.get(pattern) {
            return Ok(Arc::clone(known));
        }
        if self.size > MAX_TOTAL {
            return Err(RegexError::TooManyBytes);
        }
        let compiled = Regex::new(pattern).map(Arc::new);
        self.size += match &compiled {
            Ok(regex) => regex.0.memory_usage() + OVERHEAD,
            Err(_) => MAX_SIZE,
        };
        let regex = compiled?;
        self.known.insert(pattern.into(), Arc::clone(&regex));
        Ok(regex)
    }
}

/// What an expression takes beside its compiled form, in bytes.
const OVERHEAD: usize = 1024;

impl Regex {
    /// Compiles an expression. `^` and `$` match at lines, `.` matches no newline.
    pub fn new(pattern: &[u8]) -> Result<Self, RegexError> {
        if pattern.len() > MAX_LENGTH {
            return Err(RegexError::TooLong(pattern.len()));
        }
        let pattern = std::str::from_utf8(pattern).ok().ok_or(RegexError::NotUtf8)?;
        let parsed = syntax::parse_with(pattern, &syntax::Config::new().multi_line(true));
        let parsed = parsed.map_err(|error| RegexError::Syntax(last_line(&error.to_string())))?;
        let whole = Hir::concat(vec![Hir::look(Look::Start), parsed, Hir::look(Look::End)]);
        let config = meta::Config::new().nfa_size_limit(Some(MAX_SIZE)).hybrid_cache_capacity(MAX_REMEMBERED);
        let built = meta::Builder::new().configure(config).build_from_hir(&whole);
        built.map(Self).map_err(|error| refused(&error))
    }

    /// Whether it matches the whole of `text`. Bytes that are not UTF-8 count as U+FFFD.
    pub fn matches(&self, text: &[u8]) -> bool {
        self.0.is_match(&*String::from_utf8_lossy(text))
    }
}

fn refused(error: &BuildError) -> RegexError {
    if error.size_limit().is_some() {
        RegexError::TooLarge
    } else {
        RegexError::Syntax(last_line(&error.to_string()))
    }
}

/// The complaint without the drawing above it.
fn last_line(message: &str) -> String {
    let last = message.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &[u8]) -> bool {
        Regex::new(pattern.as_bytes()).unwrap().matches(text)
    }

    fn refused(pattern: &[u8]) -> String {
        Regex::new(pattern).unwrap_err().to_string()
    }

    #[test]
    fn the_whole_text_has_to_match() {
        assert!(matches("/etc/[a-z]+", b"/etc/shadow") && !matches("etc", b"/etc/shadow"));
        assert!(matches("a|ab", b"ab") && !matches("a|ab", b"abc") && matches("", b""));
        assert!(
            matches("a.c", "a\u{e9}c".as_bytes()) && !matches("a.c", b"a\nc") && matches("^a\n^b$", b"a\nb")
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_one_character() {
        assert!(matches("/tmp/.", b"/tmp/\xff") && matches(".*", b"\xc3\x28"));
    }

    #[test]
    fn what_cannot_be_matched_in_linear_time_is_refused() {
        assert!(refused(b"(?=a)b").contains("look-around"), "{}", refused(b"(?=a)b"));
        assert!(refused(br"(a)\1").contains("backreferences"), "{}", refused(br"(a)\1"));
        assert_eq!(refused(b"a)(b"), "unopened group");
        assert_eq!(refused(b"a["), "unclosed character class");
    }

    #[test]
    fn hostile_expressions_hit_a_limit() {
        assert_eq!(refused(&vec![b'a'; 1 << 20]), "it has 1048576 bytes, and the limit is 4096");
        assert!(refused(b"((a{1,200}){1,200}){1,200}").contains("1048576 bytes once compiled"));
        assert_eq!(refused(b"\xff"), "it must be UTF-8 text");
        assert!(!matches("(a|a)*b", &b"a".repeat(10_000)));
    }

    #[test]
    fn equal_expressions_are_compiled_once() {
        let mut regexes = Regexes::default();
        let one = regexes.get(b"a+").unwrap();
        let size = regexes.size;
        assert!(Arc::ptr_eq(&one, &regexes.get(b"a+").unwrap()) && regexes.size == size);
        assert!(!Arc::ptr_eq(&one, &regexes.get(b"b+").unwrap()) && regexes.size > size);
    }

    #[test]
    fn all_expressions_together_hit_a_limit() {
        let mut regexes = Regexes::default();
        let large = |number: usize| format!("(a{{100}}){{40}}{number}").into_bytes();
        let error = (0..10_000).find_map(|number| regexes.get(&large(number)).err()).unwrap();
        assert_eq!(error, RegexError::TooManyBytes);
        assert!(regexes.size < MAX_TOTAL + 2 * MAX_SIZE);
        assert!(regexes.get(&large(0)).is_ok(), "what is known is not refused");
        let mut broken = Regexes::default();
        let error = (0..100).find_map(|number| {
            let pattern = format!("((a{{1,200}}){{1,200}}){{1,200}}{number}");
            broken.get(pattern.as_bytes()).err().filter(|error| *error != RegexError::TooLarge)
        });
        assert_eq!(error, Some(RegexError::TooManyBytes), "to refuse one takes time too");
    }
}
