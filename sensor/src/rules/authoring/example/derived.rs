//! Values that follow from others.

use std::sync::LazyLock;

use super::borrowed;
use crate::rules::field::{Argument, FieldArgument, FieldRef, TABLE, find};
use crate::rules::value::{Type, Value};

/// Of each fact about ancestors: all of them, the process's own, and the parent's.
const LINES: [[&str; 3]; 5] = [
    ["proc.aname", "proc.name", "proc.pname"],
    ["proc.apid", "proc.pid", "proc.ppid"],
    ["proc.aexe", "proc.exe", "proc.pexe"],
    ["proc.aexepath", "proc.exepath", "proc.pexepath"],
    ["proc.acmdline", "proc.cmdline", "proc.pcmdline"],
];

/// How a field follows from another one, which is known by its id.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// The n-th of a list that begins with the parent as number 1; number 0 is the process itself.
    Ancestor { all: usize, own: usize },
    /// The first of a list of ancestors.
    Parent { all: usize },
    /// The n-th of a list of arguments that begins with the program's name, which does not count.
    Argument { all: usize },
    /// What comes before the last slash of a path.
    Directory { path: usize },
    /// What comes behind it.
    FileName { path: usize },
}

/// Sources by field id.
static SOURCES: LazyLock<Vec<Option<Source>>> = LazyLock::new(|| {
    let mut sources = vec![None; TABLE.len()];
    let mut put = |name: &str, source: Option<Source>| {
        if let Some(slot) = find(name).and_then(|field| sources.get_mut(field.id)) {
            *slot = source;
        }
    };
    let id = |name: &str| find(name).map(|field| field.id);
    for [all, own, parent] in LINES {
        put(all, id(all).zip(id(own)).map(|(all, own)| Source::Ancestor { all, own }));
        put(parent, id(all).map(|all| Source::Parent { all }));
    }
    put("proc.aargs", id("proc.aargs").zip(id("proc.args")).map(|(all, own)| Source::Ancestor { all, own }));
    put("proc.args", id("vigie.proc.argv").map(|all| Source::Argument { all }));
    put("fd.directory", id("fd.name").map(|path| Source::Directory { path }));
    put("fd.filename", id("fd.name").map(|path| Source::FileName { path }));
    sources
});

/// Whether a field without argument is the text of all its elements, with blanks between: `proc.args`.
pub fn is_joined(field: &FieldRef) -> bool {
    let is_line = matches!(source(field), Some(Source::Ancestor { .. }));
    field.field.argument == Argument::OptionalIndex && field.field.kind.of == Type::Text && !is_line
}

fn source(field: &FieldRef) -> Option<Source> {
    SOURCES.get(field.field.id).copied().flatten()
}

/// What `field` is worth by what others are worth, of which `plain` gives those without argument by id.
pub fn value<'v>(field: &FieldRef, plain: &impl Fn(usize) -> Option<&'v Value<'static>>) -> Value<'v> {
    let found = match (source(field), &field.argument) {
        (Some(Source::Ancestor { own, .. }), Some(FieldArgument::Index(0))) => plain(own).map(borrowed),
        (Some(Source::Ancestor { all, .. }), Some(FieldArgument::Index(number))) => {
            number.checked_sub(1).and_then(|index| nth(plain(all)?, index))
        }
        (Some(Source::Argument { all }), Some(FieldArgument::Index(number))) => {
            number.checked_add(1).and_then(|index| nth(plain(all)?, index))
        }
        (Some(Source::Parent { all }), None) => plain(all).and_then(|all| nth(all, 0)),
        (Some(Source::Directory { path }), None) => plain(path).and_then(directory),
        (Some(Source::FileName { path }), None) => plain(path).and_then(file_name),
        (Some(_) | None, _) => None,
    };
    found.unwrap_or(Value::Missing)
}

fn nth<'v>(all: &'v Value<'_>, index: u32) -> Option<Value<'v>> {
    match all {
        Value::List(elements) => elements.get(usize::try_from(index).ok()?).map(borrowed),
        Value::Pending => Some(Value::Pending),
        Value::Missing
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Decimal(_)
        | Value::Text(_)
        | Value::Ip(_) => None,
    }
}

/// The path's bytes, and where its last slash is.
fn split<'v>(path: &'v Value<'_>) -> Option<(&'v [u8], Option<usize>)> {
    path.as_text().map(|path| (path, memchr::memrchr(b'/', path)))
}

fn directory<'v>(path: &'v Value<'_>) -> Option<Value<'v>> {
    let (path, slash) = split(path)?;
    path.get(..slash?.max(1)).map(Value::text)
}

fn file_name<'v>(path: &'v Value<'_>) -> Option<Value<'v>> {
    let (path, slash) = split(path)?;
    path.get(slash.map_or(0, |slash| slash + 1)..).map(Value::text)
}
