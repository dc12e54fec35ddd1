//! Taking the place of an engine's socket, and giving it back.
//!
//! At run time ([`take`]): the engine's socket and the guard's get each other's name in one step, and a journal that is
//! written before says how to undo that. For good ([`install`]): systemd makes the engine's socket in a closed directory
//! and the guard's at the usual place. [`restore`] undoes the first and opens a way round the second, whatever state they
//! were left in.

pub mod install;
#[cfg(test)]
mod install_tests;
pub mod journal;
pub mod record;
pub mod restore;
mod store;
pub mod take;
#[cfg(test)]
mod tests;
pub mod uninstall;
pub mod units;
pub mod way_round;

use std::io;
use std::path::{Path, PathBuf};

/// Name of the closed directory beside an engine's socket.
pub const DIRECTORY: &str = "vigie-guard";

/// Why a place is not taken or given back.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The kernel refused.
    #[error("cannot {what} {path}: {source}", path = path.display())]
    Refused {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// The kernel's word.
        source: io::Error,
    },
    /// There is nothing to take the place of.
    #[error("{path} is not a socket{hint}", path = path.display())]
    NoSocket {
        /// The name.
        path: PathBuf,
        /// What to do.
        hint: &'static str,
    },
    /// The directory for the engine's socket is open to others.
    #[error("{path} is not a directory of the guard's, with mode 0700 and this user's; remove it", path = path.display())]
    OpenDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// Another guard is at work.
    #[error("another guard has taken {path}; stop it first", path = path.display())]
    Taken {
        /// The name.
        path: PathBuf,
    },
    /// The journal cannot be read.
    #[error("{path} makes no sense: {source}", path = path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Something that is not ours has a name that is needed.
    #[error("{path} is in the way; move it", path = path.display())]
    InTheWay {
        /// What is in the way.
        path: PathBuf,
    },
    /// The engine made its socket anew at the wrong moment.
    #[error("{path} changed while it was taken; try again", path = path.display())]
    Changed {
        /// The name.
        path: PathBuf,
    },
    /// The engine is none of systemd's.
    #[error("{what}; use `vigie guard --take` instead")]
    NotSystemd {
        /// What is missing.
        what: &'static str,
    },
    /// What was made is not as it was made.
    #[error(
        "{path} was edited since the guard was installed; `vigie guard uninstall` first, which leaves it",
        path = path.display()
    )]
    Edited {
        /// The file.
        path: PathBuf,
    },
    /// It is not there.
    #[error("the guard is not installed: there is no {path}", path = path.display())]
    NotInstalled {
        /// Where the record of it would be.
        path: PathBuf,
    },
}

/// Names what was tried where the kernel refuses it.
pub(super) fn refused(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PlaceError {
    let path = path.to_owned();
    move |source| PlaceError::Refused { what, path, source }
}

/// Where the closed directory of an engine's socket is.
pub fn closed_directory(socket: &Path) -> PathBuf {
    socket.with_file_name(DIRECTORY)
}

/// What was done, line by line, for whoever did it.
pub type Tell<'t> = &'t mut dyn FnMut(&str);
