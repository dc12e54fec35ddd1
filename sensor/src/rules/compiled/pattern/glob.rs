//! Shell patterns over bytes, as fnmatch(3) without flags: `*` and `?` match any byte, `/` and a leading dot
//! included.

use memchr::memmem::Finder;

use super::needle::Needle;

/// A parsed pattern.
#[derive(Clone, Debug)]
pub struct Glob {
    tokens: Box<[Token]>,
    case: Case,
    /// A text that whatever it matches holds: looking for that is quick, and settles most texts.
    core: Option<Core>,
}

#[derive(Clone, Debug)]
enum Core {
    Exact(Box<Finder<'static>>),
    OfAnyCase(Needle),
}

/// Shortest core that is looked for.
const SHORTEST_CORE: usize = 3;

/// Whether upper and lower case of ASCII letters differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// They differ.
    Sensitive,
    /// They are the same.
    Ignored,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// This byte.
    Byte(u8),
    /// `?`
    Any,
    /// `*`
    Many,
    /// `[...]`: one bit for each byte that it matches.
    Class(Box<[u64; 4]>),
}

impl Core {
    /// The longest literal stretch of a pattern that is more than literal.
    fn of(tokens: &[Token], case: Case) -> Option<Self> {
        let stretches = tokens.split(|token| token.byte().is_none());
        let longest = stretches.max_by_key(|stretch| stretch.len()).filter(|it| it.len() >= SHORTEST_CORE)?;
        let text: Vec<u8> = longest.iter().filter_map(Token::byte).collect();
        Some(match case {
            _ if longest.len() == tokens.len() => return None,
            Case::Sensitive => Self::Exact(Box::new(Finder::new(&text).into_owned())),
            Case::Ignored => Self::OfAnyCase(Needle::new(&text)),
        })
    }

    fn is_in(&self, text: &[u8]) -> bool {
        match self {
            Self::Exact(finder) => finder.find(text).is_some(),
            Self::OfAnyCase(needle) => needle.is_in(text),
        }
    }
}

impl Token {
    /// The byte that it stands for, if that is one.
    fn byte(&self) -> Option<u8> {
        match self {
            Self::Byte(byte) => Some(*byte),
            Self::Any | Self::Many | Self::Class(_) => None,
        }
    }
}

impl Glob {
    /// Parses a pattern. Every text is one: what is no valid bracket expression stands for itself.
    pub fn new(pattern: &[u8], case: Case) -> Self {
        let mut tokens = Vec::new();
        let mut rest = pattern;
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            let token = match first {
                b'*' if tokens.last() == Some(&Token::Many) => continue,
                b'*' => Token::Many,
                b'?' => Token::Any,
                b'[' => match class(after, case) {
                    Some((set, after)) => {
                        rest = after;
                        Token::Class(set)
                    }
                    None => Token::Byte(b'['),
                },
                b'\\' => match after.split_first() {
                    Some((escaped, after)) => {
                        rest = after;
                        Token::Byte(fold(*escaped, case))
                    }
                    None => Token::Byte(b'\\'),
                },
                byte => Token::Byte(fold(*byte, case)),
            };
            tokens.push(token);
        }
        let core = Core::of(&tokens, case);
        Self { tokens: tokens.into(), case, core }
    }

    /// Whether it holds no special character, so that it matches one text only.
    pub fn is_literal(&self) -> bool {
        self.case == Case::Sensitive && self.tokens.iter().all(|token| matches!(token, Token::Byte(_)))
    }

    /// The text with which whatever it matches begins; `None` where case does not matter.
    pub fn literal_start(&self) -> Option<Vec<u8>> {
        let literal = self.tokens.iter().map_while(Token::byte);
        (self.case == Case::Sensitive).then(|| literal.collect())
    }

    /// The text with which whatever it matches ends; `None` where case does not matter.
    pub fn literal_end(&self) -> Option<Vec<u8>> {
        let mut literal: Vec<u8> = self.tokens.iter().rev().map_while(Token::byte).collect();
        literal.reverse();
        (self.case == Case::Sensitive).then_some(literal)
    }

    /// Whether it matches the whole of `text`. Takes time by the product of both lengths at worst.
    pub fn matches(&self, text: &[u8]) -> bool {
        if self.core.as_ref().is_some_and(|core| !core.is_in(text)) {
            return false;
        }
        let (mut token, mut at) = (0, 0);
        // Where to go on if what follows the last star does not match here.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let step = match (self.tokens.get(token), text.get(at)) {
                (None, None) => return true,
                (Some(Token::Many), _) => {
                    retry = Some((token + 1, at));
                    token += 1;
                    continue;
                }
                (Some(one), Some(byte)) => one.matches(fold(*byte, self.case)),
                (None, Some(_)) | (Some(_), None) => false,
            };
            if step {
                token += 1;
                at += 1;
                continue;
            }
            match retry {
                Some((after_star, from)) if from < text.len() => {
                    retry = Some((after_star, from + 1));
                    token = after_star;
                    at = from + 1;
                }
                Some(_) | None => return false,
            }
        }
    }
}

impl Token {
    fn matches(&self, byte: u8) -> bool {
        match self {
            Self::Byte(wanted) => *wanted == byte,
            Self::Any | Self::Many => true,
            Self::Class(set) => has(set, byte),
        }
    }
}

fn fold(byte: u8, case: Case) -> u8 {
    match case {
        Case::Sensitive => byte,
        Case::Ignored => byte.to_ascii_lowercase(),
    }
}

fn has(set: &[u64; 4], byte: u8) -> bool {
    set.get(usize::from(byte >> 6)).is_some_and(|word| word & (1 << (byte & 63)) != 0)
}

fn add(set: &mut [u64; 4], byte: u8, case: Case) {
    if let Some(word) = set.get_mut(usize::from(fold(byte, case) >> 6)) {
        *word |= 1 << (fold(byte, case) & 63);
    }
}

/// A bracket expression, its opening bracket already read; with what follows it.
fn class(pattern: &[u8], case: Case) -> Option<(Box<[u64; 4]>, &[u8])> {
    let mut set = Box::new([0; 4]);
    let (negated, mut rest) = match pattern.split_first()? {
        (b'!' | b'^', rest) => (true, rest),
        _ => (false, pattern),
    };
    let mut first = true;
    loop {
        let (byte, after) = rest.split_first()?;
        if *byte == b']' && !first {
            rest = after;
            break;
        }
        first = false;
        rest = match named(rest) {
            Some((belongs, after)) => {
                (0..=u8::MAX).filter(belongs).for_each(|byte| add(&mut set, byte, case));
                after
            }
            None => range(rest, &mut set, case)?,
        };
    }
    if negated {
        set.iter_mut().for_each(|word| *word = !*word);
    }
    Some((set, rest))
}

/// One byte or a range of a bracket expression.
fn range<'p>(pattern: &'p [u8], set: &mut [u64; 4], case: Case) -> Option<&'p [u8]> {
    let (low, rest) = literal(pattern)?;
    let (high, rest) = match rest {
        [b'-', end, ..] if *end != b']' => literal(rest.get(1..)?)?,
        _ => (low, rest),
    };
    (low..=high).for_each(|byte| add(set, byte, case));
    Some(rest)
}

fn literal(pattern: &[u8]) -> Option<(u8, &[u8])> {
    match pattern.split_first()? {
        (b'\\', rest) => rest.split_first().map(|(byte, rest)| (*byte, rest)),
        (byte, rest) => Some((*byte, rest)),
    }
}

type Belongs = fn(&u8) -> bool;

/// A class such as `[:alpha:]`.
fn named(pattern: &[u8]) -> Option<(Belongs, &[u8])> {
    const CLASSES: [(&[u8], Belongs); 10] = [
        (b"[:alnum:]", u8::is_ascii_alphanumeric),
        (b"[:alpha:]", u8::is_ascii_alphabetic),
        (b"[:cntrl:]", u8::is_ascii_control),
        (b"[:digit:]", u8::is_ascii_digit),
        (b"[:graph:]", u8::is_ascii_graphic),
        (b"[:lower:]", u8::is_ascii_lowercase),
        (b"[:punct:]", u8::is_ascii_punctuation),
        (b"[:space:]", |byte| byte.is_ascii_whitespace() || *byte == 11),
        (b"[:upper:]", u8::is_ascii_uppercase),
        (b"[:xdigit:]", u8::is_ascii_hexdigit),
    ];
    CLASSES.iter().find_map(|(name, belongs)| Some((*belongs, pattern.strip_prefix(*name)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Glob::new(pattern.as_bytes(), Case::Sensitive).matches(text.as_bytes())
    }

    #[test]
    fn stars_cross_slashes() {
        assert!(matches("/home/*/.ssh/*", "/home/a/b/.ssh/id_rsa"));
        assert!(matches("*", "") && matches("*", "a/b") && matches("**a", "a"));
        assert!(matches("a*b*c", "axbxbxc") && !matches("a*b*c", "axbxbx"));
        assert!(matches("?", "/") && !matches("?", "") && !matches("a?", "a"));
        assert!(!matches("a", "ab") && !matches("ab", "a") && matches("", ""));
    }

    #[test]
    fn brackets_hold_ranges_classes_and_negation() {
        assert!(matches("[a-c]x", "bx") && !matches("[a-c]x", "dx"));
        assert!(matches("[!a-c]", "d") && !matches("[^a-c]", "b"));
        assert!(matches("[]a]", "]") && matches("[a-]", "-"));
        assert!(matches("py[[:digit:]]", "py3") && !matches("py[[:digit:]]", "pyx"));
        assert!(matches("[a", "[a") && matches("[\\]]", "]"));
        assert!(matches("\\*", "*") && !matches("\\*", "x") && matches("a\\", "a\\"));
    }

    #[test]
    fn case_is_ignored_on_demand() {
        let glob = |pattern: &str| Glob::new(pattern.as_bytes(), Case::Ignored);
        assert!(
            glob("*PassWD").matches(b"/etc/passwd")
                && glob("[A-C]").matches(b"b")
                && glob("[b]").matches(b"B")
        );
        assert!(!glob("[!B]").matches(b"b"));
    }

    #[test]
    fn a_hostile_pair_takes_no_exponential_time() {
        let pattern = "*a".repeat(200);
        let text = "a".repeat(199);
        assert!(!matches(&pattern, &text));
        assert!(matches(&pattern, &"a".repeat(200)));
    }

    #[test]
    fn bytes_need_not_be_text() {
        assert!(Glob::new(b"a\xff*", Case::Sensitive).matches(b"a\xff\xfe"));
        assert!(Glob::new(b"[\x80-\xff]", Case::Sensitive).matches(b"\xc3"));
    }
}
