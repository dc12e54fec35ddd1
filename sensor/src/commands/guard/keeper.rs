//! Keeping the engine's place: an engine that is started anew makes its socket anew, under the name that the guard has.
//!
//! The name is looked at several times a second. Once something else has it, that is told; once a socket that somebody
//! listens at has it and has not changed between two looks, its place is taken again. Engines set owner and mode by
//! name, so one that is still at it would set those of the guard's socket.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::sleep;

use crate::guard::place::{PlaceError, take::Taken};
use crate::guard::proxy::Listener;
use crate::sink::{Severity, status};
use crate::sys::socket::{Listening, Node, listening};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// The engine's place.
#[derive(Debug)]
pub(super) struct Kept {
    socket: PathBuf,
    engine: PathBuf,
    /// None while somebody else has the name and what was taken is given up.
    taken: Option<Taken>,
}

/// What keeping the place came to.
#[derive(Debug)]
pub(super) enum News {
    /// Clients do not come to the guard any more.
    Lost,
    /// They do again, at this listener.
    Retaken(Listener),
}

impl Kept {
    /// Takes the place of this socket.
    pub(super) fn take(socket: &Path) -> Result<Self, PlaceError> {
        let taken = Taken::take(socket, &mut tell)?;
        let (socket, engine) = (taken.socket().to_owned(), taken.engine().to_owned());
        Ok(Self { socket, engine, taken: Some(taken) })
    }

    /// The name that clients know.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Where the engine's socket is.
    pub(super) fn engine(&self) -> &Path {
        &self.engine
    }

    /// Where clients come, if they do. To be called within a runtime.
    pub(super) fn listener(&self) -> Option<std::io::Result<Listener>> {
        let taken = self.taken.as_ref()?;
        Some(taken.listener.try_clone().and_then(Listener::given))
    }

    /// Gives the place back, if it is taken.
    pub(super) fn give_back(self) -> Result<(), PlaceError> {
        self.taken.map_or(Ok(()), |taken| taken.give_back(&mut tell))
    }

    fn is_in_place(&self) -> bool {
        self.taken.as_ref().is_some_and(Taken::is_in_place)
    }

    /// Waits until the place is lost, or taken again.
    pub(super) async fn news(&mut self, was_lost: bool) -> News {
        let (mut seen, mut told) = (None, None);
        loop {
            if !was_lost {
                if !self.is_in_place() {
                    return News::Lost;
                }
            } else if let Some(now) = successor(&self.socket) {
                if seen.as_ref() == Some(&now) {
                    match self.take_again() {
                        Ok(listener) => return News::Retaken(listener),
                        Err(error) => tell_once(&mut told, &error),
                    }
                }
                seen = Some(now);
            }
            sleep(PAUSE).await;
        }
    }

    fn take_again(&mut self) -> Result<Listener, PlaceError> {
        if let Some(taken) = self.taken.take() {
            taken.give_back(&mut tell)?;
        }
        let kept = Self::take(&self.socket)?;
        let taken = kept.taken.as_ref().map(|taken| taken.listener.try_clone().and_then(Listener::given));
        let refused = |source| PlaceError::Refused { what: "listen at", path: self.socket.clone(), source };
        let listener = taken.ok_or_else(|| PlaceError::Taken { path: self.socket.clone() })?;
        let listener = listener.map_err(refused)?;
        *self = kept;
        Ok(listener)
    }
}

/// A socket at which somebody listens.
fn successor(socket: &Path) -> Option<Node> {
    let node = Node::at(socket).ok().flatten().filter(|node| node.is_socket)?;
    matches!(listening(socket), Ok(Listening::Somebody(_))).then_some(node)
}

fn tell(text: &str) {
    status(Severity::Info, &format!("guard: {text}"));
}

/// What goes wrong at every look is told at the first one.
fn tell_once(told: &mut Option<String>, error: &PlaceError) {
    let text = error.to_string();
    if told.as_ref() != Some(&text) {
        status(Severity::Error, &format!("guard: the place cannot be taken again: {text}"));
        *told = Some(text);
    }
}
