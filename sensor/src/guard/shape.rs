//! What the engine's decoder would fill from a body: the structures of its API, and the body in their only spelling.
//!
//! Go matches a member with a field in any case (see [`fold`]), lets the last of several spellings win, and passes over
//! what it does not know. So every spelling becomes the field's own name, two spellings of one field are refused, and
//! a value of another type than the field's is refused, as the engine would. Names in maps of data (labels, driver
//! options) are data and stay as they are.
//!
//! A member that no field takes is left out: an engine that does not know it is told the same as before, and one
//! that does know it, because it is newer than these tables, must not be told what was not judged. What was left
//! out is told (`docker.unknown_members`), for the request may not mean any more what its sender meant.

mod cluster;
mod container;
mod mount;
mod network;
mod plugin;
mod volume;

pub use cluster::{CONFIG, JOIN, NODE, SECRET, SERVICE, SWARM, SWARM_INIT, SWARM_UNLOCK};
pub use container::{CHECKPOINT, COMMIT, CREATE, EXEC_CREATE, EXEC_START, UPDATE};
pub use network::{CONNECT, DISCONNECT, NETWORK_CREATE};
pub use plugin::{PRIVILEGES, SETTINGS};
pub use volume::{VOLUME_CREATE, VOLUME_UPDATE};

use bytestring::ByteString;

use super::json::{Json, fold};

/// What a value is to the decoder. `null` stands for nothing in each of them.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A truth value.
    Bool,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list of texts, which may be written as one text.
    Texts,
    /// A list.
    List(&'static Self),
    /// Names that are data, with values of one shape.
    Map(&'static Self),
    /// A structure: its fields, and those of the structures that are embedded in it.
    Struct(&'static [&'static [Member]]),
    /// A field of old engines that belongs elsewhere: left out if it asks for nothing, and refused otherwise.
    Gone(&'static str, Nothing),
}

/// The value by which a field asks for nothing; `null` does so in each of them.
#[derive(Clone, Copy, Debug)]
pub enum Nothing {
    /// No other.
    Null,
    /// `false`.
    False,
    /// `0`.
    Zero,
    /// `""`.
    Empty,
}

impl Nothing {
    fn is(self, value: &Json) -> bool {
        match (self, value) {
            (_, Json::Null) | (Self::False, Json::Bool(false)) => true,
            (Self::Zero, Json::Number(digits)) => digits == "0",
            (Self::Empty, Json::Text(text)) => text.is_empty(),
            (Self::Null | Self::False | Self::Zero | Self::Empty, _) => false,
        }
    }
}

/// A field of a structure.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Its name as the engine writes it.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
}

/// Writes the fields of a structure: name and shape, which is a variant of [`Shape`], `list`, `map`, or a constant in
/// brackets.
macro_rules! members {
    ($($name:literal: $shape:tt),* $(,)?) => {
        &[$($crate::guard::shape::Member { name: $name, shape: $crate::guard::shape::shape!($shape) }),*]
    };
}
/// The shape in a row of [`members`].
macro_rules! shape {
    (list) => {
        $crate::guard::shape::LIST_OF_TEXTS
    };
    (map) => {
        $crate::guard::shape::MAP_OF_TEXTS
    };
    ([$shape:expr]) => {
        $shape
    };
    ($variant:ident) => {
        $crate::guard::shape::Shape::$variant
    };
}
use {members, shape};

/// A structure without fields.
pub const NOTHING: Shape = Shape::Struct(&[]);
/// The body of `/auth`.
pub const AUTH: Shape = Shape::Struct(&[members! {
    "username": Text, "password": Text, "auth": Text, "email": Text, "serveraddress": Text, "identitytoken": Text,
    "registrytoken": Text,
}]);
/// A list of texts.
const LIST_OF_TEXTS: Shape = Shape::List(&Shape::Text);
/// A map from texts to texts.
const MAP_OF_TEXTS: Shape = Shape::Map(&Shape::Text);

/// A body in its only spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canonical {
    /// What the engine gets.
    pub json: Json,
    /// Paths of the members that were left out, [`MAX_DROPPED`] at most.
    pub dropped: Vec<String>,
}

/// Most members that were left out of which the names are kept.
pub const MAX_DROPPED: usize = 16;
/// Most characters of a name that are kept for messages.
const MAX_NAME: usize = 64;

/// Why a body is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Two members are one field to the engine.
    #[error("`{0}` is given twice, in different spellings")]
    Twice(String),
    /// A value of another type.
    #[error("`{path}` must be {expected}, and is {found}")]
    Type {
        /// The field.
        path: String,
        /// Its type.
        expected: &'static str,
        /// The type of the value.
        found: &'static str,
    },
    /// A field that old engines read at this place.
    #[error("`{path}` belongs {instead}")]
    Gone {
        /// The field.
        path: String,
        /// Its right place.
        instead: &'static str,
    },
}

/// Brings a body into its only spelling.
pub fn canonical(shape: &Shape, json: Json) -> Result<Canonical, ShapeError> {
    let mut reader = Reader { path: Vec::new(), dropped: Vec::new() };
    let json = reader.value(shape, json)?;
    Ok(Canonical { json, dropped: reader.dropped })
}

/// Whether a body is as [`canonical`] writes it, with nothing left out.
pub fn is_canonical(shape: &Shape, json: &Json) -> bool {
    match (shape, json) {
        (Shape::Gone(..), _) => false,
        (_, Json::Null)
        | (Shape::Bool, Json::Bool(_))
        | (Shape::Number, Json::Number(_))
        | (Shape::Text, Json::Text(_)) => true,
        (Shape::Texts, Json::List(elements)) => {
            elements.iter().all(|element| is_canonical(&Shape::Text, element))
        }
        (Shape::List(of), Json::List(elements)) => elements.iter().all(|element| is_canonical(of, element)),
        (Shape::Map(of), Json::Object(members)) => members.iter().all(|(_, value)| is_canonical(of, value)),
        (Shape::Struct(parts), Json::Object(members)) => {
            let field = |name: &str| parts.iter().copied().flatten().find(|member| member.name == name);
            let is_field =
                |name: &str, value| field(name).is_some_and(|field| is_canonical(&field.shape, value));
            let is_twice =
                |index: usize, name: &str| members.iter().take(index).any(|(known, _)| known == name);
            let mut numbered = members.iter().enumerate();
            numbered.all(|(index, (name, value))| is_field(name, value) && !is_twice(index, name))
        }
        _ => false,
    }
}

#[derive(Default)]
struct Reader {
    path: Vec<ByteString>,
    dropped: Vec<String>,
}

impl Reader {
    fn value(&mut self, shape: &Shape, json: Json) -> Result<Json, ShapeError> {
        match (shape, json) {
            (_, Json::Null) => Ok(Json::Null),
            (Shape::Bool, json @ Json::Bool(_))
            | (Shape::Number, json @ Json::Number(_))
            | (Shape::Text, json @ Json::Text(_)) => Ok(json),
            (Shape::Texts, json @ Json::Text(_)) => Ok(Json::List(vec![json])),
            (Shape::Texts, Json::List(elements)) => self.list(&Shape::Text, elements),
            (Shape::List(of), Json::List(elements)) => self.list(of, elements),
            (Shape::Map(of), Json::Object(members)) => self.map(of, members),
            (Shape::Struct(parts), Json::Object(members)) => self.structure(parts, members),
            (shape, json) => {
                let path = self.shown();
                Err(ShapeError::Type { path, expected: shape.expected(), found: json.kind() })
            }
        }
    }

    fn list(&mut self, of: &Shape, elements: Vec<Json>) -> Result<Json, ShapeError> {
        let elements = elements.into_iter().map(|element| self.value(of, element));
        elements.collect::<Result<_, _>>().map(Json::List)
    }

    fn map(&mut self, of: &Shape, members: Vec<(ByteString, Json)>) -> Result<Json, ShapeError> {
        let mut kept = Vec::with_capacity(members.len());
        for (name, value) in members {
            self.path.push(name);
            let value = self.value(of, value)?;
            kept.push((self.path.pop().unwrap_or_default(), value));
        }
        Ok(Json::Object(kept))
    }

    fn structure(
        &mut self,
        parts: &[&[Member]],
        members: Vec<(ByteString, Json)>,
    ) -> Result<Json, ShapeError> {
        let mut kept: Vec<(ByteString, Json)> = Vec::with_capacity(members.len());
        for (name, value) in members {
            let Some(member) =
                parts.iter().copied().flatten().find(|member| fold::is_same(&name, member.name))
            else {
                self.leave_out(&name);
                continue;
            };
            if kept.iter().any(|(known, _)| known == member.name) {
                self.path.push(ByteString::from_static(member.name));
                return Err(ShapeError::Twice(self.shown()));
            }
            self.path.push(ByteString::from_static(member.name));
            if let Shape::Gone(instead, nothing) = member.shape {
                if !nothing.is(&value) {
                    return Err(ShapeError::Gone { path: self.shown(), instead });
                }
            } else {
                let value = self.value(&member.shape, value)?;
                kept.push((ByteString::from_static(member.name), value));
            }
            self.path.pop();
        }
        Ok(Json::Object(kept))
    }

    fn leave_out(&mut self, name: &ByteString) {
        if self.dropped.len() < MAX_DROPPED {
            self.path.push(name.clone());
            self.dropped.push(self.shown());
            self.path.pop();
        }
    }

    /// The path, short enough for a message.
    fn shown(&self) -> String {
        let names: Vec<String> = self.path.iter().map(|name| name.chars().take(MAX_NAME).collect()).collect();
        if names.is_empty() { "the body".to_owned() } else { names.join(".") }
    }
}

impl Shape {
    const fn expected(&self) -> &'static str {
        match self {
            Self::Bool => "a truth value",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Texts => "a list of texts",
            Self::List(_) => "a list",
            Self::Map(_) | Self::Struct(_) => "an object",
            Self::Gone(..) => "absent",
        }
    }
}

#[cfg(test)]
#[path = "shape/tests.rs"]
mod tests;
