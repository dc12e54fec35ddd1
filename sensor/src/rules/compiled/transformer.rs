//! The transformers: functions from values to values.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::rules::value::{Kind, Type, Value};

/// A transformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transformer {
    /// ASCII letters in lower case.
    ToLower,
    /// ASCII letters in upper case.
    ToUpper,
    /// What a Base64 text stands for.
    B64,
    /// The last component of a path.
    Basename,
    /// Number of characters, bytes or elements.
    Len,
    /// Elements put together with a separator between them.
    Join,
    /// Texts put together.
    Concat,
    /// The options of a command line.
    Getopt,
}

impl Transformer {
    /// Every transformer and how it is written.
    pub const NAMES: [(&'static str, Self); 8] = [
        ("tolower", Self::ToLower),
        ("toupper", Self::ToUpper),
        ("b64", Self::B64),
        ("basename", Self::Basename),
        ("len", Self::Len),
        ("join", Self::Join),
        ("concat", Self::Concat),
        ("getopt", Self::Getopt),
    ];

    /// The transformer of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, transformer)| *transformer)
    }

    /// How it is written.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, known)| *known == self).map_or("", |(name, _)| name)
    }

    /// What it takes, for messages.
    pub const fn signature(self) -> &'static str {
        match self {
            Self::ToLower => "`tolower(text)`",
            Self::ToUpper => "`toupper(text)`",
            Self::B64 => "`b64(text or bytes)`",
            Self::Basename => "`basename(text)`",
            Self::Len => "`len(text, bytes or list)`",
            Self::Join => "`join(separator, list)`",
            Self::Concat => "`concat(text, text, ...)`",
            Self::Getopt => "`getopt(list of texts, options)`",
        }
    }

    /// What kind of value it makes of arguments of these kinds; `None` where it does not take them.
    pub fn kind(self, arguments: &[Kind]) -> Option<Kind> {
        let text = |kind: &Kind| kind.of == Type::Text && !kind.list;
        match (self, arguments) {
            (Self::ToLower | Self::ToUpper | Self::Basename, [kind]) if kind.of == Type::Text => Some(*kind),
            (Self::B64, [kind]) if matches!(kind.of, Type::Text | Type::Bytes) => Some(*kind),
            (Self::Len, [kind]) if kind.list || matches!(kind.of, Type::Text | Type::Bytes) => {
                Some(Kind::one(Type::Number))
            }
            (Self::Join, [separator, list]) if text(separator) && list.list => Some(Kind::one(Type::Text)),
            (Self::Concat, texts) if texts.len() >= 2 && texts.iter().all(text) => {
                Some(Kind::one(Type::Text))
            }
            (Self::Getopt, [list, options]) if list.list && list.of == Type::Text && text(options) => {
                Some(Kind::list(Type::Text))
            }
            _ => None,
        }
    }

    /// What it makes of these values, none of which is missing; `getopt` is not among those that work so.
    pub fn apply(self, mut values: Vec<Value<'_>>) -> Value<'_> {
        match (self, values.pop()) {
            (Self::Len, Some(Value::List(elements))) => length(elements.len()),
            (Self::Len, Some(Value::Text(text))) => length(text.len()),
            (Self::Join, Some(Value::List(elements))) => join(values.first(), &elements),
            (Self::Concat, Some(last)) => {
                values.push(last);
                join(Some(&Value::from("")), &values)
            }
            (Self::ToLower, Some(value)) => {
                each(value, &|text| Some(changed(text, <[u8]>::to_ascii_lowercase)))
            }
            (Self::ToUpper, Some(value)) => {
                each(value, &|text| Some(changed(text, <[u8]>::to_ascii_uppercase)))
            }
            (Self::Basename, Some(value)) => each(value, &|text| Some(basename(text))),
            (Self::B64, Some(value)) => each(value, &|text| DECODER.decode(&*text).ok().map(Cow::Owned)),
            (Self::Len | Self::Join | Self::Getopt, _) | (_, None) => Value::Missing,
        }
    }
}

/// Base64 as programs write it, with or without padding.
const DECODER: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn length(length: usize) -> Value<'static> {
    i64::try_from(length).map_or(Value::Missing, Value::Number)
}

/// A text, or every text of a list, put through a function.
fn each<'v>(value: Value<'v>, change: &impl Fn(Cow<'v, [u8]>) -> Option<Cow<'v, [u8]>>) -> Value<'v> {
    match value {
        Value::Text(text) => change(text).map_or(Value::Missing, Value::Text),
        Value::List(elements) => {
            Value::List(elements.into_iter().map(|element| each(element, change)).collect())
        }
        Value::Missing
        | Value::Pending
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Decimal(_)
        | Value::Ip(_) => Value::Missing,
    }
}

fn changed(text: Cow<'_, [u8]>, change: fn(&[u8]) -> Vec<u8>) -> Cow<'_, [u8]> {
    let new = change(&text);
    if *new == *text { text } else { Cow::Owned(new) }
}

fn basename(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let start = text.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    match text {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(start..).unwrap_or_default()),
        Cow::Owned(mut bytes) => {
            bytes.drain(..start);
            Cow::Owned(bytes)
        }
    }
}

/// The elements as they print, with the separator between them.
fn join<'v>(separator: Option<&Value<'_>>, elements: &[Value<'_>]) -> Value<'v> {
    let mut text = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        if let Some(separator) = separator.filter(|_| index > 0) {
            separator.print(&mut text);
        }
        element.print(&mut text);
    }
    Value::Text(Cow::Owned(text))
}
