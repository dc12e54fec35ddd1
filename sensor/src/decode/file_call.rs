//! Calls that change files, by name or by descriptor.

use sensor_common::event::{
    Payload,
    file::{
        self as payload, Ending, FileClose, FileFsmount, FileLink, FileMap, FileMkdir, FileMknod, FileMode,
        FileMount, FileMoveMount, FileOpenTree, FileOwner, FileRemove, FileRename, FileRoot, FileSymlink,
        FileTruncate, FileUmount, FileXattr,
    },
};
use sensor_common::header::{Header, flags};
use sensor_common::tail::Slice;

use super::{Call, DecodeError, FilePath, What, wire};
use crate::rules::EventType;

/// `AT_EMPTY_PATH`: an empty name stands for the directory's descriptor itself.
const EMPTY_PATH: u32 = 0x1000;

/// A call that changes a file, a name or a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCall {
    /// What was asked for, with everything of fixed size; the slices in it are spent.
    pub asked: FileAsked,
    /// The name it was given; of two the one that is there already. Empty where it was given a descriptor.
    pub name: Name,
    /// The second name, where there is one.
    pub second: Name,
    /// The file that `name` or the descriptor stands for, where the kernel told.
    pub file: Object,
    /// What `second` stood for before, where the kernel told.
    pub second_file: Object,
    /// What a symbolic link says, the name of an extended attribute, the type of a file system.
    pub text: Box<[u8]>,
    /// Time of the record of the kernel's objects that this record completes; 0 if there was none.
    pub(crate) token: u64,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileAsked {
    /// To remove a name or an empty directory.
    Remove(FileRemove),
    /// To give a file another name.
    Rename(FileRename),
    /// To give a file one more name.
    Link(FileLink),
    /// To make a symbolic link.
    Symlink(FileSymlink),
    /// To make a directory.
    Mkdir(FileMkdir),
    /// To make a device, pipe, socket or file.
    Mknod(FileMknod),
    /// To change its mode.
    Mode(FileMode),
    /// To change its owner or group.
    Owner(FileOwner),
    /// To cut or extend it.
    Truncate(FileTruncate),
    /// To set or remove an extended attribute.
    Xattr(FileXattr),
    /// To close a regular file that was open for writing.
    Close(FileClose),
    /// To map it so that writes to memory change it.
    Map(FileMap),
    /// To mount a file system or to change a mount.
    Mount(FileMount),
    /// To take a mount away.
    Umount(FileUmount),
    /// To have another root.
    Root(FileRoot),
    /// To move or attach a mount.
    MoveMount(FileMoveMount),
    /// To take hold of a mount by its name.
    OpenTree(FileOpenTree),
    /// To make a file system ready to be attached.
    Fsmount(FileFsmount),
}

/// A name that a call was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// As passed, relative or not; empty where it is not seen.
    pub given: Box<[u8]>,
    /// Absolute and without `.` and `..`. Links in it are followed only where the kernel told which file it took, and
    /// then the record is not flagged as unverified. Empty where the directory is not known.
    pub path: FilePath,
}

/// A file as the kernel had it in its hands; all empty where it did not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// Everything of fixed size.
    pub facts: payload::Object,
    /// A path to it.
    pub path: FilePath,
}

/// The variable parts of a record.
#[derive(Default)]
struct Parts {
    name: payload::Name,
    second: payload::Name,
    file: payload::Object,
    second_file: payload::Object,
    text: Slice,
}

impl Name {
    pub(super) fn decode(
        sent: payload::Name,
        tail: &wire::Tail<'_>,
        flags: u32,
    ) -> Result<Self, DecodeError> {
        let given = tail.string(sent.given, "name")?;
        let directory = tail.path(sent.directory, "directory")?;
        let itself = given.is_empty() && flags & EMPTY_PATH != 0;
        Ok(Self { path: if itself { directory } else { directory.join(&given) }, given })
    }

    /// Takes the path from the kernel's object.
    fn verify(&mut self, object: &Object) {
        if !object.path.is_empty() {
            self.path = object.path.clone();
        }
    }
}

impl Object {
    fn decode(facts: payload::Object, tail: &wire::Tail<'_>) -> Result<Self, DecodeError> {
        Ok(Self { facts, path: tail.path(facts.path, "path")? })
    }

    /// Whether the kernel told of a file that is there.
    pub fn is_known(&self) -> bool {
        self.facts.ino != 0
    }
}

impl FileCall {
    /// The file, where the kernel told.
    pub fn file(&self) -> Option<&Object> {
        Some(&self.file).filter(|file| file.is_known())
    }

    /// What had the second name before, where there was a file and the kernel told.
    pub fn second_file(&self) -> Option<&Object> {
        Some(&self.second_file).filter(|file| file.is_known())
    }

    /// The descriptor that the call was given in the place of a name.
    pub fn descriptor(&self) -> Option<i32> {
        let fd = match &self.asked {
            FileAsked::Mode(facts) => facts.which.fd,
            FileAsked::Owner(facts) => facts.which.fd,
            FileAsked::Truncate(facts) => facts.which.fd,
            FileAsked::Xattr(facts) => facts.which.fd,
            FileAsked::Close(facts) => facts.fd,
            FileAsked::Map(facts) => facts.fd,
            FileAsked::Remove(_)
            | FileAsked::Rename(_)
            | FileAsked::Link(_)
            | FileAsked::Symlink(_)
            | FileAsked::Mkdir(_)
            | FileAsked::Mknod(_)
            | FileAsked::Mount(_)
            | FileAsked::Umount(_)
            | FileAsked::Root(_)
            | FileAsked::MoveMount(_)
            | FileAsked::OpenTree(_)
            | FileAsked::Fsmount(_) => -1,
        };
        Some(fd).filter(|fd| *fd >= 0)
    }

    /// Completes the record of a call's end with what the kernel found for the same call.
    pub(crate) fn complete(&mut self, file: Object, second_file: Object) {
        self.file = file;
        self.second_file = second_file;
        self.verify();
    }

    /// Takes the paths from the kernel's objects.
    fn verify(&mut self) {
        self.name.verify(&self.file);
        self.second.verify(&self.second_file);
    }

    /// The type where the number of the call is not known, or is one through which it came about indirectly.
    pub(super) fn usual_type(&self) -> EventType {
        match &self.asked {
            FileAsked::Remove(_) => EventType::UNLINKAT,
            FileAsked::Rename(_) => EventType::RENAMEAT,
            FileAsked::Link(_) => EventType::LINKAT,
            FileAsked::Symlink(_) => EventType::SYMLINKAT,
            FileAsked::Mkdir(_) => EventType::MKDIRAT,
            FileAsked::Mknod(_) => EventType::MKNODAT,
            FileAsked::Mode(_) => EventType::FCHMODAT,
            FileAsked::Owner(_) => EventType::FCHOWNAT,
            FileAsked::Truncate(_) => EventType::TRUNCATE,
            FileAsked::Xattr(_) => EventType::SETXATTR,
            FileAsked::Close(_) => EventType::CLOSE,
            FileAsked::Map(_) => EventType::MMAP,
            FileAsked::Mount(_) => EventType::MOUNT,
            FileAsked::Umount(_) => EventType::UMOUNT2,
            FileAsked::Root(_) => EventType::CHROOT,
            FileAsked::MoveMount(_) => EventType::MOVE_MOUNT,
            FileAsked::OpenTree(_) => EventType::OPEN_TREE,
            FileAsked::Fsmount(_) => EventType::FSMOUNT,
        }
    }

    /// Decodes a record of one of the kinds of this domain.
    fn decode<P: Payload>(
        (header, rest): (&Header, &[u8]),
        read: impl FnOnce(P) -> (Ending, u32, FileAsked, Parts),
    ) -> Result<Call, DecodeError> {
        let (facts, tail) = wire::split::<P>(header, rest)?;
        let (ending, at_flags, asked, parts) = read(facts);
        let mut call = Self {
            asked,
            name: Name::decode(parts.name, &tail, at_flags)?,
            second: Name::decode(parts.second, &tail, at_flags)?,
            file: Object::decode(parts.file, &tail)?,
            second_file: Object::decode(parts.second_file, &tail)?,
            text: tail.string(parts.text, "text")?,
            token: ending.token,
        };
        let mut result = ending.result;
        if header.flags & flags::OBJECTS != 0 {
            call.verify();
            result = Call::NO_RESULT;
        }
        Ok(Call { kind: P::KIND, result, what: What::File(Box::new(call)) })
    }

    pub(super) fn remove(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileRemove| {
            let parts = Parts { name: facts.name, file: facts.file, ..Parts::default() };
            (facts.ending, facts.flags, FileAsked::Remove(facts), parts)
        })
    }

    pub(super) fn rename(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileRename| {
            let parts = Parts {
                name: facts.names.old,
                second: facts.names.new,
                file: facts.file,
                second_file: facts.replaced,
                ..Parts::default()
            };
            (facts.ending, facts.names.flags, FileAsked::Rename(facts), parts)
        })
    }

    pub(super) fn link(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileLink| {
            let parts = Parts {
                name: facts.names.old,
                second: facts.names.new,
                file: facts.file,
                second_file: facts.link,
                ..Parts::default()
            };
            (facts.ending, facts.names.flags, FileAsked::Link(facts), parts)
        })
    }

    pub(super) fn symlink(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileSymlink| {
            let parts = Parts { name: facts.name, file: facts.file, text: facts.target, ..Parts::default() };
            (facts.ending, 0, FileAsked::Symlink(facts), parts)
        })
    }

    pub(super) fn mkdir(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileMkdir| {
            let parts = Parts { name: facts.name, file: facts.file, ..Parts::default() };
            (facts.ending, 0, FileAsked::Mkdir(facts), parts)
        })
    }

    pub(super) fn mknod(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileMknod| {
            let parts = Parts { name: facts.name, ..Parts::default() };
            (facts.ending, 0, FileAsked::Mknod(facts), parts)
        })
    }

    pub(super) fn mode(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileMode| {
            let parts = Parts { name: facts.which.name, file: facts.file, ..Parts::default() };
            (facts.ending, facts.which.flags, FileAsked::Mode(facts), parts)
        })
    }

    pub(super) fn owner(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileOwner| {
            let parts = Parts { name: facts.which.name, file: facts.file, ..Parts::default() };
            (facts.ending, facts.which.flags, FileAsked::Owner(facts), parts)
        })
    }

    pub(super) fn truncate(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileTruncate| {
            let parts = Parts { name: facts.which.name, file: facts.file, ..Parts::default() };
            (facts.ending, 0, FileAsked::Truncate(facts), parts)
        })
    }

    pub(super) fn xattr(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileXattr| {
            let parts =
                Parts { name: facts.which.name, file: facts.file, text: facts.attribute, ..Parts::default() };
            (facts.ending, 0, FileAsked::Xattr(facts), parts)
        })
    }

    pub(super) fn close(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileClose| {
            let parts = Parts { file: facts.file, ..Parts::default() };
            (ended(Call::NO_RESULT), 0, FileAsked::Close(facts), parts)
        })
    }

    pub(super) fn map(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileMap| {
            let parts = Parts { file: facts.file, ..Parts::default() };
            (ended(facts.result), 0, FileAsked::Map(facts), parts)
        })
    }

    pub(super) fn mount(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileMount| {
            let parts = Parts {
                name: facts.source,
                second: facts.directory,
                text: facts.file_system,
                ..Parts::default()
            };
            (ended(facts.result), 0, FileAsked::Mount(facts), parts)
        })
    }

    pub(super) fn umount(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileUmount| {
            let parts = Parts { name: facts.name, ..Parts::default() };
            (ended(facts.result), 0, FileAsked::Umount(facts), parts)
        })
    }

    pub(super) fn root(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileRoot| {
            let parts = Parts { name: facts.name, second: facts.old, ..Parts::default() };
            (ended(facts.result), 0, FileAsked::Root(facts), parts)
        })
    }

    pub(super) fn move_mount(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileMoveMount| {
            let parts = Parts { name: facts.names.old, second: facts.names.new, ..Parts::default() };
            (ended(facts.result), 0, FileAsked::MoveMount(facts), parts)
        })
    }

    pub(super) fn open_tree(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileOpenTree| {
            let parts = Parts { name: facts.name, ..Parts::default() };
            (ended(facts.result), 0, FileAsked::OpenTree(facts), parts)
        })
    }

    pub(super) fn fsmount(header: &Header, rest: &[u8]) -> Result<Call, DecodeError> {
        Self::decode((header, rest), |facts: FileFsmount| {
            let parts = Parts::default();
            (ended(facts.result), 0, FileAsked::Fsmount(facts), parts)
        })
    }
}

/// The end of a call whose objects come with it.
fn ended(result: i64) -> Ending {
    Ending { result, token: 0 }
}
