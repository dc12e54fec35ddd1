//! A way round an installed guard that does not work: the engine's socket gets the name that clients know as a second
//! one. Needs no systemd, and nothing of the guard.

use std::fs;
use std::path::{Path, PathBuf};

use super::{PlaceError, Tell, record::Record, record::below, refused};
use crate::sys::socket::{Listening, Node, listening};

/// The name while it is being made.
const DRAFT: &str = ".vigie-restore";

/// Opens the way below `root` if a guard is installed there; says whether clients reach the engine then. `is_guards`
/// tells whether a process holds the guard's sockets.
pub fn open(root: &Path, is_guards: impl Fn(u32) -> bool, tell: Tell<'_>) -> Result<bool, PlaceError> {
    let Some(record) = Record::read(root)? else {
        tell("the guard is not installed");
        return Ok(true);
    };
    let [socket, engine] = [&record.socket, &record.engine].map(|path| below(root, path));
    let Some(node) = Node::at(&engine).map_err(refused("look at", &engine))? else {
        tell(&format!("{} is not there: start the engine (systemctl start docker.socket)", engine.display()));
        return Ok(false);
    };
    if Node::at(&socket).map_err(refused("look at", &socket))?.is_some_and(|now| now.is(&node)) {
        tell(&format!("{} is the engine's already", socket.display()));
        return Ok(true);
    }
    if listening(&engine).map_err(refused("ask", &engine))? == Listening::Nobody {
        tell(&format!("nobody listens at {}: start the engine", engine.display()));
        return Ok(false);
    }
    match listening(&socket).map_err(refused("ask", &socket))? {
        Listening::Somebody(Some(pid)) if is_guards(pid) => {
            tell(&format!("{} is the guard's", socket.display()));
        }
        Listening::Somebody(_) => {
            tell(&format!("somebody else listens at {}, who keeps it", socket.display()));
            return Ok(false);
        }
        Listening::Nobody => {}
    }
    link(&engine, &socket)?;
    tell(&format!("{} is the engine's; the guard takes it again when it is started", socket.display()));
    Ok(true)
}

/// Gives a file a second name, in place of whatever has it, at once.
fn link(file: &Path, name: &Path) -> Result<(), PlaceError> {
    let mut draft = name.as_os_str().to_owned();
    draft.push(DRAFT);
    let draft = PathBuf::from(draft);
    // One of an earlier attempt may be there.
    drop(fs::remove_file(&draft));
    fs::hard_link(file, &draft).map_err(refused("link", &draft))?;
    fs::rename(&draft, name).map_err(refused("give back", name))
}

/// Whether a process is systemd, which holds the guard's socket for it, or runs this very program.
pub fn is_guards(pid: u32) -> bool {
    let own = fs::read_link("/proc/self/exe");
    pid == 1 || own.is_ok_and(|own| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|other| other == own))
}
