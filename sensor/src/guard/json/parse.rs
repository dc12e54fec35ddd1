//! From text to values.

use bytes::Bytes;
use bytestring::ByteString;
use memchr::memchr2;

use super::Json;

/// Deepest nesting; no body of the engine's comes near it.
pub const MAX_DEPTH: usize = 64;
/// Most values in one text: a body of nothing but brackets would take many times its size.
pub const MAX_VALUES: usize = 65_536;

/// Why a text is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {fault}")]
pub struct JsonError {
    /// Where, in bytes.
    pub at: usize,
    /// What.
    pub fault: JsonFault,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonFault {
    /// Bytes that are no characters, which Go would replace.
    #[error("not UTF-8")]
    NotUtf8,
    /// Something else stands there, or nothing.
    #[error("expected {0}")]
    Expected(&'static str),
    /// There is more behind the value.
    #[error("there is more behind the value")]
    Trailing,
    /// More than [`MAX_DEPTH`] levels.
    #[error("nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// More than [`MAX_VALUES`] values.
    #[error("more than {MAX_VALUES} values")]
    TooMany,
    /// A control character that is not escaped.
    #[error("a control character in a text")]
    Control,
    /// Half a surrogate pair, which Go would replace.
    #[error("half a surrogate pair")]
    Surrogate,
    /// A name that occurs twice in one object.
    #[error("a member that is named twice")]
    Duplicate,
}

/// Reads a whole text.
pub(super) fn parse(bytes: Bytes) -> Result<Json, JsonError> {
    let text = ByteString::try_from(bytes)
        .map_err(|error| JsonError { at: error.valid_up_to(), fault: JsonFault::NotUtf8 })?;
    let mut parser = Parser { text: &text, at: 0, values: 0 };
    let json = parser.value(0)?;
    parser.blanks();
    if parser.at < text.len() { Err(parser.fault(JsonFault::Trailing)) } else { Ok(json) }
}

struct Parser<'t> {
    text: &'t ByteString,
    at: usize,
    values: usize,
}

impl<'t> Parser<'t> {
    fn fault(&self, fault: JsonFault) -> JsonError {
        JsonError { at: self.at, fault }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Takes a byte, if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.at += usize::from(taken);
        taken
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        if depth > MAX_DEPTH {
            return Err(self.fault(JsonFault::TooDeep));
        }
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.fault(JsonFault::TooMany));
        }
        self.blanks();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            Some(_) | None => Err(self.fault(JsonFault::Expected("a value"))),
        }
    }

    fn word(&mut self, word: &str, json: Json) -> Result<Json, JsonError> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.fault(JsonFault::Expected("a value")));
        }
        self.at += word.len();
        Ok(json)
    }

    fn list(&mut self, depth: usize) -> Result<Json, JsonError> {
        let mut elements = Vec::new();
        self.items(b']', "`,` or `]`", |parser| {
            elements.push(parser.value(depth + 1)?);
            Ok(())
        })?;
        Ok(Json::List(elements))
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonError> {
        let start = self.at;
        let mut members = Vec::new();
        self.items(b'}', "`,` or `}`", |parser| {
            if parser.peek() != Some(b'"') {
                return Err(parser.fault(JsonFault::Expected("a name in quotes")));
            }
            let name = parser.string()?;
            parser.blanks();
            if !parser.take(b':') {
                return Err(parser.fault(JsonFault::Expected("`:`")));
            }
            members.push((name, parser.value(depth + 1)?));
            Ok(())
        })?;
        if has_duplicate(&members) {
            return Err(JsonError { at: start, fault: JsonFault::Duplicate });
        }
        Ok(Json::Object(members))
    }

    /// What stands between the bracket that comes next and the one that closes it.
    fn items(
        &mut self,
        close: u8,
        expected: &'static str,
        mut item: impl FnMut(&mut Self) -> Result<(), JsonError>,
    ) -> Result<(), JsonError> {
        self.at += 1;
        self.blanks();
        if self.take(close) {
            return Ok(());
        }
        loop {
            self.blanks();
            item(self)?;
            self.blanks();
            if self.take(close) {
                return Ok(());
            }
            if !self.take(b',') {
                return Err(self.fault(JsonFault::Expected(expected)));
            }
        }
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'+') {
                self.take(b'-');
            }
            self.digits()?;
        }
        Ok(Json::Number(self.text.slice_ref(self.text.get(start..self.at).unwrap_or_default())))
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), JsonError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.fault(JsonFault::Expected("a digit")));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<ByteString, JsonError> {
        self.at += 1;
        let plain = self.plain()?;
        if self.take(b'"') {
            return Ok(self.text.slice_ref(plain));
        }
        let mut string = String::from(plain);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string.into());
                }
                Some(b'\\') => string.push(self.escape()?),
                Some(_) | None => return Err(self.fault(JsonFault::Expected("`\"`"))),
            }
            string.push_str(self.plain()?);
        }
    }

    /// What of a text comes before the next escape, or before its end.
    fn plain(&mut self) -> Result<&'t str, JsonError> {
        let start = self.at;
        let text: &'t str = self.text;
        let rest = text.get(start..).unwrap_or_default();
        let length = memchr2(b'"', b'\\', rest.as_bytes()).unwrap_or(rest.len());
        let plain = rest.get(..length).unwrap_or_default();
        if let Some(control) = first_control(plain.as_bytes()) {
            return Err(JsonError { at: start + control, fault: JsonFault::Control });
        }
        self.at += plain.len();
        Ok(plain)
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        self.at += 1;
        let letter = match self.peek() {
            Some(plain @ (b'"' | b'\\' | b'/')) => char::from(plain),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            Some(_) | None => return Err(self.fault(JsonFault::Expected("a letter that can be escaped"))),
        };
        self.at += 1;
        Ok(letter)
    }

    /// The character of one `\uXXXX`, or of the two of a surrogate pair.
    fn unicode(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        let half = JsonError { at: start, fault: JsonFault::Surrogate };
        let first = self.code_unit()?;
        if !(0xd800..0xe000).contains(&first) {
            return char::from_u32(first).ok_or(half);
        }
        if first >= 0xdc00 || !self.take(b'\\') || self.peek() != Some(b'u') {
            return Err(half);
        }
        let second = self.code_unit()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(half);
        }
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(half)
    }

    /// The number behind a `u`, which comes next.
    fn code_unit(&mut self) -> Result<u32, JsonError> {
        self.at += 1;
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let unit =
            unit.ok_or(JsonError { at: self.at, fault: JsonFault::Expected("four hexadecimal digits") })?;
        self.at += 4;
        Ok(unit)
    }
}

/// Where the first control character stands. Most texts have none, and to see that is faster than to look for one.
fn first_control(bytes: &[u8]) -> Option<usize> {
    let is_control = |byte: &u8| *byte < 0x20;
    let any = bytes.iter().fold(false, |any, byte| any | is_control(byte));
    if any { bytes.iter().position(is_control) } else { None }
}

/// Whether a name occurs twice, in time that hostile names cannot stretch.
fn has_duplicate(members: &[(ByteString, Json)]) -> bool {
    let mut names: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair.first() == pair.last())
}
