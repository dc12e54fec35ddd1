//! The registry of fields: which names a rule may use, their types and arguments.
//!
//! Each domain has a file of rows; this one joins them into one table and answers look-ups, which happen when
//! rules are loaded and never on an event.

pub mod connection;
pub mod container;
pub mod dns;
pub mod docker;
pub mod event;
pub mod file;
mod flags;
pub mod integrity;
pub mod kubernetes;
pub mod path;
pub mod process;
pub mod reference;
pub mod thread;
pub mod user;

use std::sync::LazyLock;

pub use flags::Flags;
pub use reference::{reference, table};

use super::value::{Kind, Value};
use crate::rules::yaml::excerpt;

/// Whether a field takes an argument in brackets, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Argument {
    /// `field` only.
    None,
    /// `field` or `field[3]`.
    OptionalIndex,
    /// `field` or `field[key]`.
    OptionalKey,
    /// `field[key]`, which may also be written `field.key`.
    RequiredKey,
}

/// One field of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in rules.
    pub name: &'static str,
    /// What kind of value it has.
    pub kind: Kind,
    /// Whether it takes an argument.
    pub argument: Argument,
    /// What rules must not do with it, and the like.
    pub flags: Flags,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// Its place in [`TABLE`].
    pub id: usize,
}

/// A field as a rule names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRef {
    /// The field.
    pub field: &'static Field,
    /// The argument, already checked against [`Field::argument`].
    pub argument: Option<FieldArgument>,
}

impl FieldRef {
    /// What kind of value it has; of a raw argument that depends on which one it is.
    pub fn kind(&self) -> Kind {
        match &self.argument {
            Some(FieldArgument::Key(key)) if self.field.name == "evt.rawarg" => event::raw_argument_kind(key),
            Some(_) | None => self.field.kind,
        }
    }
}

/// The argument of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldArgument {
    /// The n-th, as the field counts.
    Index(u32),
    /// The one of this name.
    Key(Box<str>),
}

/// An event to be judged.
pub trait Fields {
    /// The value of `field`; [`Value::Missing`] where the event has none.
    ///
    /// Its kind is [`Field::kind`], or a [`Value::List`] of such values as alternatives. A value of another
    /// kind satisfies no comparison.
    fn value(&self, field: &FieldRef) -> Value<'_>;
}

/// Why a reference to a field does not stand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// There is no such field.
    #[error("unknown field `{name}`{}", did_you_mean(suggestion.as_deref()))]
    Unknown {
        /// As written.
        name: String,
        /// The nearest known name.
        suggestion: Option<String>,
    },
    /// The field takes no argument.
    #[error("field `{0}` takes no argument in brackets")]
    ArgumentRefused(&'static str),
    /// The field needs an argument.
    #[error("field `{0}` needs an argument: `{0}[...]`")]
    ArgumentMissing(&'static str),
    /// The argument is not a small number.
    #[error("field `{field}`: expected a number in brackets, found `{argument}`")]
    NotAnIndex {
        /// The field.
        field: &'static str,
        /// As written.
        argument: String,
    },
}

/// Ends an error message with a suggestion, if there is one.
pub(crate) fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// The rows of all fields, by what they are about.
const DOMAINS: [&[Field]; 12] = [
    event::ROWS,
    process::ROWS,
    thread::ROWS,
    user::ROWS,
    file::ROWS,
    connection::ROWS,
    dns::ROWS,
    path::ROWS,
    integrity::ROWS,
    container::ROWS,
    kubernetes::ROWS,
    docker::ROWS,
];

const COUNT: usize = {
    let mut count = 0;
    let mut domain = 0;
    while domain < DOMAINS.len() {
        #[expect(clippy::indexing_slicing, reason = "evaluated at compile time")]
        let rows = DOMAINS[domain].len();
        count += rows;
        domain += 1;
    }
    count
};

/// Every field, by id.
pub static TABLE: [Field; COUNT] = join();

#[expect(clippy::indexing_slicing, clippy::large_stack_arrays, reason = "evaluated at compile time")]
const fn join() -> [Field; COUNT] {
    let mut table = [DOMAINS[0][0]; COUNT];
    let (mut domain, mut id) = (0, 0);
    while domain < DOMAINS.len() {
        let mut row = 0;
        while row < DOMAINS[domain].len() {
            table[id] = DOMAINS[domain][row];
            table[id].id = id;
            id += 1;
            row += 1;
        }
        domain += 1;
    }
    table
}

static BY_NAME: LazyLock<Vec<&'static Field>> = LazyLock::new(|| {
    let mut fields: Vec<_> = TABLE.iter().collect();
    fields.sort_unstable_by_key(|field| field.name);
    fields
});

/// The field of exactly this name.
pub fn find(name: &str) -> Option<&'static Field> {
    let at = BY_NAME.binary_search_by_key(&name, |field| field.name).ok()?;
    BY_NAME.get(at).copied()
}

/// Resolves a field as a rule wrote it: `name`, `name[argument]`, or `name.argument` where a key is required.
pub fn resolve(name: &str, argument: Option<&str>) -> Result<FieldRef, FieldError> {
    lookup(name, argument).unwrap_or_else(|| {
        let suggestion = nearest(name, BY_NAME.iter().map(|field| field.name)).map(str::to_owned);
        Err(FieldError::Unknown { name: excerpt(name), suggestion })
    })
}

/// As [`resolve`], but `None` where there is no such field, without the search for a suggestion.
pub(crate) fn lookup(name: &str, argument: Option<&str>) -> Option<Result<FieldRef, FieldError>> {
    if let Some(field) = find(name) {
        return Some(with_argument(field, argument));
    }
    let (field, key) = argument.is_none().then(|| dotted(name)).flatten()?;
    Some(with_argument(field, Some(key)))
}

/// `evt.arg.flags` is `evt.arg[flags]`.
fn dotted(name: &str) -> Option<(&'static Field, &str)> {
    name.match_indices('.').find_map(|(dot, _)| {
        let field = find(name.get(..dot)?)?;
        let key = name.get(dot + 1..).filter(|key| !key.is_empty())?;
        (field.argument == Argument::RequiredKey).then_some((field, key))
    })
}

fn with_argument(field: &'static Field, argument: Option<&str>) -> Result<FieldRef, FieldError> {
    let argument = match (field.argument, argument) {
        (Argument::None | Argument::OptionalIndex | Argument::OptionalKey, None) => None,
        (Argument::None, Some(_)) => return Err(FieldError::ArgumentRefused(field.name)),
        (Argument::RequiredKey, None) => return Err(FieldError::ArgumentMissing(field.name)),
        (Argument::OptionalIndex, Some(text)) => Some(FieldArgument::Index(index(field, text)?)),
        (Argument::OptionalKey | Argument::RequiredKey, Some(text)) => Some(FieldArgument::Key(text.into())),
    };
    Ok(FieldRef { field, argument })
}

fn index(field: &'static Field, text: &str) -> Result<u32, FieldError> {
    text.parse()
        .ok()
        .filter(|index| *index <= MAX_INDEX)
        .ok_or_else(|| FieldError::NotAnIndex { field: field.name, argument: excerpt(text) })
}

/// Largest index a rule may ask for; argument lists and ancestries are far shorter.
const MAX_INDEX: u32 = 1_000_000;

/// Longest name for which a suggestion is sought; the search takes time by the square of the length.
const MAX_MISSPELT: usize = 64;

/// Most names among which a misspelt one is looked for: there may be tens of thousands of macros.
const MAX_CANDIDATES: usize = 2000;

/// The candidate that `name` is probably a misspelling of.
pub(crate) fn nearest<'c>(name: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    if name.len() > MAX_MISSPELT {
        return None;
    }
    let limit = (name.len() / 3).clamp(1, 4);
    candidates
        .take(MAX_CANDIDATES)
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= limit)
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

impl std::fmt::Display for FieldRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.argument {
            None => f.write_str(self.field.name),
            Some(FieldArgument::Index(index)) => write!(f, "{}[{index}]", self.field.name),
            Some(FieldArgument::Key(key)) => write!(f, "{}[{key}]", self.field.name),
        }
    }
}

/// The kind of a field in a row: a type, a type in square brackets for a list, or `(ends TYPE)` for what there is
/// of both ends of a connection.
macro_rules! kind {
    ([$of:ident]) => {
        crate::rules::value::Kind::list(crate::rules::value::Type::$of)
    };
    ((ends $of:ident)) => {
        crate::rules::value::Kind::ends(crate::rules::value::Type::$of)
    };
    ($of:ident) => {
        crate::rules::value::Kind::one(crate::rules::value::Type::$of)
    };
}
use kind;

/// Writes the rows of one domain: name, kind, argument, sentence, and flags if there are any.
macro_rules! rows {
    ($($name:literal: $kind:tt, $argument:ident, $doc:literal $(, $($flag:ident)+)?;)+) => {
        /// The rows of this domain.
        pub const ROWS: &[crate::rules::Field] = &[$(crate::rules::Field {
            name: $name,
            kind: super::kind!($kind),
            argument: super::Argument::$argument,
            flags: super::Flags::NONE$($(.with(super::Flags::$flag))+)?,
            doc: $doc,
            id: 0,
        },)+];
    };
}
use rows;

#[cfg(test)]
#[path = "field/tests.rs"]
mod tests;
