//! Opens of files.

use sensor_common::event::file::{FileOpen, Object, file_flags};
use sensor_common::header::Header;

use super::{DecodeError, FilePath, wire};

/// `S_IFMT` and `S_IFIFO` of an inode's mode.
const TYPE: u32 = 0o170_000;
const PIPE: u32 = 0o010_000;

/// An open, or the kernel's refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Everything of fixed size, as the kernel sent it; the slices in it are spent.
    pub facts: FileOpen,
    /// The name as the kernel copied it from the program, relative or not.
    pub name: Box<[u8]>,
    /// Path of the file really opened; empty if the call failed.
    pub path: FilePath,
}

impl Open {
    pub(super) fn decode(header: &Header, rest: &[u8]) -> Result<Self, DecodeError> {
        let (facts, tail) = wire::split::<FileOpen>(header, rest)?;
        let path = tail.path(facts.path, "path")?;
        let path = if path.is_empty() { pipe_name(&facts, path) } else { path };
        Ok(Self { name: tail.string(facts.name, "name")?, path, facts })
    }

    /// What is known of the file, as calls on files tell it; whose it is remains unknown.
    pub fn object(&self) -> Object {
        let FileOpen { ino, size, dev, nlink, inode_mode: mode, file_flags: flags, path, .. } = self.facts;
        Object { ino, size, dev, nlink, mode, flags, path, ..Object::default() }
    }

    /// Whether the kernel refused.
    pub fn is_failed(&self) -> bool {
        self.facts.error != 0
    }

    /// Whether the file lives in memory only (`memfd_create`).
    pub fn is_memfd(&self) -> bool {
        self.facts.file_flags & file_flags::MEMFD != 0
    }

    /// Whether the file had a name once and has none any more.
    pub fn is_deleted(&self) -> bool {
        !self.is_memfd() && self.facts.file_flags & file_flags::DELETED != 0
    }

    /// Whether this call created the file.
    pub fn is_created(&self) -> bool {
        self.facts.file_flags & file_flags::CREATED != 0
    }

    /// Whether the file was written since its container was made.
    pub fn is_upper_layer(&self) -> bool {
        self.facts.file_flags & file_flags::UPPER_LAYER != 0
    }
}

/// A pipe reopened through /proc has no name of its own; the kernel calls it by its inode.
fn pipe_name(facts: &FileOpen, path: FilePath) -> FilePath {
    if path.is_detached() && facts.inode_mode & TYPE == PIPE {
        return FilePath::new(format!("pipe:[{}]", facts.ino).into_bytes(), path.flags());
    }
    path
}
