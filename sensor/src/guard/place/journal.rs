//! What a guard is about to do to an engine's socket: written before it is done, so that whoever comes after can undo
//! it.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{PlaceError, closed_directory, refused, store};
use crate::sys::socket::Node;

/// The journal's name behind the socket's.
const SUFFIX: &str = ".journal";

/// One socket whose place is being taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Journal {
    /// The name that clients know.
    pub socket: PathBuf,
    /// The name for the engine's socket while the guard has that; before, the guard's socket is made here.
    pub aside: PathBuf,
    /// The engine's socket.
    pub engine: Node,
    /// The guard's, once it is made.
    pub guard: Option<Node>,
    /// The closed directory was made for this.
    pub made_directory: bool,
}

impl Journal {
    /// A journal of what has not begun: nothing is written yet.
    pub fn new(socket: &Path, engine: Node) -> Self {
        let directory = closed_directory(socket);
        let aside = directory.join(socket.file_name().unwrap_or_default());
        let made_directory = !directory.exists();
        Self { socket: socket.to_owned(), aside, engine, guard: None, made_directory }
    }

    /// Where it is written.
    pub fn path(&self) -> PathBuf {
        Self::path_for(&self.socket)
    }

    /// Where the journal of a socket is, if there is one.
    pub fn path_for(socket: &Path) -> PathBuf {
        let mut name = socket.file_name().unwrap_or_default().to_owned();
        name.push(SUFFIX);
        closed_directory(socket).join(name)
    }

    /// The closed directory.
    pub fn directory(&self) -> PathBuf {
        closed_directory(&self.socket)
    }

    /// Makes the closed directory, or sees that it is one.
    pub fn make_directory(&self) -> Result<(), PlaceError> {
        let directory = self.directory();
        match DirBuilder::new().mode(0o700).create(&directory) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if is_closed(&directory) {
                    Ok(())
                } else {
                    Err(PlaceError::OpenDirectory { path: directory })
                }
            }
            result => result.map_err(refused("make", &directory)),
        }
    }

    /// Writes it whole or not at all.
    pub fn write(&self) -> Result<(), PlaceError> {
        store::write(&self.path(), self)
    }

    /// The journal of a socket, if there is one.
    pub fn read(socket: &Path) -> Result<Option<Self>, PlaceError> {
        Self::read_at(&Self::path_for(socket))
    }

    /// The journals in a closed directory, in order of their names.
    pub fn all_in(directory: &Path) -> Result<Vec<Self>, PlaceError> {
        let entries = match fs::read_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            result => result.map_err(refused("list", directory))?,
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut paths: Vec<_> =
            paths.filter(|path| path.as_os_str().as_encoded_bytes().ends_with(SUFFIX.as_bytes())).collect();
        paths.sort();
        paths.iter().filter_map(|path| Self::read_at(path).transpose()).collect()
    }

    fn read_at(path: &Path) -> Result<Option<Self>, PlaceError> {
        store::read::<Self>(path)?.map(|journal| journal.believe(path)).transpose()
    }

    /// Only what nobody else can have written is acted upon, and only beside its own socket.
    fn believe(self, path: &Path) -> Result<Self, PlaceError> {
        let directory = path.parent().unwrap_or(path);
        let is_own = fs::canonicalize(directory).is_ok_and(|directory| directory == self.directory())
            && self.aside.parent() == Some(self.directory().as_path());
        if is_own && is_closed(directory) {
            Ok(self)
        } else {
            Err(PlaceError::OpenDirectory { path: directory.to_owned() })
        }
    }

    /// Removes it, and the closed directory if it was made for this and nothing else is in there.
    pub fn remove(&self) -> Result<(), PlaceError> {
        let path = self.path();
        for name in [path.with_extension("draft"), path] {
            match fs::remove_file(&name) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(refused("remove", &name)(error));
                }
                _ => {}
            }
        }
        if self.made_directory {
            // Another socket's things may be in there.
            drop(fs::remove_dir(self.directory()));
        }
        Ok(())
    }
}

/// Whether a directory is nobody else's to look into.
fn is_closed(directory: &Path) -> bool {
    let node = Node::at(directory).ok().flatten();
    let own = rustix::process::geteuid().as_raw();
    node.is_some_and(|node| node.uid == own && node.mode == 0o700)
        && fs::symlink_metadata(directory).is_ok_and(|found| found.is_dir())
}
