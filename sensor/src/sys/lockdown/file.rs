//! Files as the kernel programs know them.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags, Statx, StatxFlags, open, statx};
use sensor_common::lockdown::{FileKey, NAME_SIZE, NameKey};

/// What is asked of a file.
const WANTED: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::BTIME);

/// A file that is held on to: no other gets its inode's number meanwhile.
#[derive(Debug)]
pub struct Held {
    /// As the kernel programs know it.
    pub key: FileKey,
    /// As [`glance`] tells it.
    pub seen: Seen,
    _file: OwnedFd,
}

/// A file as `stat` tells it: cheap, but on some file systems not what the kernel itself goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    dev: (u32, u32),
    ino: u64,
    /// When it was made, where the file system says: numbers of inodes are used again.
    born: (i64, u32),
}

impl Held {
    /// The file at the end of all links.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        let stat = statx(&file, "", AtFlags::EMPTY_PATH, WANTED | StatxFlags::MNT_ID)?;
        let table = std::fs::read("/proc/self/mountinfo")?;
        // Some file systems show programs other device numbers than the kernel uses itself; mount tables do not.
        let shown = stat.stx_dev_major << 20 | stat.stx_dev_minor;
        let dev = device_of(&table, stat.stx_mnt_id).unwrap_or(shown);
        Ok(Self { key: FileKey { ino: stat.stx_ino, dev, zero: 0 }, seen: Seen::of(&stat), _file: file })
    }
}

impl Seen {
    fn of(stat: &Statx) -> Self {
        let born = (stat.stx_btime.tv_sec, stat.stx_btime.tv_nsec);
        Self { dev: (stat.stx_dev_major, stat.stx_dev_minor), ino: stat.stx_ino, born }
    }
}

/// The file that has this name now.
pub fn glance(path: &Path) -> io::Result<Seen> {
    Ok(Seen::of(&statx(rustix::fs::CWD, path, AtFlags::empty(), WANTED)?))
}

/// Where a path leads, though its last part may not be there yet.
pub fn whole(path: &Path) -> io::Result<PathBuf> {
    if let Ok(whole) = path.canonicalize() {
        return Ok(whole);
    }
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    Ok(directory.canonicalize()?.join(name))
}

/// A name as the kernel programs know it, of a path without links; none of one that is too long for them.
pub fn name_of(path: &Path) -> io::Result<Option<NameKey>> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let directory = Held::open(directory)?.key;
    let mut bytes = [0; NAME_SIZE];
    let name = name.as_bytes();
    // The kernel cuts longer names short; what ends one before cannot have been cut.
    if name.len().saturating_add(1) >= NAME_SIZE {
        return Ok(None);
    }
    bytes.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
    Ok(Some(NameKey { directory, name: bytes }))
}

/// Device of the mount with this id.
fn device_of(mountinfo: &[u8], mount: u64) -> Option<u32> {
    let lines = mountinfo.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    let mut fields = lines.map(|line| line.split(' ')).filter_map(|mut line| {
        let id = line.next()?.parse::<u64>().ok()?;
        Some((id, line.nth(1)?))
    });
    let (_, device) = fields.find(|(id, _)| *id == mount)?;
    let (major, minor) = device.split_once(':')?;
    Some(major.parse::<u32>().ok()?.checked_shl(20)? | minor.parse::<u32>().ok()?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_device_is_the_mount_tables() {
        let table = b"22 27 0:21 / /proc rw - proc proc rw\nbroken\n31 27 8:2 / /x rw - ext4 /dev/sdb rw\n";
        assert_eq!(device_of(table, 31), Some(8 << 20 | 2));
        assert_eq!(device_of(table, 22), Some(21));
        assert_eq!(device_of(table, 27), None);
    }

    #[test]
    fn a_socket_is_known_by_its_file_and_its_name_by_the_directory() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("engine.sock");
        assert!(Held::open(&path).is_err());
        let name = name_of(&whole(&path).unwrap()).unwrap().unwrap();
        assert_eq!(name.directory, Held::open(place.path()).unwrap().key);
        assert!(name.name.starts_with(b"engine.sock\0"));
        let first = UnixListener::bind(&path).unwrap();
        let held = Held::open(&path).unwrap();
        let link = place.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(Held::open(&link).unwrap().key, held.key);
        assert_eq!(whole(&link).unwrap(), path.canonicalize().unwrap());
        std::fs::remove_file(&path).unwrap();
        drop(first);
        let _second = UnixListener::bind(&path).unwrap();
        assert_ne!(Held::open(&path).unwrap().key, held.key, "its number was held on to");
        assert_eq!(name_of(&whole(&path).unwrap()).unwrap(), Some(name));
        let long = place.path().join("x".repeat(NAME_SIZE - 1));
        assert_eq!(name_of(&long).unwrap(), None);
    }
}
