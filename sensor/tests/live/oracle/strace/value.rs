//! What strace writes of arguments, with `-y -v -xx -X raw`: numbers as they are, strings byte by byte.

/// An argument, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// A number, and the path of the file where it is a descriptor.
    Number(i64, Option<Path>),
    /// A string, or bytes.
    Text(Vec<u8>),
    /// The name of an abstract socket.
    Abstract(Vec<u8>),
    /// An array.
    List(Vec<Value>),
    /// A struct.
    Struct(Vec<(String, Value)>),
    /// `NULL`.
    Null,
}

/// Where a descriptor leads to, as /proc says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) bytes: Vec<u8>,
    /// No name leads there any more.
    pub(crate) is_deleted: bool,
}

/// An argument, and its name where strace writes one.
pub(crate) type Argument = (String, Value);

/// What is left to be read.
pub(super) struct Rest<'a>(pub(super) &'a str);

impl<'a> Rest<'a> {
    /// Takes `text` if it comes next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Takes `text`, which must come next.
    pub(super) fn expect(&mut self, text: &str) -> Result<(), String> {
        if self.take(text) { Ok(()) } else { Err(format!("`{text}` expected at `{}`", self.0)) }
    }

    /// Takes all characters that belong.
    pub(super) fn word(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let (word, rest) = self.0.split_at(self.0.find(|c| !belongs(c)).unwrap_or(self.0.len()));
        self.0 = rest;
        word
    }

    /// Takes arguments up to the bracket that closes them.
    pub(super) fn arguments(&mut self, close: &str) -> Result<Vec<Argument>, String> {
        let mut arguments = Vec::new();
        while !self.take(close) {
            if !arguments.is_empty() {
                self.expect(", ")?;
            }
            arguments.push(self.argument()?);
        }
        Ok(arguments)
    }

    fn argument(&mut self) -> Result<Argument, String> {
        let before = self.0;
        let name = self.word(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        let name = if !name.is_empty() && self.take("=") { name } else { self.back(before) };
        let value = self.value()?;
        // What the kernel wrote there in the course of the call.
        if self.take(" => ") {
            self.value()?;
        }
        Ok((name.to_owned(), value))
    }

    fn back(&mut self, to: &'a str) -> &'static str {
        self.0 = to;
        ""
    }

    fn value(&mut self) -> Result<Value, String> {
        let next = self.0.bytes().next();
        match next {
            Some(b'"') => self.text().map(Value::Text),
            Some(b'@') => {
                self.expect("@")?;
                self.text().map(Value::Abstract)
            }
            Some(b'[') => {
                self.expect("[")?;
                Ok(Value::List(self.arguments("]")?.into_iter().map(|(_, value)| value).collect()))
            }
            Some(b'{') => {
                self.expect("{")?;
                self.arguments("}").map(Value::Struct)
            }
            Some(b'N') => self.expect("NULL").map(|()| Value::Null),
            _ => self.number(),
        }
    }

    /// A number, several bits of one, and the path behind a descriptor.
    pub(super) fn number(&mut self) -> Result<Value, String> {
        let mut number = self.one_number()?;
        while self.take("|") {
            number |= self.one_number()?;
        }
        let path = if self.take("<") { Some(self.path()?) } else { None };
        Ok(Value::Number(number, path))
    }

    fn one_number(&mut self) -> Result<i64, String> {
        let text = self.word(|c| c.is_ascii_alphanumeric() || c == '-');
        let number = match (text.strip_prefix("0x"), text.strip_prefix('0')) {
            (Some(digits), _) => u64::from_str_radix(digits, 16).map(u64::cast_signed),
            (None, Some(digits)) if !digits.is_empty() => i64::from_str_radix(digits, 8),
            (None, _) => text.parse(),
        };
        number.map_err(|error| format!("a number `{text}` at `{}`: {error}", self.0))
    }

    fn path(&mut self) -> Result<Path, String> {
        let bytes = self.bytes()?;
        self.expect(">")?;
        Ok(Path { bytes, is_deleted: self.take("(deleted)") })
    }

    fn text(&mut self) -> Result<Vec<u8>, String> {
        self.expect("\"")?;
        let bytes = self.bytes()?;
        self.expect("\"")?;
        // What was left out cannot be compared.
        if self.0.starts_with("...") { Err("a string is not whole".to_owned()) } else { Ok(bytes) }
    }

    fn bytes(&mut self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        while self.take("\\x") {
            let digits = self.0.get(..2).ok_or("half a byte")?;
            bytes
                .push(u8::from_str_radix(digits, 16).map_err(|error| format!("a byte `{digits}`: {error}"))?);
            self.0 = &self.0[2..];
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Result<Vec<Argument>, String> {
        Rest(text).arguments(")")
    }

    fn values(text: &str) -> Vec<Value> {
        arguments(text).unwrap().into_iter().map(|(_, value)| value).collect()
    }

    #[test]
    fn numbers_keep_their_base_and_their_path() {
        let path = Path { bytes: b"/t".to_vec(), is_deleted: false };
        let gone = Path { is_deleted: true, ..path.clone() };
        let read = values(r"-100<\x2f\x74>, 3<\x2f\x74>(deleted), 0x80042, 0777, 0, 0x10|0x3, -9)");
        let plain = [0x80042, 0o777, 0, 0x13, -9].map(|number| Value::Number(number, None));
        let first = [Value::Number(-100, Some(path)), Value::Number(3, Some(gone))];
        assert_eq!(read, [&first[..], &plain[..]].concat());
    }

    #[test]
    fn strings_are_bytes() {
        let read = values(r#""\x62\x0a\xc3\x00", "", @"\x61", NULL, ["\x61", "\x62"])"#);
        let text = |bytes: &[u8]| Value::Text(bytes.to_vec());
        let list = Value::List(vec![text(b"a"), text(b"b")]);
        assert_eq!(read, [text(b"b\n\xc3\0"), text(b""), Value::Abstract(b"a".to_vec()), Value::Null, list]);
    }

    #[test]
    fn structs_and_named_arguments_keep_their_names() {
        let read =
            arguments(r#"flags=0x11, {sa_family=0x2, sin_port="\x00\x50"} => {tid=[5]}, 88)"#).unwrap();
        let number = |number| Value::Number(number, None);
        let port = ("sin_port".to_owned(), Value::Text(vec![0, 80]));
        let address = Value::Struct(vec![("sa_family".to_owned(), number(2)), port]);
        let unnamed = String::new;
        assert_eq!(read, [("flags".to_owned(), number(0x11)), (unnamed(), address), (unnamed(), number(88))]);
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for text in
            [r#""\x61"...)"#, r#""\x6)"#, r#"["\x61", ...])"#, "{a=1)", "O_RDWR)", "1", "0x7f /* 3 vars */)"]
        {
            assert!(arguments(text).is_err(), "{text}");
        }
    }
}
