//! Giving an engine's socket its name back, from wherever a guard left it.
//!
//! What to do follows from which file has which name now; the journal says which file is whose. Nothing is removed that
//! is not the guard's own, and a socket that the engine has made anew keeps the name.

use std::fs;
use std::path::{Path, PathBuf};

use super::{PlaceError, Tell, journal::Journal, refused};
use crate::sys::socket::{Listening, Node, exchange, give_name, listening};

/// Whose file has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Nobody,
    Engine,
    Guard,
    Other,
}

/// What the names say: the one that clients know, and the one aside.
type Names = (Owner, Owner);

/// Gives every socket in the closed directory its name back; tells each step, and how many there were.
pub fn undo_all(directory: &Path, tell: Tell<'_>) -> Result<usize, PlaceError> {
    let journals = Journal::all_in(directory)?;
    for journal in &journals {
        undo(journal, tell)?;
    }
    Ok(journals.len())
}

/// Gives a socket its name back. May be done at any time and again, also while the guard runs.
pub fn undo(journal: &Journal, tell: Tell<'_>) -> Result<(), PlaceError> {
    let Journal { socket, aside, engine: _, guard: _, made_directory: _ } = journal;
    match names(journal)? {
        (Owner::Engine, _) => tell(&format!("{} is the engine's", socket.display())),
        (Owner::Guard, Owner::Engine) => {
            exchange(socket, aside).map_err(refused("give back", socket))?;
            tell(&format!("{} is the engine's again", socket.display()));
        }
        (Owner::Nobody, Owner::Engine) => {
            give_name(aside, socket).map_err(refused("give back", socket))?;
            tell(&format!("{} is the engine's again", socket.display()));
        }
        (Owner::Other, Owner::Engine) => keep(socket, aside, tell)?,
        (Owner::Guard, _) => {
            remove(socket, tell)?;
            tell(&format!(
                "the engine's socket is gone; start the engine to have {} again",
                socket.display()
            ));
        }
        (Owner::Other, _) => tell(&format!("{} was made anew, and stays", socket.display())),
        (Owner::Nobody, _) => {
            tell(&format!("{} is gone; start the engine to have it again", socket.display()));
        }
    }
    if names(journal)?.1 == Owner::Guard {
        remove(aside, tell)?;
    }
    journal.remove()
}

fn names(journal: &Journal) -> Result<Names, PlaceError> {
    let at = |path: &PathBuf| Node::at(path).map_err(refused("look at", path));
    let aside = at(&journal.aside)?;
    // Before the guard's socket is known, what is in the closed directory under that name is it.
    let unknown = journal.guard.is_none();
    let beside = match owner(journal, aside.as_ref()) {
        Owner::Other if unknown && aside.is_some_and(|node| node.is_socket) => Owner::Guard,
        owner @ (Owner::Nobody | Owner::Engine | Owner::Guard | Owner::Other) => owner,
    };
    Ok((owner(journal, at(&journal.socket)?.as_ref()), beside))
}

fn owner(journal: &Journal, node: Option<&Node>) -> Owner {
    match (node, &journal.guard) {
        (None, _) => Owner::Nobody,
        (Some(node), _) if node.is(&journal.engine) => Owner::Engine,
        (Some(node), Some(guard)) if node.is(guard) => Owner::Guard,
        (Some(_), _) => Owner::Other,
    }
}

/// Somebody else has the name now, most likely the engine after a restart. Its old socket goes, unless somebody still
/// listens there.
fn keep(socket: &Path, aside: &Path, tell: Tell<'_>) -> Result<(), PlaceError> {
    tell(&format!("{} was made anew, and stays", socket.display()));
    if listening(aside).map_err(refused("ask", aside))? == Listening::Nobody {
        remove(aside, tell)
    } else {
        tell(&format!("somebody still listens at the old one, which stays at {}", aside.display()));
        Ok(())
    }
}

fn remove(path: &Path, tell: Tell<'_>) -> Result<(), PlaceError> {
    fs::remove_file(path).map_err(refused("remove", path))?;
    tell(&format!("removed {}", path.display()));
    Ok(())
}
