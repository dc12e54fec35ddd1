//! Regular expressions that match a whole text.

use regex::RegexBuilder;

/// A compiled regular expression. Matching takes time by the length of the text only.
#[derive(Clone, Debug)]
pub struct Regex(regex::Regex);

/// Longest expression, in bytes.
pub const MAX_LENGTH: usize = 4096;
/// Most memory of a compiled expression, and of what matching it remembers, in bytes.
const MAX_SIZE: usize = 1 << 20;

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
    /// It does not follow the syntax, which has no look-around and no back-references.
    #[error("{0}")]
    Syntax(String),
}

impl Regex {
    /// Compiles an expression. `^` and `$` match at lines, `.` matches no newline.
    pub fn new(pattern: &[u8]) -> Result<Self, RegexError> {
        if pattern.len() > MAX_LENGTH {
            return Err(RegexError::TooLong(pattern.len()));
        }
        let pattern = std::str::from_utf8(pattern).ok().ok_or(RegexError::NotUtf8)?;
        // On its own first: brackets that only close what is put around it below are a mistake.
        compile(pattern)?;
        compile(&format!(r"\A(?:{pattern})\z")).map(Self)
    }

    /// Whether it matches the whole of `text`. Bytes that are not UTF-8 count as U+FFFD.
    pub fn matches(&self, text: &[u8]) -> bool {
        self.0.is_match(&String::from_utf8_lossy(text))
    }
}

fn compile(pattern: &str) -> Result<regex::Regex, RegexError> {
    let built =
        RegexBuilder::new(pattern).multi_line(true).size_limit(MAX_SIZE).dfa_size_limit(MAX_SIZE).build();
    built.map_err(|error| {
        let too_large = matches!(error, regex::Error::CompiledTooBig(_));
        if too_large { RegexError::TooLarge } else { RegexError::Syntax(last_line(&error.to_string())) }
    })
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
}
