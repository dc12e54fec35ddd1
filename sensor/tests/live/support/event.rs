//! One line of the sensor's output, and asking for one.

use serde_json::{Map, Value};

/// Fields that an event must have, with their values; `null` for one it must not have.
pub(crate) type Want = Vec<(&'static str, Value)>;

/// Writes a [`Want`].
macro_rules! want {
    ($($name:literal => $value:expr),+ $(,)?) => { vec![$(($name, serde_json::json!($value))),+] };
}
pub(crate) use want;

/// A line of JSON: an event, or an alert whose output fields count as its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    fields: Map<String, Value>,
}

impl Event {
    /// Reads a line, which must be one object.
    pub(crate) fn parse(line: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(line)
            .unwrap_or_else(|error| panic!("a line is no JSON: {error}: {}", line.escape_ascii()));
        let Value::Object(mut fields) = value else { panic!("a line is no object: {value}") };
        let all = fields.len();
        assert!(all > 0, "an empty object");
        if let Some(Value::Object(output)) = fields.remove("output_fields") {
            fields.extend(output);
        }
        Self { fields }
    }

    /// The object as one line again.
    pub(crate) fn line(&self) -> String {
        serde_json::to_string(&self.fields).expect("a map of JSON is JSON")
    }

    /// The value of a field; null if it has none.
    pub(crate) fn get(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&Value::Null)
    }

    /// A field that must be a number.
    #[track_caller]
    pub(crate) fn number(&self, name: &str) -> u64 {
        self.get(name).as_u64().unwrap_or_else(|| panic!("{name} is no number in {self}"))
    }

    /// A field that must be text.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_else(|| panic!("{name} is no text in {self}"))
    }

    /// A field that must be text, as the bytes it stands for.
    #[track_caller]
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let escaped = self.get(&format!("vigie.escaped.{name}")).as_str();
        escaped.map_or_else(|| self.text(name).as_bytes().to_vec(), unescape)
    }

    /// A field that must be a list of text, as the bytes it stands for; what is unknown is empty.
    #[track_caller]
    pub(crate) fn byte_list(&self, name: &str) -> Vec<Vec<u8>> {
        let escaped = self.get(&format!("vigie.escaped.{name}"));
        let (list, is_escaped) = if escaped.is_null() { (self.get(name), false) } else { (escaped, true) };
        let list = list.as_array().unwrap_or_else(|| panic!("{name} is no list in {self}"));
        let text = list.iter().map(|item| item.as_str().unwrap_or_default());
        text.map(|text| if is_escaped { unescape(text) } else { text.as_bytes().to_vec() }).collect()
    }

    /// Asserts that it has these fields.
    #[track_caller]
    pub(crate) fn is(&self, want: &Want) {
        assert!(self.matches(want), "{}", self.differences(want));
    }

    /// Whether it has these fields.
    pub(crate) fn matches(&self, want: &Want) -> bool {
        want.iter().all(|(name, value)| self.get(name) == value)
    }

    fn differences(&self, want: &Want) -> String {
        let lines = want.iter().map(|(name, value)| {
            let found = self.get(name);
            let mark = if found == value { ' ' } else { '!' };
            format!("{mark} {name}: wanted {value}, found {found}\n")
        });
        format!("{}in {self}", lines.collect::<String>())
    }
}

impl std::fmt::Display for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", Value::Object(self.fields.clone()))
    }
}

/// Of the events that share most with what was wanted the last one, and where it differs.
pub(crate) fn nearest(events: &[Event], want: &Want) -> String {
    let shared = |event: &&Event| want.iter().filter(|(name, value)| event.get(name) == value).count();
    match events.iter().max_by_key(shared) {
        Some(event) => format!("of {} events the nearest is\n{}", events.len(), event.differences(want)),
        None => "there was no event at all".to_owned(),
    }
}

/// Undoes the escapes of `vigie.escaped.*`: `\\`, `\xNN`, `\n`, `\t`, `\r`, `\u{N}`.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        bytes.extend(plain.as_bytes());
        let (kind, after) = escaped.split_at(1);
        rest = after;
        match kind {
            "\\" => bytes.push(b'\\'),
            "n" => bytes.push(b'\n'),
            "t" => bytes.push(b'\t'),
            "r" => bytes.push(b'\r'),
            "x" => {
                let (digits, after) = after.split_at(2);
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                rest = after;
            }
            "u" => {
                let (digits, after) = after.strip_prefix('{').unwrap().split_once('}').unwrap();
                let character = char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap();
                bytes.extend(character.to_string().as_bytes());
                rest = after;
            }
            other => panic!("unknown escape {other:?} in {text:?}"),
        }
    }
    bytes.extend(rest.as_bytes());
    bytes
}

#[test]
fn escapes_are_undone() {
    assert_eq!(unescape(r"a\\b\xff\n\u{1b}\u{202e}é"), b"a\\b\xff\n\x1b\xe2\x80\xae\xc3\xa9");
}
