//! A cgroup of a test's own, in the v2 hierarchy.

use std::{
    ffi::OsStr,
    fs,
    os::unix::{
        ffi::{OsStrExt, OsStringExt},
        fs::MetadataExt,
    },
    path::PathBuf,
};

/// A cgroup, removed when dropped.
#[derive(Debug)]
pub(crate) struct Cgroup {
    directory: PathBuf,
    /// Path from the root of the hierarchy.
    pub(crate) path: Vec<u8>,
    /// Its id, which is its directory's inode number.
    pub(crate) id: u64,
}

impl Cgroup {
    /// Where the v2 hierarchy is mounted.
    pub(crate) fn mount() -> PathBuf {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let mount = mounts.lines().find_map(|line| {
            let mut words = line.split(' ').skip(1);
            let (place, kind) = (words.next()?, words.next()?);
            (kind == "cgroup2").then(|| place.to_owned())
        });
        mount.expect("no cgroup2 file system is mounted").into()
    }

    /// Makes one below the root, or the kernel's refusal.
    pub(crate) fn create(name: &[u8]) -> std::io::Result<Self> {
        let directory = Self::mount().join(OsStr::from_bytes(name));
        fs::create_dir(&directory)?;
        let id = fs::metadata(&directory)?.ino();
        Ok(Self { directory, path: [b"/", name].concat(), id })
    }

    /// Moves a process into it.
    pub(crate) fn attach(&self, pid: u32) {
        fs::write(self.directory.join("cgroup.procs"), pid.to_string()).unwrap();
    }

    /// Moves a process back to the root.
    pub(crate) fn detach(pid: u32) {
        fs::write(Self::mount().join("cgroup.procs"), pid.to_string()).unwrap();
    }

    /// Removes it.
    pub(crate) fn remove(self) {
        fs::remove_dir(&self.directory).unwrap();
        std::mem::forget(self);
    }

    /// Id of the cgroup at a path of the hierarchy.
    pub(crate) fn id_of(path: &str) -> u64 {
        let mut directory = Self::mount().into_os_string().into_vec();
        directory.extend(path.as_bytes());
        fs::metadata(OsStr::from_bytes(&directory)).unwrap().ino()
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // Left behind only by a test that failed while a process was still in it.
        drop(fs::remove_dir(&self.directory));
    }
}
