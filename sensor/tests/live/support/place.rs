//! A directory of a test's own.

use std::{
    fs,
    os::unix::{
        ffi::OsStrExt,
        fs::{MetadataExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::Assembly;

/// A directory with a path free of links, which any user may search; gone when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    path: PathBuf,
    _directory: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let directory = tempfile::Builder::new().prefix("vigie-live-").tempdir().unwrap();
        fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
        Self { path: directory.path().canonicalize().unwrap(), _directory: directory }
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A path in it.
    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: impl AsRef<Path>, content: &[u8]) -> PathBuf {
        let path = self.join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Makes a directory.
    pub(crate) fn directory(&self, name: impl AsRef<Path>) -> PathBuf {
        let path = self.join(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// Writes an executable file.
    pub(crate) fn executable(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.file(name, content);
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        path
    }

    /// Writes a program.
    pub(crate) fn program(&self, name: &str, program: &Assembly) -> PathBuf {
        self.executable(name, &program.executable())
    }

    /// Writes a shell script for busybox.
    pub(crate) fn script(&self, name: &str, lines: &str) -> PathBuf {
        let shell = [b"#!", super::busybox().as_os_str().as_bytes(), b" sh\n", lines.as_bytes()].concat();
        self.executable(name, &shell)
    }
}

/// A file's device as the kernel numbers it, and its inode.
pub(crate) fn device_and_inode(path: &Path) -> (u64, u64) {
    let metadata = fs::symlink_metadata(path).unwrap();
    (kernel_device(metadata.dev()), metadata.ino())
}

/// `major << 20 | minor` of a device as programs see it.
fn kernel_device(device: u64) -> u64 {
    u64::from(rustix::fs::major(device)) << 20 | u64::from(rustix::fs::minor(device))
}
