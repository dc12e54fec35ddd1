//! Reading small files in directories that others may write to: nothing leads out of the directory, nothing blocks,
//! nothing is read without bound.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use jiff::Timestamp;
use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2};

/// What is asked of a file before it is read.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// User who must own it.
    pub owner: u32,
    /// Most bytes that are read; a longer file is refused.
    pub limit: u64,
}

/// A file as it was read.
#[derive(Clone, Debug)]
pub struct Content {
    /// All of it.
    pub bytes: Vec<u8>,
    /// When it was last written.
    pub modified: Timestamp,
}

/// Reads the regular file `relative` below `directory`, which itself may be reached by links. Links, other file
/// systems and anything but a regular file of the right owner below it are refused (`PermissionDenied`), as is
/// one that is too long (`FileTooLarge`).
pub fn read_below(directory: &Path, relative: &Path, demand: Demand) -> io::Result<Content> {
    let directory =
        openat(CWD, directory, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
    let file = openat2(&directory, relative, flags, Mode::empty(), within).map_err(refusal)?;
    let stat = fstat(&file)?;
    let is_regular = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    if !is_regular || stat.st_uid != demand.owner {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let modified = i32::try_from(stat.st_mtime_nsec).ok();
    let modified = modified.and_then(|nanoseconds| Timestamp::new(stat.st_mtime, nanoseconds).ok());
    let mut bytes = Vec::new();
    File::from(file).take(demand.limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > demand.limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Content { bytes, modified: modified.unwrap_or(Timestamp::UNIX_EPOCH) })
}

/// What leads elsewhere is refused, whatever the kernel calls it.
fn refusal(error: rustix::io::Errno) -> io::Error {
    match error {
        rustix::io::Errno::LOOP | rustix::io::Errno::XDEV => io::ErrorKind::PermissionDenied.into(),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    const LIMIT: u64 = 10;

    fn read(directory: &Path, relative: &str) -> Result<Vec<u8>, io::ErrorKind> {
        let demand = Demand { owner: rustix::process::geteuid().as_raw(), limit: LIMIT };
        let content = read_below(directory, Path::new(relative), demand);
        content.map(|content| content.bytes).map_err(|error| error.kind())
    }

    #[test]
    fn only_short_regular_files_of_the_owner_within_are_read() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        std::fs::create_dir(at("d")).unwrap();
        std::fs::write(at("d/short"), "0123456789").unwrap();
        std::fs::write(at("d/long"), "0123456789x").unwrap();
        symlink(outside.path(), at("out")).unwrap();
        symlink("short", at("d/link")).unwrap();
        rustix::fs::mknodat(CWD, at("d/fifo"), FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert_eq!(read(place.path(), "d/short").as_deref(), Ok(b"0123456789".as_slice()));
        assert_eq!(read(place.path(), "d/long"), Err(io::ErrorKind::FileTooLarge));
        assert_eq!(read(place.path(), "d/none"), Err(io::ErrorKind::NotFound));
        for refused in ["out/secret", "d/link", "d/fifo", "d", "../x", "/etc/passwd"] {
            assert_eq!(read(place.path(), refused), Err(io::ErrorKind::PermissionDenied), "{refused}");
        }
        let other = Demand { owner: rustix::process::geteuid().as_raw() + 1, limit: LIMIT };
        let refused = read_below(place.path(), Path::new("d/short"), other).map(|content| content.bytes);
        assert_eq!(refused.map_err(|error| error.kind()), Err(io::ErrorKind::PermissionDenied));
    }
}
