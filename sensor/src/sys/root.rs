//! Files of the host or of a container, read from outside: nothing that lies in there leads out, blocks, or makes us
//! read more than we want.

use std::{
    fs::File,
    io::{self, Read},
    os::fd::{AsFd, AsRawFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat, openat2, readlinkat, statat},
    io::Errno,
};

use crate::process::ProcessKey;

use super::proc::{namespace_number, start_tick};

/// Most bytes of a file in /proc that is read here.
const MAX_PROC: u64 = 64 << 10;
/// How often a look-up is tried that meets a rename.
const TRIES: u32 = 3;
/// Flags that make an open neither wait, nor take a terminal, nor be inherited.
const SAFE: OFlags = OFlags::NONBLOCK.union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Why something about a file or a process is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// The process has ended, or there is no such file.
    #[error("gone")]
    Gone,
    /// It is a pipe, a device, a directory.
    #[error("no regular file")]
    NotRegular,
    /// It is larger than is read.
    #[error("too large")]
    TooLarge,
    /// It leads out, or round in a circle.
    #[error("leads elsewhere")]
    LeadsElsewhere,
    /// The process or the file is another one than was meant.
    #[error("another file")]
    Another,
    /// It changed while it was read.
    #[error("changed while it was read")]
    Changed,
    /// The kernel refused for another reason.
    #[error("unreadable")]
    Unreadable,
    /// The kernel did not answer in time.
    #[error("no answer in time")]
    NoAnswer,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Self; 8] = [
        Self::Gone,
        Self::NotRegular,
        Self::TooLarge,
        Self::LeadsElsewhere,
        Self::Another,
        Self::Changed,
        Self::Unreadable,
        Self::NoAnswer,
    ];

    /// Its name among counters.
    pub const fn counter(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::NotRegular => "not_regular",
            Self::TooLarge => "too_large",
            Self::LeadsElsewhere => "leads_elsewhere",
            Self::Another => "another",
            Self::Changed => "changed",
            Self::Unreadable => "unreadable",
            Self::NoAnswer => "no_answer",
        }
    }
}

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOENT | Errno::NOTDIR | Errno::SRCH => Self::Gone,
            Errno::LOOP | Errno::XDEV => Self::LeadsElsewhere,
            Errno::FBIG | Errno::OVERFLOW => Self::TooLarge,
            _ => Self::Unreadable,
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Errno::from_io_error(&error).map_or(Self::Unreadable, Self::from)
    }
}

/// A process's directory in /proc, pinned: it is this process's or nobody's.
#[derive(Debug)]
pub struct ProcessDirectory(OwnedFd);

impl ProcessDirectory {
    /// The directory of exactly this process.
    pub fn open(key: ProcessKey) -> Result<Self, Refusal> {
        let path = format!("/proc/{}", key.pid);
        let directory =
            openat(rustix::fs::CWD, path, OFlags::PATH | OFlags::DIRECTORY | SAFE, Mode::empty())?;
        let directory = Self(directory);
        let start = start_tick(&directory.file("stat")?).ok_or(Refusal::Unreadable)?;
        if start == key.tick() { Ok(directory) } else { Err(Refusal::Another) }
    }

    /// A small file of it.
    pub fn file(&self, name: &str) -> Result<Vec<u8>, Refusal> {
        let file = File::from(openat(&self.0, name, OFlags::RDONLY | SAFE, Mode::empty())?);
        let mut bytes = Vec::new();
        file.take(MAX_PROC).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Inode number of a namespace it is in.
    pub fn namespace(&self, name: &str) -> Result<u32, Refusal> {
        let link = readlinkat(&self.0, format!("ns/{name}"), Vec::new())?;
        namespace_number(link.as_bytes()).ok_or(Refusal::Unreadable)
    }

    /// The executable, whatever became of its name, if it is a regular file.
    pub fn executable(&self) -> Result<File, Refusal> {
        // The kernel's link leads to the file itself; nobody can put a pipe there.
        Ok(File::from(openat(&self.0, "exe", OFlags::RDONLY | SAFE, Mode::empty())?))
    }

    /// The root of its file system.
    pub fn root(&self) -> Result<Root, Refusal> {
        Ok(Root(openat(&self.0, "root", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }
}

/// The root directory of the host or of a container.
#[derive(Debug)]
pub struct Root(OwnedFd);

impl Root {
    /// The host's.
    pub fn of_host() -> Result<Self, Refusal> {
        Self::at(Path::new("/"))
    }

    /// A directory that is taken for a root.
    pub fn at(path: &Path) -> Result<Self, Refusal> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(openat(rustix::fs::CWD, path, flags, Mode::empty())?))
    }

    /// The root of the first of these processes that still lives and is in this mount namespace.
    pub fn of_any(processes: &[ProcessKey], mnt_ns: u32) -> Result<(Self, ProcessDirectory), Refusal> {
        let mut refusal = Refusal::Gone;
        for key in processes {
            match Self::of_process(*key, mnt_ns) {
                Ok(found) => return Ok(found),
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    fn of_process(key: ProcessKey, mnt_ns: u32) -> Result<(Self, ProcessDirectory), Refusal> {
        let directory = ProcessDirectory::open(key)?;
        if directory.namespace("mnt")? != mnt_ns {
            return Err(Refusal::Another);
        }
        Ok((directory.root()?, directory))
    }

    /// A regular file, opened for reading. Symbolic links are followed within the root only, and what is not a regular
    /// file is not opened at all.
    pub fn open(&self, path: &[u8]) -> Result<File, Refusal> {
        let at = self.find(path)?;
        if FileType::from_raw_mode(fstat(&at)?.st_mode) != FileType::RegularFile {
            return Err(Refusal::NotRegular);
        }
        let again = format!("/proc/self/fd/{}", at.as_raw_fd());
        Ok(File::from(openat(rustix::fs::CWD, again, OFlags::RDONLY | SAFE, Mode::empty())?))
    }

    /// All of a regular file of at most `most` bytes.
    pub fn read(&self, path: &[u8], most: u64) -> Result<Vec<u8>, Refusal> {
        read_all(&self.open(path)?, most)
    }

    /// What is said of a path's file; a symbolic link's own at its end.
    pub fn stat(&self, path: &[u8]) -> Result<Stat, Refusal> {
        let at = self.find(path)?;
        Ok(statat(&at, "", AtFlags::EMPTY_PATH)?)
    }

    /// Names in a directory, at most `most`.
    pub fn list(&self, path: &[u8], most: usize) -> Result<Vec<Box<[u8]>>, Refusal> {
        let at = self.find(path)?;
        let directory = openat(&at, ".", OFlags::RDONLY | OFlags::DIRECTORY | SAFE, Mode::empty())?;
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&directory)? {
            if names.len() >= most {
                return Err(Refusal::TooLarge);
            }
            names.push(entry?.file_name().to_bytes().into());
        }
        Ok(names)
    }

    fn find(&self, path: &[u8]) -> Result<OwnedFd, Refusal> {
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        for _ in 0..TRIES {
            match openat2(self.0.as_fd(), path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), resolve) {
                Err(Errno::AGAIN) => {}
                result => return Ok(result?),
            }
        }
        Err(Refusal::Unreadable)
    }
}

/// All of an open file of at most `most` bytes.
pub fn read_all(file: &File, most: u64) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most { Err(Refusal::TooLarge) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use rustix::fs::{CWD, mknodat};

    use super::*;

    fn root() -> (tempfile::TempDir, Root) {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir_all(place.path().join("root/etc")).unwrap();
        fs::write(place.path().join("outside"), "secret").unwrap();
        let root = Root::at(&place.path().join("root")).unwrap();
        (place, root)
    }

    #[test]
    fn links_are_followed_within_the_root_only() {
        let (place, root) = root();
        let etc = place.path().join("root/etc");
        fs::write(etc.join("real"), "inside").unwrap();
        symlink("/etc/real", etc.join("absolute")).unwrap();
        symlink("../../outside", etc.join("out")).unwrap();
        symlink("/proc/self/root/etc/passwd", etc.join("magic")).unwrap();
        symlink("circle", etc.join("circle")).unwrap();
        assert_eq!(root.read(b"etc/absolute", 99).unwrap(), b"inside");
        assert_eq!(root.read(b"/etc/out", 99), Err(Refusal::Gone), "`..` stops at the root");
        assert_eq!(root.read(b"etc/magic", 99), Err(Refusal::Gone), "there is no /proc in there");
        assert_eq!(root.read(b"etc/circle", 99), Err(Refusal::LeadsElsewhere));
    }

    #[test]
    fn a_link_of_the_kernels_is_not_followed() {
        let host = Root::of_host().unwrap();
        assert_eq!(host.read(b"/proc/self/root/etc/passwd", 1 << 20), Err(Refusal::LeadsElsewhere));
    }

    #[test]
    fn what_would_block_or_has_no_end_is_not_opened() {
        let (place, root) = root();
        let pipe = place.path().join("root/etc/passwd");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        assert_eq!(root.read(b"etc/passwd", 99), Err(Refusal::NotRegular));
        assert_eq!(root.read(b"etc", 99), Err(Refusal::NotRegular));
        let huge = File::create(place.path().join("root/huge")).unwrap();
        huge.set_len(10 << 30).unwrap();
        assert_eq!(root.read(b"huge", 1 << 20), Err(Refusal::TooLarge));
    }

    #[test]
    fn a_directory_with_too_many_names_is_refused() {
        let (place, root) = root();
        for name in ["a", "b"] {
            fs::write(place.path().join("root/etc").join(name), "").unwrap();
        }
        assert_eq!(root.list(b"etc", 9).unwrap().len(), 4, "with itself and its parent");
        assert_eq!(root.list(b"etc", 3), Err(Refusal::TooLarge));
    }

    #[test]
    fn a_process_is_told_from_another_of_its_id() {
        let own = std::process::id();
        let stat = fs::read(format!("/proc/{own}/stat")).unwrap();
        let key = |tick: u64| ProcessKey { pid: own, start: tick * crate::process::TICK };
        let tick = start_tick(&stat).unwrap();
        let directory = ProcessDirectory::open(key(tick)).unwrap();
        assert!(directory.namespace("mnt").unwrap() > 0);
        assert_eq!(ProcessDirectory::open(key(tick + 1)).unwrap_err(), Refusal::Another);
        assert_eq!(Root::of_any(&[key(tick + 1)], 1).unwrap_err(), Refusal::Another);
        assert_eq!(Root::of_any(&[], 1).unwrap_err(), Refusal::Gone);
    }
}
