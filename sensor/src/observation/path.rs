//! Fields of the paths that a call works on, and of the files that they lead to.

use sensor_common::{event::file::Object, header::flags};

use super::{Observation, Rows, feeding, non_empty, number, or_missing};
use crate::{
    decode::{FileAsked, FileCall, Name, What},
    rules::{EventType, EventTypes, value::Value},
};

/// `MS_BIND` and `MS_MOVE`: what is mounted is a path.
const FROM_PATH: u64 = 1 << 12 | 1 << 13;

const REMOVALS: EventTypes =
    EventTypes::NONE.with(EventType::UNLINK).with(EventType::UNLINKAT).with(EventType::RMDIR);
const RENAMES: EventTypes =
    EventTypes::NONE.with(EventType::RENAME).with(EventType::RENAMEAT).with(EventType::RENAMEAT2);
const LINKS: EventTypes = EventTypes::NONE.with(EventType::LINK).with(EventType::LINKAT);
const SYMLINKS: EventTypes = EventTypes::NONE.with(EventType::SYMLINK).with(EventType::SYMLINKAT);
/// Events that make a name.
const MADE: EventTypes = EventTypes::NONE
    .with(EventType::MKDIR)
    .with(EventType::MKDIRAT)
    .with(EventType::MKNOD)
    .with(EventType::MKNODAT);
/// Events that change a file by its name.
const CHANGES: EventTypes = EventTypes::NONE
    .with(EventType::CHMOD)
    .with(EventType::FCHMODAT)
    .with(EventType::FCHMODAT2)
    .with(EventType::CHOWN)
    .with(EventType::LCHOWN)
    .with(EventType::FCHOWNAT)
    .with(EventType::TRUNCATE)
    .with(EventType::SETXATTR)
    .with(EventType::LSETXATTR)
    .with(EventType::REMOVEXATTR)
    .with(EventType::LREMOVEXATTR);
const ROOTS: EventTypes = EventTypes::NONE
    .with(EventType::UMOUNT2)
    .with(EventType::CHROOT)
    .with(EventType::PIVOT_ROOT)
    .with(EventType::OPEN_TREE);
/// Events that work on one path.
pub(super) const NAMES: EventTypes =
    feeding::OPENS.or(feeding::DESCRIPTORS).or(REMOVALS).or(MADE).or(CHANGES).or(ROOTS);
/// Events that work on two paths.
pub(super) const PAIRS: EventTypes =
    RENAMES.or(LINKS).or(SYMLINKS).or(EventTypes::NONE.with(EventType::MOUNT).with(EventType::MOVE_MOUNT));
/// Events that work on paths.
pub(super) const PATHS: EventTypes = NAMES.or(PAIRS);
/// Events that tell of a file.
pub(super) const FILES: EventTypes =
    feeding::OPENS.or(feeding::DESCRIPTORS).or(REMOVALS).or(RENAMES).or(LINKS).or(CHANGES);
/// Events that can take a name from another file.
pub(super) const REPLACING: EventTypes = RENAMES;

pub(super) const NAME_ROWS: Rows = &[
    ("fs.path.name", |o, _| or_missing(o.open(), |open| success(open.path.as_bytes(), !open.is_failed()))),
    ("fs.path.name", |o, _| or_missing(one(o), |call| non_empty(resolved(call)))),
    ("fs.path.nameraw", |o, _| or_missing(o.open(), |open| success(&open.name, !open.is_failed()))),
    ("fs.path.nameraw", |o, _| or_missing(one(o), |call| non_empty(&call.name.given))),
];

pub(super) const PAIR_ROWS: Rows = &[
    ("fs.path.source", |o, _| {
        let mount = succeeded(o).filter(|call| matches!(call.asked, FileAsked::Mount(_)));
        mount.map_or_else(|| source(o, path), mounted)
    }),
    ("fs.path.sourceraw", |o, _| source(o, given)),
    ("fs.path.target", |o, _| target(o, path)),
    ("fs.path.targetraw", |o, _| target(o, given)),
];

pub(super) const FILE_ROWS: Rows = &[
    ("vigie.file.ino", |o, _| or_missing(file(o), |file| number(file.ino))),
    ("vigie.file.dev", |o, _| or_missing(file(o), |file| number(file.dev))),
    ("vigie.file.size", |o, _| or_missing(file(o), |file| number(file.size))),
    ("vigie.file.nlink", |o, _| or_missing(file(o), |file| number(file.nlink))),
    ("vigie.file.mode", |o, _| or_missing(file(o), |file| number(file.mode & 0o7777))),
    ("vigie.file.uid", |o, _| or_missing(owner(o), |file| number(file.uid))),
    ("vigie.file.gid", |o, _| or_missing(owner(o), |file| number(file.gid))),
];

pub(super) const REPLACED_ROWS: Rows = &[
    ("vigie.replaced.ino", |o, _| or_missing(replaced(o), |file| number(file.ino))),
    ("vigie.replaced.dev", |o, _| or_missing(replaced(o), |file| number(file.dev))),
    ("vigie.replaced.size", |o, _| or_missing(replaced(o), |file| number(file.size))),
    ("vigie.replaced.nlink", |o, _| or_missing(replaced(o), |file| number(file.nlink))),
];

pub(super) const UNVERIFIED_ROWS: Rows =
    &[("vigie.path.unverified", |o, _| or_missing(file_call(o), |_| Value::Bool(is_unverified(o))))];

/// What is mounted: a path where the flags say so, else the word as it is.
pub(super) fn mounted(call: &FileCall) -> Value<'_> {
    let by_flags = matches!(call.asked, FileAsked::Mount(facts) if facts.flags & FROM_PATH != 0);
    let is_path = by_flags || call.name.given.starts_with(b"/");
    non_empty(if is_path { call.name.path.as_bytes() } else { &call.name.given })
}

fn success(bytes: &[u8], succeeded: bool) -> Value<'_> {
    if succeeded { non_empty(bytes) } else { Value::Missing }
}

/// A call on files.
pub(super) fn file_call<'o>(observation: &'o Observation<'_>) -> Option<&'o FileCall> {
    match &observation.call()?.what {
        What::File(call) => Some(call),
        What::Network(_) | What::Process(_) | What::Credential(_) | What::Kernel(_) => None,
    }
}

/// A call on files that is not known to have failed: as Falco has it, these fields are of what happened.
fn succeeded<'o>(observation: &'o Observation<'_>) -> Option<&'o FileCall> {
    file_call(observation).filter(|_| observation.call().is_some_and(|call| call.error() == 0))
}

fn has_two_paths(call: &FileCall) -> bool {
    match call.asked {
        FileAsked::Rename(_)
        | FileAsked::Link(_)
        | FileAsked::Symlink(_)
        | FileAsked::Mount(_)
        | FileAsked::MoveMount(_) => true,
        FileAsked::Remove(_)
        | FileAsked::Mkdir(_)
        | FileAsked::Mknod(_)
        | FileAsked::Mode(_)
        | FileAsked::Owner(_)
        | FileAsked::Truncate(_)
        | FileAsked::Xattr(_)
        | FileAsked::Close(_)
        | FileAsked::Map(_)
        | FileAsked::Umount(_)
        | FileAsked::Root(_)
        | FileAsked::OpenTree(_)
        | FileAsked::Fsmount(_) => false,
    }
}

/// A call that works on one path.
fn one<'o>(observation: &'o Observation<'_>) -> Option<&'o FileCall> {
    succeeded(observation).filter(|call| !has_two_paths(call))
}

/// The path of the name, or of the descriptor's file.
fn resolved(call: &FileCall) -> &[u8] {
    let name = if call.name.path.is_empty() { &call.file.path } else { &call.name.path };
    name.as_bytes()
}

fn path(name: &Name) -> Value<'_> {
    non_empty(name.path.as_bytes())
}

fn given(name: &Name) -> Value<'_> {
    non_empty(&name.given)
}

/// Of a link the source is the name that is made, as Falco has it.
fn source<'o>(observation: &'o Observation<'_>, part: fn(&'o Name) -> Value<'o>) -> Value<'o> {
    let Some(call) = succeeded(observation).filter(|call| has_two_paths(call)) else { return Value::Missing };
    if matches!(call.asked, FileAsked::Link(_)) { part(&call.second) } else { part(&call.name) }
}

fn target<'o>(observation: &'o Observation<'_>, part: fn(&'o Name) -> Value<'o>) -> Value<'o> {
    let Some(call) = succeeded(observation).filter(|call| has_two_paths(call)) else { return Value::Missing };
    if matches!(call.asked, FileAsked::Symlink(_)) {
        return non_empty(&call.text);
    }
    if matches!(call.asked, FileAsked::Link(_)) { part(&call.name) } else { part(&call.second) }
}

/// The file that the event is about.
fn file(observation: &Observation<'_>) -> Option<Object> {
    match observation.open() {
        Some(open) => Some(open.object()).filter(|_| !open.is_failed()),
        None => owner(observation).copied(),
    }
}

/// The same of a call, which also tells whose it is.
fn owner<'o>(observation: &'o Observation<'_>) -> Option<&'o Object> {
    file_call(observation)?.file().map(|file| &file.facts)
}

fn replaced<'o>(observation: &'o Observation<'_>) -> Option<&'o Object> {
    file_call(observation)?.second_file().map(|file| &file.facts)
}

/// Whether the names come from memory that the program could still change.
pub(super) fn is_unverified(observation: &Observation<'_>) -> bool {
    observation.event.header.flags & flags::UNVERIFIED != 0
}
