//! Files as they are now: what their inode says, their digest, and who can still write them. All of this may wait for
//! a disk or for a file system of somebody's own making, so only threads of its own ask.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read},
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::Path,
};

use rustix::fs::{Dir, Mode, OFlags, ResolveFlags, Stat, fstat, openat2};
use sha2::{Digest, Sha256};

/// Most bytes that are read at once.
const PIECE: usize = 1 << 16;
/// Most descriptors of one process that are looked at.
const MAX_DESCRIPTORS: usize = 4096;
/// Most bytes of a process's list of mappings that are read.
const MAX_MAPPINGS: u64 = 4 << 20;

/// What an inode says of its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Device of its file system (`major << 20 | minor`).
    pub dev: u32,
    /// Inode number.
    pub ino: u64,
    /// Size in bytes.
    pub size: u64,
    /// When the content was changed last, nanoseconds since 1970.
    pub modified: i128,
    /// Type and permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Names that lead to it.
    pub nlink: u64,
}

/// The digest of a file's content, or why there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hash {
    /// Nobody has asked yet, or the answer has not come.
    #[default]
    Unknown,
    /// SHA-256.
    Sha256([u8; 32]),
    /// There is nothing to digest: a directory, a device, a link.
    NotRegular,
    /// It is larger than the limit.
    TooLarge,
    /// It changed while it was read.
    Changing,
    /// It cannot be read.
    Unreadable,
    /// It is not there any more.
    Gone,
    /// There were too many to be read.
    Skipped,
}

impl Facts {
    fn of(stat: &Stat) -> Self {
        let nanoseconds = i128::from(stat.st_mtime) * 1_000_000_000 + i128::from(stat.st_mtime_nsec);
        Self {
            dev: rustix::fs::major(stat.st_dev) << 20 | rustix::fs::minor(stat.st_dev),
            ino: stat.st_ino,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: nanoseconds,
            mode: stat.st_mode,
            uid: stat.st_uid,
            gid: stat.st_gid,
            nlink: stat.st_nlink,
        }
    }

    /// Of what has this name now, a link itself if it is one. No link on the way is followed.
    pub fn at(path: &[u8]) -> Option<Self> {
        let place = open(path, OFlags::PATH | OFlags::NOFOLLOW).ok()?;
        fstat(place).ok().map(|stat| Self::of(&stat))
    }

    /// Whether it is a regular file.
    pub fn is_regular(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }
}

impl Hash {
    /// Why there is no digest, in words.
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Unknown => Some("not known"),
            Self::Sha256(_) => None,
            Self::NotRegular => Some("not a regular file"),
            Self::TooLarge => Some("too large"),
            Self::Changing => Some("changed while it was read"),
            Self::Unreadable => Some("cannot be read"),
            Self::Gone => Some("gone"),
            Self::Skipped => Some("too many at once"),
        }
    }

    /// The digest in hexadecimal digits.
    pub fn text(&self) -> Option<String> {
        let Self::Sha256(digest) = self else { return None };
        let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        digits.map(|digit| char::from_digit(digit.into(), 16)).collect()
    }
}

/// What has this name now, and the digest of its content if that is a regular file of at most `limit` bytes.
pub fn examine(path: &[u8], limit: u64) -> Option<(Facts, Hash)> {
    let facts = Facts::at(path)?;
    if !facts.is_regular() {
        return Some((facts, Hash::NotRegular));
    }
    if facts.size > limit {
        return Some((facts, Hash::TooLarge));
    }
    match open(path, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY) {
        Ok(file) => {
            Some(digest(&File::from(file), limit)).transpose().unwrap_or(Some((facts, Hash::Unreadable)))
        }
        Err(_) => Some((facts, Hash::Unreadable)),
    }
}

/// Reads the file as it was when it was opened, and no further: one that grows is told.
fn digest(file: &File, limit: u64) -> io::Result<(Facts, Hash)> {
    let before = Facts::of(&fstat(file)?);
    if !before.is_regular() {
        return Ok((before, Hash::NotRegular));
    }
    if before.size > limit {
        return Ok((before, Hash::TooLarge));
    }
    let mut hasher = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut rest = file.take(before.size);
    loop {
        let read = rest.read(&mut piece)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hasher.update(bytes);
    }
    let after = Facts::of(&fstat(file)?);
    let is_steady = (before.size, before.modified) == (after.size, after.modified);
    Ok((after, if is_steady { Hash::Sha256(hasher.finalize().into()) } else { Hash::Changing }))
}

/// Opens what has this name, without following any link.
fn open(path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let flags = flags | OFlags::CLOEXEC;
    openat2(rustix::fs::CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS)
}

/// Calls `visit` with every name in a directory and what it stands for; says whether the directory could be read.
pub fn list(directory: &[u8], mut visit: impl FnMut(Vec<u8>, Facts)) -> bool {
    let Ok(opened) = open(directory, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW) else {
        return false;
    };
    let Ok(entries) = Dir::read_from(&opened) else { return false };
    for name in entries.flatten().map(|entry| entry.file_name().to_bytes().to_vec()) {
        if matches!(&*name, b"." | b"..") {
            continue;
        }
        let stat = rustix::fs::statat(&opened, &*name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW);
        if let Ok(stat) = stat {
            visit(
                [directory.strip_suffix(b"/").unwrap_or(directory), b"/", &name].concat(),
                Facts::of(&stat),
            );
        }
    }
    true
}

/// Whether a process can still write a file: by a descriptor, or where `mapped` by a mapping.
pub fn can_write(pid: u32, ino: u64, mapped: bool) -> bool {
    has_descriptor(pid, ino) || (mapped && has_mapping(pid, ino))
}

fn has_descriptor(pid: u32, ino: u64) -> bool {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fdinfo")) else { return false };
    entries.flatten().take(MAX_DESCRIPTORS).any(|entry| is_written(&entry.path(), ino))
}

/// `O_ACCMODE`; 0 is for reading alone.
const ACCESS: u32 = 3;

/// Whether the descriptor behind `/proc/PID/fdinfo/FD` is open for writing this inode. Kernels before 5.14 do not tell
/// the inode; there the link of the descriptor is asked.
fn is_written(entry: &Path, ino: u64) -> bool {
    let Ok(text) = fs::read_to_string(entry) else { return false };
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let flags = value("flags:").and_then(|flags| u32::from_str_radix(flags, 8).ok()).unwrap_or(0);
    match value("ino:").and_then(|ino| ino.parse::<u64>().ok()) {
        _ if flags & ACCESS == 0 => false,
        Some(known) => known == ino,
        None => stat_of_descriptor(entry) == Some(ino),
    }
}

fn stat_of_descriptor(info: &Path) -> Option<u64> {
    let path = info.as_os_str().as_bytes();
    let at = memchr::memmem::find(path, b"/fdinfo/")?;
    let (process, number) = (path.get(..at)?, path.get(at + b"/fdinfo/".len()..)?);
    let link = [process, b"/fd/", number].concat();
    rustix::fs::stat(OsStr::from_bytes(&link)).ok().map(|stat| stat.st_ino)
}

/// Whether a line of `/proc/PID/maps` is of a shared, writable mapping of this inode.
fn has_mapping(pid: u32, ino: u64) -> bool {
    let Ok(file) = File::open(format!("/proc/{pid}/maps")) else { return false };
    let mut text = Vec::new();
    if file.take(MAX_MAPPINGS).read_to_end(&mut text).is_err() {
        return false;
    }
    text.split(|byte| *byte == b'\n').any(|line| {
        let mut fields = line.split(|byte| *byte == b' ');
        let (permissions, number) = (fields.nth(1).unwrap_or_default(), fields.nth(2).unwrap_or_default());
        let number = std::str::from_utf8(number).ok().and_then(|number| number.parse::<u64>().ok());
        permissions.get(1) == Some(&b'w') && permissions.get(3) == Some(&b's') && number == Some(ino)
    })
}

#[cfg(test)]
mod tests {
    use std::{fs::OpenOptions, io::Write, os::unix::fs::symlink};

    use super::*;

    fn bytes(path: &Path) -> &[u8] {
        path.as_os_str().as_bytes()
    }

    #[test]
    fn a_file_has_facts_and_a_digest_and_a_link_has_none() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        let file = place.join("file");
        fs::write(&file, "abc").unwrap();
        let (facts, hash) = examine(bytes(&file), 1000).unwrap();
        assert_eq!((facts.size, facts.nlink, facts.is_regular()), (3, 1, true));
        let wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hash.text().as_deref(), Some(wanted));
        assert_eq!(examine(bytes(&file), 2).unwrap().1, Hash::TooLarge);
        let link = place.join("link");
        symlink("file", &link).unwrap();
        assert_eq!(examine(bytes(&link), 1000).unwrap().1, Hash::NotRegular);
        symlink(&place, place.join("here")).unwrap();
        assert_eq!(examine(bytes(&place.join("here/file")), 1000), None, "no link on the way is followed");
        assert_eq!(examine(bytes(&place.join("none")), 1000), None);
        assert_eq!(examine(bytes(&place), 1000).unwrap().1, Hash::NotRegular);
    }

    #[test]
    fn a_pipe_does_not_hold_anyone_up() {
        let place = tempfile::tempdir().unwrap();
        let pipe = place.path().canonicalize().unwrap().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert_eq!(examine(bytes(&pipe), 1000).unwrap().1, Hash::NotRegular);
    }

    #[test]
    fn names_are_listed_with_what_they_stand_for() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        fs::write(place.join("file"), "").unwrap();
        fs::create_dir(place.join("directory")).unwrap();
        let mut seen = Vec::new();
        assert!(list(bytes(&place), |path, facts| seen.push((path, facts.is_directory()))));
        seen.sort();
        let path = |name: &str| bytes(&place.join(name)).to_vec();
        assert_eq!(seen, [(path("directory"), true), (path("file"), false)]);
        assert!(!list(bytes(&place.join("file")), |_, _| ()));
    }

    #[test]
    fn who_can_still_write_is_told() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"x").unwrap();
        let ino = Facts::at(bytes(&file.path().canonicalize().unwrap())).unwrap().ino;
        let own = std::process::id();
        assert!(can_write(own, ino, false));
        let reader = OpenOptions::new().read(true).open(file.path()).unwrap();
        let path = file.into_temp_path();
        assert!(!can_write(own, ino, true), "a reader cannot write");
        drop((reader, path));
        assert!(!can_write(u32::MAX, ino, true), "a process that is gone cannot");
    }
}
