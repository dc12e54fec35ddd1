//! What a field of an event can be worth.

use std::borrow::Cow;
use std::net::IpAddr;

use super::decimal::Decimal;

/// The value of one field of one event, borrowed from the event where that is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// The event has no such value. Every comparison with it is false, `!=` included.
    Missing,
    /// The value was asked for and may still come: container metadata that the runtime has not given yet.
    ///
    /// It compares as [`Value::Missing`] does, but an evaluation whose result hangs on it says so.
    Pending,
    /// True or false.
    Bool(bool),
    /// A number: ids, sizes, times in nanoseconds.
    Number(i64),
    /// A number with a point: percentages.
    Decimal(Decimal),
    /// Bytes as the kernel gave them; not necessarily UTF-8.
    Text(Cow<'a, [u8]>),
    /// An address of the Internet Protocol, of either version.
    Ip(IpAddr),
    /// Several values.
    ///
    /// For a field whose [`Kind`] is a list they are the elements of one value. For any other field they are
    /// alternatives, such as the names of all ancestors: a comparison is true if one of them satisfies it.
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// Text borrowed from the event.
    pub const fn text(bytes: &'a [u8]) -> Self {
        Self::Text(Cow::Borrowed(bytes))
    }

    /// The same value, owning its bytes, so that it outlives the event.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Missing => Value::Missing,
            Self::Pending => Value::Pending,
            Self::Bool(truth) => Value::Bool(truth),
            Self::Number(number) => Value::Number(number),
            Self::Decimal(number) => Value::Decimal(number),
            Self::Text(bytes) => Value::Text(Cow::Owned(bytes.into_owned())),
            Self::Ip(address) => Value::Ip(address),
            Self::List(elements) => Value::List(elements.into_iter().map(Value::into_owned).collect()),
        }
    }

    /// Appends its form in an alert's text: `<NA>` where there is no value, `(a,b)` for several.
    pub fn print(&self, out: &mut Vec<u8>) {
        match self {
            Self::Missing | Self::Pending => out.extend_from_slice(NOT_AVAILABLE),
            Self::Bool(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
            Self::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Self::Decimal(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Self::Text(bytes) => out.extend_from_slice(bytes),
            Self::Ip(address) => out.extend_from_slice(address.to_string().as_bytes()),
            Self::List(elements) => {
                out.push(b'(');
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    element.print(out);
                }
                out.push(b')');
            }
        }
    }

    /// Its bytes, if it is a text.
    pub fn as_text(&self) -> Option<&[u8]> {
        if let Self::Text(bytes) = self { Some(bytes) } else { None }
    }

    /// Whether it, or an element of it, may still come.
    pub fn is_pending(&self) -> bool {
        match self {
            Self::Pending => true,
            Self::List(elements) => elements.iter().any(Value::is_pending),
            Self::Missing
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Decimal(_)
            | Self::Text(_)
            | Self::Ip(_) => false,
        }
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::text(bytes)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::text(text.as_bytes())
    }
}

/// What a missing value prints as.
pub const NOT_AVAILABLE: &[u8] = b"<NA>";

/// The type of a value, which says what it can be compared with and by which operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Number,
    /// A number with a point.
    Decimal,
    /// The number of a port, which has names too.
    Port,
    /// Text, as bytes that need not be UTF-8.
    Text,
    /// Bytes that are no text.
    Bytes,
    /// An address of the Internet Protocol.
    Ip,
    /// An address that is compared with networks.
    Net,
}

impl Type {
    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::Number => "number",
            Self::Decimal => "decimal number",
            Self::Port => "port",
            Self::Text => "text",
            Self::Bytes => "byte buffer",
            Self::Ip => "single IP address",
            Self::Net => "network",
        }
    }
}

/// What kind of value a field or a transformer gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The type of the value, or of every element of it.
    pub of: Type,
    /// Whether the value is a list: then `in` holds if all elements are members, `intersects` if one is, and no
    /// other comparison can be made.
    pub list: bool,
    /// Whether the value is a list of what there is of both ends of a connection, or the like: then a comparison
    /// holds if one of them satisfies it, but `!=` only if all do.
    pub ends: bool,
}

impl Kind {
    /// One value of this type.
    pub const fn one(of: Type) -> Self {
        Self { of, list: false, ends: false }
    }

    /// A list of values of this type.
    pub const fn list(of: Type) -> Self {
        Self { of, list: true, ends: false }
    }

    /// A value of this type for each end of a connection.
    pub const fn ends(of: Type) -> Self {
        Self { of, list: false, ends: true }
    }

    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        if self.list { "list" } else { self.of.name() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(value: &Value<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        value.print(&mut out);
        out
    }

    #[test]
    fn every_kind_prints() {
        assert_eq!(printed(&Value::Missing), b"<NA>");
        assert_eq!(printed(&Value::Pending), b"<NA>");
        assert_eq!(printed(&Value::Bool(false)), b"false");
        assert_eq!(printed(&Value::Number(-1)), b"-1");
        assert_eq!(printed(&Value::Decimal(Decimal::from_millionths(1_500_000))), b"1.5");
        assert_eq!(printed(&Value::text(b"a\xff")), b"a\xff");
        let list = Value::List(vec![Value::from("a"), Value::Missing, Value::Number(3)]);
        assert_eq!(printed(&list), b"(a,<NA>,3)");
        assert_eq!(printed(&Value::List(Vec::new())), b"()");
    }

    #[test]
    fn a_pending_element_makes_the_list_pending() {
        assert!(Value::List(vec![Value::from("a"), Value::Pending]).is_pending());
        assert!(!Value::List(vec![Value::from("a"), Value::Missing]).is_pending());
    }
}
