//! Fields of the file that is opened, or that a call's descriptor stands for.

use std::borrow::Cow;

use sensor_common::event::file::{Object, file_flags};

use super::{
    Observation, Rows, non_empty, number, or_missing,
    path::{file_call, is_unverified},
    signed,
};
use crate::{
    decode::{FileAsked, FileCall, Open},
    rules::value::Value,
};

/// Types of an inode (`S_IFMT` and its values).
const TYPE: u32 = 0o170_000;
const DIRECTORY: u32 = 0o040_000;
/// Stands for the descriptor of an open that succeeded where its number is not seen (`lsm` tier): rules that ask
/// whether it is at least 0 mean whether the open succeeded.
const UNSEEN: i64 = i32::MAX as i64;

pub(super) const ROWS: Rows = &[
    ("fd.name", |o, _| or_missing(o.open(), name)),
    ("fd.name", |o, _| or_missing(descriptor_call(o), |call| non_empty(call.file.path.as_bytes()))),
    ("fd.nameraw", |o, _| or_missing(o.open(), |open| non_empty(&open.name))),
    ("fd.filename", |o, _| part(&path(o), Part::File)),
    ("fd.directory", |o, _| part(&path(o), Part::Directory)),
    ("fd.num", |o, _| or_missing(o.open(), descriptor)),
    ("fd.num", |o, _| {
        or_missing(descriptor_call(o), |call| signed(call.descriptor().map_or(UNSEEN, i64::from)))
    }),
    ("fd.type", |o, _| or_missing(object(o), |file| kind(&file).0.into())),
    ("fd.typechar", |o, _| or_missing(object(o), |file| kind(&file).1.into())),
    ("fd.ino", |o, _| or_missing(object(o), |file| number(file.ino))),
    ("fd.dev", |o, _| or_missing(object(o), |file| number(file.dev))),
    ("fd.is_upper_layer", |o, _| flag(o, |file| file & file_flags::UPPER_LAYER != 0)),
    ("fd.is_lower_layer", |o, _| {
        flag(o, |file| file & (file_flags::OVERLAY | file_flags::UPPER_LAYER) == file_flags::OVERLAY)
    }),
    ("vigie.fd.memfd", |o, _| flag(o, |file| file & file_flags::MEMFD != 0)),
    ("vigie.fd.deleted", |o, _| {
        flag(o, |file| file & (file_flags::DELETED | file_flags::MEMFD) == file_flags::DELETED)
    }),
    ("vigie.fd.hardlink_of", |o, _| {
        let path = path(o);
        let other = object(o).zip(path.as_text()).and_then(|(file, path)| o.links.other_name(&file, path));
        or_missing(other, Value::text)
    }),
    ("vigie.fd.nlink", |o, _| or_missing(object(o), |file| number(file.nlink))),
    ("vigie.fd.unverified", |o, _| or_missing(o.open(), |_| Value::Bool(is_unverified(o)))),
    ("vigie.fd.unverified", |o, _| or_missing(descriptor_call(o), |_| Value::Bool(is_unverified(o)))),
];

/// The path of the file really opened; of a refused open the name that was asked for.
pub(super) fn name(open: &Open) -> Value<'_> {
    if open.path.is_empty() { non_empty(&open.name) } else { Value::text(open.path.as_bytes()) }
}

/// The path of an open, or of the file of a call on a descriptor.
fn path<'o>(observation: &'o Observation<'_>) -> Value<'o> {
    match observation.open() {
        Some(open) => name(open),
        None => or_missing(descriptor_call(observation), |call| non_empty(call.file.path.as_bytes())),
    }
}

/// A call on a descriptor, or the end of one.
fn descriptor_call<'o>(observation: &'o Observation<'_>) -> Option<&'o FileCall> {
    let is_close = |call: &FileCall| matches!(call.asked, FileAsked::Close(_));
    file_call(observation).filter(|call| call.descriptor().is_some() || is_close(call))
}

/// What is known of the file opened, or behind the descriptor.
fn object(observation: &Observation<'_>) -> Option<Object> {
    match observation.open() {
        Some(open) => Some(open.object()).filter(|_| !open.is_failed()),
        None => descriptor_call(observation)?.file().map(|file| file.facts),
    }
}

fn flag(observation: &Observation<'_>, test: impl FnOnce(u32) -> bool) -> Value<'static> {
    object(observation).map_or(Value::Missing, |file| Value::Bool(test(file.flags)))
}

fn descriptor(open: &Open) -> Value<'static> {
    match open.facts.fd {
        fd if fd >= 0 => number(fd),
        _ if open.is_failed() => number(open.facts.error),
        _ => Value::Number(UNSEEN),
    }
}

/// `fd.type` and `fd.typechar`. A named pipe counts as a file, as everything that is opened by a name does in Falco:
/// its rules ask for files, and would not see a pipe in the place of one.
fn kind(file: &Object) -> (&'static str, &'static str) {
    match file.mode & TYPE {
        _ if file.flags & file_flags::MEMFD != 0 => ("memfd", "m"),
        DIRECTORY => ("directory", "d"),
        _ => ("file", "f"),
    }
}

#[derive(Clone, Copy)]
enum Part {
    File,
    Directory,
}

fn part<'o>(name: &Value<'o>, part: Part) -> Value<'o> {
    let Value::Text(Cow::Borrowed(path)) = *name else { return Value::Missing };
    let slash = path.iter().rposition(|byte| *byte == b'/');
    match (part, slash) {
        (Part::File, Some(slash)) => Value::text(path.get(slash + 1..).unwrap_or_default()),
        (Part::File, None) => Value::text(path),
        (Part::Directory, Some(0)) => Value::from("/"),
        (Part::Directory, Some(slash)) => Value::text(path.get(..slash).unwrap_or_default()),
        (Part::Directory, None) => Value::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_a_directory_and_a_file_name() {
        let of = |path: &'static str, which| part(&Value::from(path), which);
        assert_eq!(of("/etc/shadow", Part::File), Value::from("shadow"));
        assert_eq!(of("/etc/shadow", Part::Directory), Value::from("/etc"));
        assert_eq!(of("/shadow", Part::Directory), Value::from("/"));
        assert_eq!(of("shadow", Part::Directory), Value::Missing);
        assert_eq!(of("shadow", Part::File), Value::from("shadow"));
    }
}
