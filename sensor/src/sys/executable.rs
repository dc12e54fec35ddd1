//! The content of an executable that ran: its digests, if the file is still the one that the kernel reported.

use std::{fs::File, io::Read, os::linux::fs::MetadataExt};

use md5::Md5;
use sha2::{Digest, Sha256};

use crate::process::ProcessKey;

use super::root::{ProcessDirectory, Refusal, Root};

/// Largest file that is digested, in bytes.
pub const MAX_SIZE: u64 = 256 << 20;
/// How much is read at once.
const CHUNK: usize = 128 << 10;

/// A version of a file: the kernel moves at least one of these when the content changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileVersion {
    /// Device of its file system (`major << 20 | minor`).
    pub dev: u32,
    /// Inode number.
    pub ino: u64,
    /// Last change of the content, nanoseconds since 1970.
    pub mtime: u64,
    /// Last change of the inode, nanoseconds since 1970; programs cannot set it.
    pub ctime: u64,
    /// Size in bytes.
    pub size: u64,
}

/// An executable, and where it may still be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executable {
    /// Which file it was.
    pub version: FileVersion,
    /// Whether overlayfs has it, which shows programs other device numbers than the kernel uses itself.
    pub overlay: bool,
    /// The process that ran it.
    pub process: ProcessKey,
    /// Its path from the root of its mount namespace.
    pub path: Box<[u8]>,
    /// Other processes that see the same files, for when that one has ended.
    pub others: Vec<ProcessKey>,
    /// Inode number of the mount namespace.
    pub mnt_ns: u32,
    /// Whether that is the host's.
    pub on_host: bool,
}

impl Executable {
    /// Its SHA-256.
    pub fn sha256(&self) -> Result<[u8; 32], Refusal> {
        self.digest::<Sha256>().map(Into::into)
    }

    /// Its MD5, which package databases go by.
    pub fn md5(&self) -> Result<[u8; 16], Refusal> {
        self.digest::<Md5>().map(Into::into)
    }

    /// The root of the file system in which it ran.
    pub fn root(&self) -> Result<Root, Refusal> {
        if self.on_host {
            return Root::of_host();
        }
        let processes: Vec<_> = std::iter::once(self.process).chain(self.others.iter().copied()).collect();
        Root::of_any(&processes, self.mnt_ns).map(|(root, _)| root)
    }

    fn digest<D: Digest>(&self) -> Result<sha2::digest::Output<D>, Refusal> {
        if self.version.size > MAX_SIZE {
            return Err(Refusal::TooLarge);
        }
        let file = self.open()?;
        let digest = digest::<D>(&file, self.version.size)?;
        // What was written meanwhile moved the times; what was appended was not read.
        if self.is_same(&file)? { Ok(digest) } else { Err(Refusal::Changed) }
    }

    /// The file that the process ran, by the process itself or by its path; not any other one.
    fn open(&self) -> Result<File, Refusal> {
        let by_process = ProcessDirectory::open(self.process).and_then(|process| process.executable());
        let by_process = by_process.and_then(|file| self.same(file));
        by_process.or_else(|_| self.root()?.open(&self.path).and_then(|file| self.same(file)))
    }

    fn same(&self, file: File) -> Result<File, Refusal> {
        if self.is_same(&file)? { Ok(file) } else { Err(Refusal::Another) }
    }

    fn is_same(&self, file: &File) -> Result<bool, Refusal> {
        let found = version(file)?;
        let dev = if self.overlay { self.version.dev } else { found.dev };
        Ok(FileVersion { dev, ..found } == self.version)
    }
}

/// The version of an open file, as programs see it.
fn version(file: &File) -> Result<FileVersion, Refusal> {
    let stat = file.metadata()?;
    let time = |seconds: i64, nanoseconds: i64| {
        let nanoseconds = u64::try_from(nanoseconds).unwrap_or(0);
        u64::try_from(seconds).unwrap_or(0).wrapping_mul(1_000_000_000).wrapping_add(nanoseconds)
    };
    Ok(FileVersion {
        dev: rustix::fs::major(stat.st_dev()) << 20 | rustix::fs::minor(stat.st_dev()),
        ino: stat.st_ino(),
        mtime: time(stat.st_mtime(), stat.st_mtime_nsec()),
        ctime: time(stat.st_ctime(), stat.st_ctime_nsec()),
        size: stat.st_size(),
    })
}

/// The digest of exactly `size` bytes.
fn digest<D: Digest>(file: &File, size: u64) -> Result<sha2::digest::Output<D>, Refusal> {
    let mut digest = D::new();
    let mut chunk = vec![0; CHUNK];
    let mut reader = file.take(size);
    let mut total = 0_u64;
    loop {
        let len = reader.read(&mut chunk)?;
        if len == 0 {
            break;
        }
        digest.update(chunk.get(..len).unwrap_or_default());
        total = total.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
    }
    if total == size { Ok(digest.finalize()) } else { Err(Refusal::Changed) }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write, os::unix::ffi::OsStrExt, path::Path};

    use super::*;
    use crate::hex::hex;

    fn executable(path: &Path) -> Executable {
        Executable {
            version: version(&File::open(path).unwrap()).unwrap(),
            overlay: false,
            process: ProcessKey { pid: u32::MAX, start: 0 },
            path: path.as_os_str().as_bytes().into(),
            others: Vec::new(),
            mnt_ns: 0,
            on_host: true,
        }
    }

    #[test]
    fn a_file_has_the_digests_that_other_tools_compute() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().canonicalize().unwrap().join("abc");
        fs::write(&path, "abc").unwrap();
        let executable = executable(&path);
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&executable.sha256().unwrap()), sha256);
        assert_eq!(hex(&executable.md5().unwrap()), "900150983cd24fb0d6963f7d28e17f72");
    }

    #[test]
    fn another_file_under_the_name_is_not_digested() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().canonicalize().unwrap().join("x");
        fs::write(&path, "abc").unwrap();
        let executable = executable(&path);
        fs::write(place.path().join("y"), "abc").unwrap();
        fs::rename(place.path().join("y"), &path).unwrap();
        assert_eq!(executable.sha256(), Err(Refusal::Another));
        fs::remove_file(&path).unwrap();
        assert_eq!(executable.sha256(), Err(Refusal::Gone));
    }

    #[test]
    fn a_growing_file_is_not_digested() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().canonicalize().unwrap().join("x");
        fs::write(&path, "abc").unwrap();
        let executable = executable(&path);
        File::options().append(true).open(&path).unwrap().write_all(b"d").unwrap();
        assert_eq!(executable.sha256(), Err(Refusal::Another));
        let file = File::open(&path).unwrap();
        assert_eq!(digest::<Sha256>(&file, 9), Err(Refusal::Changed), "it is shorter than it was");
    }

    #[test]
    fn a_huge_file_is_not_even_opened() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().canonicalize().unwrap().join("huge");
        File::create(&path).unwrap().set_len(10 << 30).unwrap();
        assert_eq!(executable(&path).sha256(), Err(Refusal::TooLarge));
    }
}
