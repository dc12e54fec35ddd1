//! A picture of /etc and /run: every name with its kind, owner and mode, links with where they lead, files of /etc with
//! what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

/// What the engine and systemd keep for themselves and change whenever a unit is started.
const THEIRS: [&str; 7] = [
    "/run/systemd",
    "/run/docker",
    "/run/containerd/s",
    "/run/containerd/io.containerd.runtime.v2.task",
    "/run/credentials",
    "/run/log",
    "/run/utmp",
];

/// A picture.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picture(BTreeMap<PathBuf, String>);

impl Picture {
    /// Takes one.
    pub(crate) fn take() -> Result<Self> {
        let mut found = BTreeMap::new();
        for root in ["/etc", "/run"] {
            add(Path::new(root), &mut found)?;
        }
        Ok(Self(found))
    }

    /// Fails, and says where, unless all is as it was.
    pub(crate) fn is_now(&self) -> Result<()> {
        let now = Self::take()?;
        let changed: Vec<_> = self
            .0
            .keys()
            .chain(now.0.keys())
            .filter(|path| self.0.get(*path) != now.0.get(*path))
            .map(|path| (path, self.0.get(path), now.0.get(path)))
            .collect();
        ensure!(changed.is_empty(), "changed, with what was before and what is now: {changed:#?}");
        Ok(())
    }
}

fn add(path: &Path, found: &mut BTreeMap<PathBuf, String>) -> Result<()> {
    if THEIRS.iter().any(|theirs| path == Path::new(theirs)) {
        return Ok(());
    }
    let status = path.symlink_metadata()?;
    let kind = status.file_type();
    let content = match () {
        () if kind.is_symlink() => format!("{:?}", fs::read_link(path)?),
        () if kind.is_socket() => "socket".to_owned(),
        () if kind.is_file() && path.starts_with("/etc") => fs::read(path)?.escape_ascii().to_string(),
        () => String::new(),
    };
    let (mode, uid, gid) = (status.mode(), status.uid(), status.gid());
    found.insert(path.to_owned(), format!("{mode:o} {uid}:{gid} {content}"));
    if kind.is_dir() {
        for entry in fs::read_dir(path)? {
            add(&entry?.path(), found)?;
        }
    }
    Ok(())
}
