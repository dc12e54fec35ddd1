//! JSON as it is written: a member may be there twice, and a name or a value may be what no writer would write.

use serde_json::Value;

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Node {
    /// Text that is written as it is.
    Raw(String),
    /// Members; their names are written as they are, between quotes.
    Object(Vec<(String, Node)>),
    /// Elements.
    List(Vec<Node>),
}

impl Node {
    /// Of JSON of the tests' own.
    pub(crate) fn parse(text: &str) -> Self {
        Self::of(serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}")))
    }

    fn of(value: Value) -> Self {
        match value {
            Value::Object(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (name, Self::of(value))).collect())
            }
            Value::Array(elements) => Self::List(elements.into_iter().map(Self::of).collect()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Self::Raw(value.to_string())
            }
        }
    }

    /// Gives a member a value, instead of the one that it has.
    pub(crate) fn put(&mut self, name: &str, value: Self) {
        if let Self::Object(members) = self {
            members.retain(|(known, _)| known != name);
            members.push((name.to_owned(), value));
        }
    }

    /// The member of this name.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        let Self::Object(members) = self else { return None };
        members.iter_mut().find_map(|(known, value)| (known == name).then_some(value))
    }

    /// How many objects there are, this one included.
    pub(crate) fn objects(&self) -> usize {
        match self {
            Self::Raw(_) => 0,
            Self::List(elements) => elements.iter().map(Self::objects).sum(),
            Self::Object(members) => 1 + members.iter().map(|(_, value)| value.objects()).sum::<usize>(),
        }
    }

    /// The members of one of them, by its number in the order they are written in.
    pub(crate) fn nth_object(&mut self, index: &mut usize) -> Option<&mut Vec<(String, Self)>> {
        match self {
            Self::Raw(_) => None,
            Self::List(elements) => elements.iter_mut().find_map(|element| element.nth_object(index)),
            Self::Object(members) => {
                if *index == 0 {
                    return Some(members);
                }
                *index -= 1;
                members.iter_mut().find_map(|(_, value)| value.nth_object(index))
            }
        }
    }

    /// As it is sent.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Raw(text) => text.clone(),
            Self::List(elements) => {
                format!("[{}]", elements.iter().map(Self::to_text).collect::<Vec<_>>().join(","))
            }
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| format!("\"{name}\":{}", value.to_text());
                format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(","))
            }
        }
    }
}
