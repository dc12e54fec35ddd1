//! Which file a name stands for now.

use sensor_common::event::file::Object;

/// A file, whatever its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId {
    /// Device of its file system (`major << 20 | minor`).
    pub dev: u32,
    /// Inode number.
    pub ino: u64,
}

impl FileId {
    /// The file that the kernel told of.
    pub fn of(file: &Object) -> Self {
        Self { dev: file.dev, ino: file.ino }
    }

    /// The file that this path leads to on the host, symbolic links followed.
    pub fn at(path: &[u8]) -> Option<Self> {
        let stat = rustix::fs::stat(path).ok()?;
        let dev = rustix::fs::major(stat.st_dev) << 20 | rustix::fs::minor(stat.st_dev);
        Some(Self { dev, ino: stat.st_ino })
    }
}
