//! Arguments of calls on files.

use super::{ByType, Names, bits, non_empty, number, owned, signed};
use crate::{
    decode::{Call, FileAsked, FileCall},
    observation::path,
    rules::{EventType, EventTypes, value::Value},
};

/// One type.
const fn only(event: EventType) -> EventTypes {
    EventTypes::NONE.with(event)
}

const PATH: EventTypes = only(EventType::UNLINK).with(EventType::RMDIR).with(EventType::CHROOT);
const RENAMES: EventTypes = only(EventType::RENAME).with(EventType::LINK);
const CHOWNS: EventTypes = only(EventType::CHOWN).with(EventType::LCHOWN);
const SETXATTRS: EventTypes = only(EventType::SETXATTR).with(EventType::LSETXATTR);
const REMOVEXATTRS: EventTypes = only(EventType::REMOVEXATTR).with(EventType::LREMOVEXATTR);

const OLD_NEW: Names = &["res", "olddirfd", "oldpath", "newdirfd", "newpath"];
const RENAMEAT2: Names = &["res", "olddirfd", "oldpath", "newdirfd", "newpath", "flags"];
const LINKAT: Names = &["res", "olddir", "oldpath", "newdir", "newpath", "flags"];
const MMAP: Names = &["res", "addr", "length", "prot", "flags", "fd", "offset"];

pub(super) const BY_TYPE: ByType = &[
    (PATH, &["res", "path"]),
    (only(EventType::UNLINKAT), &["res", "dirfd", "name", "flags"]),
    (RENAMES, &["res", "oldpath", "newpath"]),
    (only(EventType::RENAMEAT), OLD_NEW),
    (only(EventType::RENAMEAT2), RENAMEAT2),
    (only(EventType::LINKAT), LINKAT),
    (only(EventType::SYMLINK), &["res", "target", "linkpath"]),
    (only(EventType::SYMLINKAT), &["res", "target", "linkdirfd", "linkpath"]),
    (only(EventType::MKDIR), &["res", "path", "mode"]),
    (only(EventType::MKDIRAT), &["res", "dirfd", "path", "mode"]),
    (only(EventType::MKNOD), &["res", "path", "mode", "dev"]),
    (only(EventType::MKNODAT), &["res", "dirfd", "path", "mode", "dev"]),
    (only(EventType::CHMOD), &["res", "filename", "mode"]),
    (only(EventType::FCHMOD), &["res", "fd", "mode"]),
    (only(EventType::FCHMODAT), &["res", "dirfd", "filename", "mode"]),
    (only(EventType::FCHMODAT2), &["res", "dirfd", "filename", "mode", "flags"]),
    (CHOWNS, &["res", "path", "uid", "gid"]),
    (only(EventType::FCHOWN), &["res", "fd", "uid", "gid"]),
    (only(EventType::FCHOWNAT), &["res", "dirfd", "pathname", "uid", "gid", "flags"]),
    (only(EventType::TRUNCATE), &["res", "path", "length"]),
    (only(EventType::FTRUNCATE), &["res", "fd", "length"]),
    (SETXATTRS, &["res", "path", "name", "size", "flags"]),
    (only(EventType::FSETXATTR), &["res", "fd", "name", "size", "flags"]),
    (REMOVEXATTRS, &["res", "path", "name"]),
    (only(EventType::FREMOVEXATTR), &["res", "fd", "name"]),
    (only(EventType::CLOSE), &["res", "fd"]),
    (only(EventType::MMAP), MMAP),
    (only(EventType::MOUNT), &["res", "dev", "dir", "type", "flags"]),
    (only(EventType::UMOUNT2), &["res", "name", "flags"]),
    (only(EventType::PIVOT_ROOT), &["res", "new_root", "put_old"]),
    (only(EventType::MOVE_MOUNT), &["res", "from_dirfd", "from_path", "to_dirfd", "to_path", "flags"]),
    (only(EventType::OPEN_TREE), &["res", "dirfd", "path", "flags"]),
    (only(EventType::FSMOUNT), &["res", "fs_fd", "flags", "attr_flags"]),
];

/// The argument of this name.
pub(super) fn named<'o>(_: &'o Call, asked: &'o FileCall, name: &str) -> Value<'o> {
    match (name, &asked.asked) {
        ("name", FileAsked::Xattr(_)) | ("target", FileAsked::Symlink(_)) | ("type", FileAsked::Mount(_)) => {
            non_empty(&asked.text)
        }
        ("dev", FileAsked::Mount(_)) => path::mounted(asked),
        (
            "path" | "name" | "filename" | "pathname" | "oldpath" | "linkpath" | "new_root" | "from_path",
            _,
        ) => non_empty(asked.name.path.as_bytes()),
        ("newpath" | "dir" | "put_old" | "to_path", _) => non_empty(asked.second.path.as_bytes()),
        ("flags", facts) => flags(facts),
        ("mode", facts) => mode(facts),
        ("fd", _) => asked.descriptor().map_or(Value::Missing, number),
        (name, facts) => plain(facts, name),
    }
}

/// Numbers that need no words.
fn plain(asked: &FileAsked, name: &str) -> Value<'static> {
    match (name, asked) {
        ("dirfd", FileAsked::Remove(facts)) => signed(facts.dirfd),
        ("dirfd", FileAsked::Mkdir(facts)) => signed(facts.dirfd),
        ("dirfd", FileAsked::Mknod(facts)) => signed(facts.dirfd),
        ("dirfd", FileAsked::Mode(facts)) => signed(facts.which.dirfd),
        ("dirfd", FileAsked::Owner(facts)) => signed(facts.which.dirfd),
        ("dirfd", FileAsked::OpenTree(facts)) => signed(facts.dirfd),
        ("linkdirfd", FileAsked::Symlink(facts)) => signed(facts.dirfd),
        ("olddirfd", FileAsked::Rename(facts)) => signed(facts.names.old_dirfd),
        ("newdirfd", FileAsked::Rename(facts)) => signed(facts.names.new_dirfd),
        ("olddir", FileAsked::Link(facts)) => signed(facts.names.old_dirfd),
        ("newdir", FileAsked::Link(facts)) => signed(facts.names.new_dirfd),
        ("from_dirfd", FileAsked::MoveMount(facts)) => signed(facts.names.old_dirfd),
        ("to_dirfd", FileAsked::MoveMount(facts)) => signed(facts.names.new_dirfd),
        ("dev", FileAsked::Mknod(facts)) => number(facts.device),
        ("uid", FileAsked::Owner(facts)) => signed(facts.uid.cast_signed()),
        ("gid", FileAsked::Owner(facts)) => signed(facts.gid.cast_signed()),
        ("length", FileAsked::Truncate(facts)) => Value::Number(facts.length),
        ("size", FileAsked::Xattr(facts)) => number(facts.size),
        ("addr", FileAsked::Map(facts)) => number(facts.address),
        ("length", FileAsked::Map(facts)) => number(facts.length),
        ("offset", FileAsked::Map(facts)) => number(facts.offset),
        ("prot", FileAsked::Map(facts)) => owned(bits::named(facts.protection.into(), bits::PROTECTION)),
        ("fs_fd", FileAsked::Fsmount(facts)) => signed(facts.fs_fd),
        ("attr_flags", FileAsked::Fsmount(facts)) => number(facts.attributes),
        _ => Value::Missing,
    }
}

/// The flags passed, in words where Falco has some.
fn flags(asked: &FileAsked) -> Value<'static> {
    let words = |flags: u32, names| owned(bits::named(flags.into(), names));
    match asked {
        FileAsked::Remove(facts) => words(facts.flags, bits::UNLINKAT),
        FileAsked::Rename(facts) => words(facts.names.flags, bits::RENAMEAT2),
        FileAsked::Link(facts) => words(facts.names.flags, bits::AT),
        FileAsked::Mode(facts) => words(facts.which.flags, bits::AT),
        FileAsked::Owner(facts) => words(facts.which.flags, bits::AT),
        FileAsked::Xattr(facts) => words(facts.which.flags, bits::XATTR),
        FileAsked::Map(facts) => words(facts.flags, bits::MAP),
        FileAsked::Mount(facts) => owned(bits::named(facts.flags, bits::MOUNT)),
        FileAsked::Umount(facts) => words(facts.flags, bits::UMOUNT),
        FileAsked::MoveMount(facts) => number(facts.names.flags),
        FileAsked::OpenTree(facts) => number(facts.flags),
        FileAsked::Fsmount(facts) => number(facts.flags),
        FileAsked::Symlink(_)
        | FileAsked::Mkdir(_)
        | FileAsked::Mknod(_)
        | FileAsked::Truncate(_)
        | FileAsked::Close(_)
        | FileAsked::Root(_) => Value::Missing,
    }
}

/// The mode passed: a number where a directory is made, as Falco has it, else in words.
fn mode(asked: &FileAsked) -> Value<'static> {
    match asked {
        FileAsked::Mkdir(facts) => number(facts.mode),
        FileAsked::Mknod(facts) => owned(bits::mode(facts.mode)),
        FileAsked::Mode(facts) => owned(bits::mode(facts.mode)),
        FileAsked::Remove(_)
        | FileAsked::Rename(_)
        | FileAsked::Link(_)
        | FileAsked::Symlink(_)
        | FileAsked::Owner(_)
        | FileAsked::Truncate(_)
        | FileAsked::Xattr(_)
        | FileAsked::Close(_)
        | FileAsked::Map(_)
        | FileAsked::Mount(_)
        | FileAsked::Umount(_)
        | FileAsked::Root(_)
        | FileAsked::MoveMount(_)
        | FileAsked::OpenTree(_)
        | FileAsked::Fsmount(_) => Value::Missing,
    }
}
