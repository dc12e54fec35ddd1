//! Fields of the opened file.

use std::borrow::Cow;

use sensor_common::{event::file::file_flags, header::flags};

use super::{Observation, Rows, non_empty, number, or_missing};
use crate::{decode::Open, rules::value::Value};

/// Types of an inode (`S_IFMT` and its values).
const TYPE: u32 = 0o170_000;
const DIRECTORY: u32 = 0o040_000;
const PIPE: u32 = 0o010_000;
/// Stands for the descriptor of an open that succeeded where its number is not seen (`lsm` tier): rules that ask
/// whether it is at least 0 mean whether the open succeeded.
const UNSEEN: i64 = i32::MAX as i64;

pub(super) const ROWS: Rows = &[
    ("fd.name", |o, _| or_missing(o.open(), name)),
    ("fd.nameraw", |o, _| or_missing(o.open(), |open| non_empty(&open.name))),
    ("fd.filename", |o, _| or_missing(o.open(), |open| part(&name(open), Part::File))),
    ("fd.directory", |o, _| or_missing(o.open(), |open| part(&name(open), Part::Directory))),
    ("fd.num", |o, _| or_missing(o.open(), descriptor)),
    ("fd.type", |o, _| or_missing(opened(o), |open| kind(open).0.into())),
    ("fd.typechar", |o, _| or_missing(opened(o), |open| kind(open).1.into())),
    ("fd.ino", |o, _| or_missing(opened(o), |open| number(open.facts.ino))),
    ("fd.dev", |o, _| or_missing(opened(o), |open| number(open.facts.dev))),
    ("fd.is_upper_layer", |o, _| flag(o, |file| file & file_flags::UPPER_LAYER != 0)),
    ("fd.is_lower_layer", |o, _| {
        flag(o, |file| file & (file_flags::OVERLAY | file_flags::UPPER_LAYER) == file_flags::OVERLAY)
    }),
    ("vigie.fd.memfd", |o, _| flag(o, |file| file & file_flags::MEMFD != 0)),
    ("vigie.fd.deleted", |o, _| or_missing(opened(o), |open| Value::Bool(open.is_deleted()))),
    ("vigie.fd.hardlink_of", |o, _| {
        or_missing(opened(o).and_then(|open| o.links.other_name(open)), Value::text)
    }),
    ("vigie.fd.nlink", |o, _| or_missing(opened(o), |open| number(open.facts.nlink))),
    ("vigie.fd.unverified", |o, _| {
        or_missing(o.open(), |_| Value::Bool(o.event.header.flags & flags::UNVERIFIED != 0))
    }),
];

/// The path of the file really opened; of a refused open the name that was asked for.
pub(super) fn name(open: &Open) -> Value<'_> {
    if open.path.is_empty() { non_empty(&open.name) } else { Value::text(open.path.as_bytes()) }
}

fn opened<'o>(observation: &'o Observation<'_>) -> Option<&'o Open> {
    observation.open().filter(|open| !open.is_failed())
}

fn flag(observation: &Observation<'_>, test: impl FnOnce(u32) -> bool) -> Value<'static> {
    opened(observation).map_or(Value::Missing, |open| Value::Bool(test(open.facts.file_flags)))
}

fn descriptor(open: &Open) -> Value<'static> {
    match open.facts.fd {
        fd if fd >= 0 => number(fd),
        _ if open.is_failed() => number(open.facts.error),
        _ => Value::Number(UNSEEN),
    }
}

fn kind(open: &Open) -> (&'static str, &'static str) {
    match open.facts.inode_mode & TYPE {
        _ if open.is_memfd() => ("memfd", "m"),
        DIRECTORY => ("directory", "d"),
        PIPE => ("pipe", "p"),
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
