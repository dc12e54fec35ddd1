//! One operation on a watched file, as an alert tells it.

use crate::{
    decode::Event,
    rules::{FieldRef, Fields, Value, field::integrity},
    sys::inspect::Hash,
};

use super::files::Known;

/// What was done to a watched file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// It was made.
    Created,
    /// Its content was changed, or replaced by another file's.
    Modified,
    /// It got another name, which may lie outside of what is watched, as the old one may.
    Renamed,
    /// It was removed.
    Deleted,
    /// Its permission bits were changed.
    Mode,
    /// Its owner or group was changed.
    Owner,
    /// An extended attribute was set or removed.
    Attributes,
    /// It got one more name.
    Linked,
    /// It was opened for reading.
    Read,
}

impl Operation {
    /// As `vigie.fim.operation` and the names of the rules say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Modified => "modified",
            Self::Renamed => "renamed",
            Self::Deleted => "deleted",
            Self::Mode => "mode changed",
            Self::Owner => "owner changed",
            Self::Attributes => "attributes changed",
            Self::Linked => "linked",
            Self::Read => "read",
        }
    }
}

/// What is told of a file before or after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Size in bytes.
    pub size: Option<u64>,
    /// Digest of the content.
    pub hash: Option<Hash>,
    /// Permission bits.
    pub mode: Option<u32>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
}

impl State {
    /// Size and digest.
    pub(super) fn content(known: &Known) -> Self {
        let is_regular = known.facts.is_regular();
        Self {
            size: is_regular.then_some(known.facts.size),
            hash: is_regular.then_some(known.hash),
            ..Self::default()
        }
    }

    /// Permission bits.
    pub(super) fn mode(mode: u32) -> Self {
        Self { mode: Some(mode & 0o7777), ..Self::default() }
    }

    /// Owner and group.
    pub(super) fn owner(uid: u32, gid: u32) -> Self {
        Self { uid: Some(uid), gid: Some(gid), ..Self::default() }
    }
}

/// One operation on a watched file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What was done.
    pub operation: Operation,
    /// The file, by its path on the host; of a renamed one the new path.
    pub path: Box<[u8]>,
    /// What else has to do with it: the old path of a renamed file, the file that a link is of, the file that took the
    /// place of a replaced one.
    pub from: Option<Box<[u8]>>,
    /// Whether another file took its place.
    pub replaced: bool,
    /// Whether that was made in its place, after the old one had been taken away.
    pub(super) anew: bool,
    /// Name of an extended attribute.
    pub attribute: Option<Box<[u8]>>,
    /// Before.
    pub before: State,
    /// After.
    pub after: State,
    /// Who did it: the event that completed the operation.
    pub event: Event,
    /// That event's number.
    pub number: u64,
}

impl Change {
    pub(super) fn new(operation: Operation, path: &[u8], event: Event, number: u64) -> Self {
        Self {
            operation,
            path: path.into(),
            from: None,
            replaced: false,
            anew: false,
            attribute: None,
            before: State::default(),
            after: State::default(),
            event,
            number,
        }
    }

    /// The fields that it has, by name.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, Value<'_>)> {
        integrity::ROWS.iter().filter_map(|row| Some((row.name, self.field(row.name)?)))
    }

    /// A field of the operation, by name.
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let Self { path, from, replaced, attribute, before, after, .. } = self;
        let number = |value: Option<u64>| value.and_then(|n| n.try_into().ok()).map(Value::Number);
        let id = |value: Option<u32>| number(value.map(u64::from));
        let mode = |value: Option<u32>| value.map(|mode| owned(format!("{mode:04o}")));
        let digest = |state: &State| state.hash.and_then(|hash| hash.text()).map(owned);
        match name.strip_prefix("vigie.fim.")? {
            "operation" => Some(self.operation.name().into()),
            "path" => Some(Value::text(path)),
            "path_from" => from.as_deref().map(Value::text),
            "replaced" => replaced.then_some(Value::Bool(true)),
            "attribute" => attribute.as_deref().map(Value::text),
            "size.before" => number(before.size),
            "size.after" => number(after.size),
            "sha256.before" => digest(before),
            "sha256.after" => digest(after),
            "sha256.unknown" => self.why_no_digest().map(Value::from),
            "mode.before" => mode(before.mode),
            "mode.after" => mode(after.mode),
            "uid.before" => id(before.uid),
            "uid.after" => id(after.uid),
            "gid.before" => id(before.gid),
            "gid.after" => id(after.gid),
            _ => None,
        }
    }

    /// Why a digest is missing, of what is there after if that is.
    fn why_no_digest(&self) -> Option<&'static str> {
        let reason = |state: &State| state.hash.and_then(|hash| hash.reason());
        reason(&self.after).or_else(|| reason(&self.before))
    }
}

fn owned(text: String) -> Value<'static> {
    Value::Text(text.into_bytes().into())
}

/// The fields of an operation, and those of the event that completed it.
#[derive(Debug)]
pub struct Told<'a, F> {
    /// The operation.
    pub change: &'a Change,
    /// The event.
    pub event: &'a F,
}

impl<F: Fields> Fields for Told<'_, F> {
    fn value(&self, field: &FieldRef) -> Value<'_> {
        self.change.field(field.field.name).unwrap_or_else(|| self.event.value(field))
    }
}
