//! What an installation made, written before it is made, so that exactly that can be removed.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{PlaceError, refused, store};
use crate::hex::hex;

/// Where it is, below the root.
const RECORD: &str = "etc/vigie/guard-install.json";

/// An installation. Paths are those that the installed system has, without the root that it may be mounted at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The name that clients know.
    pub socket: PathBuf,
    /// Where the engine's socket is meanwhile.
    pub engine: PathBuf,
    /// What was made, in that order.
    pub made: Vec<Made>,
}

/// Something that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Made {
    /// A directory.
    Directory {
        /// Its path.
        path: PathBuf,
    },
    /// A file.
    File {
        /// Its path.
        path: PathBuf,
        /// SHA-256 of what it had in it, in hexadecimal digits.
        sha256: String,
    },
    /// A symbolic link.
    Link {
        /// Its path.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
}

/// What is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    /// A file with this text.
    File(PathBuf, String),
    /// A link that leads there.
    Link(PathBuf, PathBuf),
}

impl Thing {
    /// What stands in the record of it.
    pub(super) fn made(&self) -> Made {
        match self {
            Self::File(path, text) => Made::File { path: path.clone(), sha256: digest(text.as_bytes()) },
            Self::Link(path, target) => Made::Link { path: path.clone(), target: target.clone() },
        }
    }
}

/// What became of something that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removal {
    /// It is removed.
    Removed,
    /// It was not there any more.
    Gone,
    /// It was changed since, or other things are in it, and it stays.
    Kept,
}

impl Record {
    /// Where it is.
    pub fn path(root: &Path) -> PathBuf {
        root.join(RECORD)
    }

    /// The record of an installation, if there is one.
    pub fn read(root: &Path) -> Result<Option<Self>, PlaceError> {
        store::read(&Self::path(root))
    }

    /// Writes it; whole or not at all.
    pub(super) fn write(&self, root: &Path) -> Result<(), PlaceError> {
        store::write(&Self::path(root), self)
    }

    /// What making these things takes, directories included that are not there yet; an error if something is in the way.
    pub(super) fn plan(root: &Path, things: &[Thing]) -> Result<Vec<Made>, PlaceError> {
        let mut made = directories(root, Path::new("/").join(RECORD).as_path(), &[]);
        for thing in things {
            let (Thing::File(path, _) | Thing::Link(path, _)) = thing;
            if fs::symlink_metadata(below(root, path)).is_ok() {
                return Err(PlaceError::InTheWay { path: below(root, path) });
            }
            let missing = directories(root, path, &made);
            made.extend(missing);
            made.push(thing.made());
        }
        Ok(made)
    }
}

impl Made {
    /// Its path.
    pub fn path(&self) -> &Path {
        match self {
            Self::Directory { path } | Self::File { path, sha256: _ } | Self::Link { path, target: _ } => {
                path
            }
        }
    }

    /// Makes it; `things` has the texts of files. A directory that has come meanwhile is taken as it is.
    pub(super) fn make(&self, root: &Path, things: &[Thing]) -> Result<(), PlaceError> {
        let path = below(root, self.path());
        let result = match self {
            Self::Directory { path: _ } => match DirBuilder::new().mode(0o755).create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                result => result,
            },
            Self::Link { path: _, target } => symlink(target, &path),
            Self::File { path: name, sha256: _ } => {
                let text = things.iter().find_map(|thing| match thing {
                    Thing::File(file, text) if file == name => Some(text),
                    Thing::File(..) | Thing::Link(..) => None,
                });
                let mut options = fs::OpenOptions::new();
                let file = options.write(true).create_new(true).mode(0o644).open(&path);
                file.and_then(|mut file| file.write_all(text.map_or(&[], |text| text.as_bytes())))
            }
        };
        result.map_err(refused("make", &path))
    }

    /// Removes it if it is as it was made.
    pub(super) fn remove(&self, root: &Path, dry: bool) -> Result<Removal, PlaceError> {
        let path = below(root, self.path());
        if fs::symlink_metadata(&path).is_err() {
            return Ok(Removal::Gone);
        }
        let is_as_made = match self {
            Self::Directory { path: _ } => true,
            Self::File { path: _, sha256 } => fs::read(&path).is_ok_and(|text| digest(&text) == *sha256),
            Self::Link { path: _, target } => fs::read_link(&path).is_ok_and(|found| found == *target),
        };
        if !is_as_made {
            return Ok(Removal::Kept);
        }
        if dry {
            return Ok(Removal::Removed);
        }
        let result = match self {
            Self::Directory { path: _ } => fs::remove_dir(&path),
            Self::File { .. } | Self::Link { .. } => fs::remove_file(&path),
        };
        match result {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(Removal::Kept),
            result => result.map(|()| Removal::Removed).map_err(refused("remove", &path)),
        }
    }
}

/// A path of the installed system, where that is mounted.
pub(super) fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// The directories around a path that are neither there nor planned.
fn directories(root: &Path, path: &Path, planned: &[Made]) -> Vec<Made> {
    let around: Vec<_> = path.ancestors().skip(1).filter(|path| path.parent().is_some()).collect();
    let missing = around.into_iter().rev().filter(|path| !below(root, path).exists());
    let missing = missing.map(|path| Made::Directory { path: path.to_owned() });
    missing.filter(|directory| !planned.contains(directory)).collect()
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
