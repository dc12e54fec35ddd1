//! Removing an installation: exactly what was made, as far as it is as it was made.

use std::fs;
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{
    PlaceError, Tell,
    record::{Made, Record, Removal, below},
    refused,
};
use crate::sys::socket::{Listening, listening};

/// What puts the engine's socket back in force. systemd is told of the change first, and the guard goes before the engine:
/// whatever has the engine's socket started meanwhile, it is at its old place.
pub const STOP: [&[&str]; 4] = [
    &["daemon-reload"],
    &["stop", "vigie-guard.socket", "vigie-guard.service"],
    &["stop", "docker.service", "docker.socket"],
    &["start", "docker.socket", "docker.service"],
];

/// Removes the installation below `root`; says whether all of it is gone. What was changed since is told, and stays in
/// the record.
pub fn uninstall(root: &Path, dry: bool, tell: Tell<'_>) -> Result<bool, PlaceError> {
    let path = Record::path(root);
    let Some(mut record) = Record::read(root)? else { return Err(PlaceError::NotInstalled { path }) };
    let (directories, others): (Vec<_>, Vec<_>) =
        record.made.iter().cloned().partition(|made| matches!(made, Made::Directory { .. }));
    let kept = remove_all(root, &others, dry, tell)?;
    if dry {
        tell(&format!("would remove {} and what becomes empty", path.display()));
        return Ok(kept.is_empty());
    }
    if !kept.is_empty() {
        record.made = directories.into_iter().chain(kept).collect();
        record.write(root)?;
        tell(&format!("what is left stands in {}", path.display()));
        return Ok(false);
    }
    fs::remove_file(&path).map_err(refused("remove", &path))?;
    tell(&format!("removed {}", path.display()));
    // A directory that others have put something into stays theirs.
    remove_all(root, &directories, dry, tell)?;
    Ok(true)
}

/// Between two looks whether somebody still listens.
const PAUSE: Duration = Duration::from_millis(20);

/// Removes the closed directory that systemd made for the engine's socket, once nobody listens there; that is waited for
/// so long.
pub fn sweep(root: &Path, engine: &Path, patience: Duration, tell: Tell<'_>) -> Result<(), PlaceError> {
    let socket = below(root, engine);
    let Some(directory) = socket.parent().filter(|directory| directory.exists()) else { return Ok(()) };
    if !falls_silent(&socket, patience).map_err(refused("ask", &socket))? {
        tell(&format!("the engine still listens at {}", socket.display()));
        return Ok(());
    }
    match fs::remove_file(&socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(refused("remove", &socket)(error));
        }
        _ => {}
    }
    match fs::remove_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {
            tell(&format!("{} is not empty, and stays", directory.display()));
            Ok(())
        }
        result => {
            tell(&format!("removed {}", directory.display()));
            result.map_err(refused("remove", directory))
        }
    }
}

/// A socket that systemd has closed is open until every program that it was just starting runs: until then they have what
/// it had.
fn falls_silent(socket: &Path, patience: Duration) -> io::Result<bool> {
    let start = Instant::now();
    while listening(socket)? != Listening::Nobody {
        if start.elapsed() >= patience {
            return Ok(false);
        }
        sleep(PAUSE);
    }
    Ok(true)
}

/// The last made first; gives what stays.
fn remove_all(root: &Path, made: &[Made], dry: bool, tell: Tell<'_>) -> Result<Vec<Made>, PlaceError> {
    let mut kept = Vec::new();
    for made in made.iter().rev() {
        let path = below(root, made.path());
        let word = match made.remove(root, dry)? {
            Removal::Removed if dry => "would remove",
            Removal::Removed => "removed",
            Removal::Gone => "was gone already:",
            Removal::Kept => {
                kept.insert(0, made.clone());
                "was changed since and stays:"
            }
        };
        tell(&format!("{word} {}", path.display()));
    }
    Ok(kept)
}
