//! Who the client of a connection is: the process that connected, by the kernel's word, and what /proc and the container
//! runtimes say of it.
//!
//! What is not certain is not said. A process that ended before it was looked at, or that cannot be seen from here (of
//! another pid namespace), has no fields but the ids that the kernel kept with the connection. A connection stays its
//! maker's: whoever else holds the descriptor, by fork or as a message, is taken for the process that connected, and for
//! nobody once that has ended.

mod containers;
mod directory;
mod scene;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::{fmt, io};

use tokio::net::UnixStream;

pub use directory::{Directory, Settings};
use scene::Scene;

use crate::{
    identity::identities::UNKNOWN_ID,
    rules::{
        field::{FieldRef, Fields},
        value::Value,
    },
    sys::{peer::Peer, proc::Line},
};

/// How much is known of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It lives, and the kernel gave a descriptor of exactly the process that connected.
    Verified,
    /// It lives; the kernel gave its number only (before 6.5). Had the process that connected ended before its connection
    /// was accepted, another could have its number.
    ByNumber,
    /// The process that connected has ended.
    Gone,
    /// It lives in a pid namespace that cannot be seen from here.
    Unknown,
}

impl Standing {
    /// Its name in the audit log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::ByNumber => "by_number",
            Self::Gone => "gone",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the process can be told from others, so that it has fields.
    pub const fn is_known(self) -> bool {
        matches!(self, Self::Verified | Self::ByNumber)
    }
}

/// The client of one connection.
pub struct Caller {
    peer: Peer,
    standing: Standing,
    /// It ended after it was looked at.
    has_ended: AtomicBool,
    scene: Scene,
    directory: Directory,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("peer", &self.peer)
            .field("standing", &self.standing())
            .finish_non_exhaustive()
    }
}

impl Caller {
    /// Looks at the process at the other end of an accepted connection, and waits a bounded time for what runtimes and
    /// accounts files say of it. An error only where the kernel does not even tell that process's number.
    pub async fn of(stream: &UnixStream, directory: &Directory) -> io::Result<Self> {
        let peer = Peer::of(stream)?;
        let line = match peer.pid {
            Some(pid) => directory.line(pid).await,
            None => Line::default(),
        };
        // All of it was read while the process held its number; if not, it may be another's.
        let standing = match (peer.pid, &peer.process) {
            (_, process) if process.has_ended() => Standing::Gone,
            (None, _) => Standing::Unknown,
            (Some(_), _) if line.processes.is_empty() => Standing::Gone,
            (Some(_), process) if process.is_exact() => Standing::Verified,
            (Some(_), _) => Standing::ByNumber,
        };
        let scene = if standing.is_known() {
            directory.scene(line, &peer).await
        } else {
            Scene::empty(&peer, directory.listener())
        };
        let caller =
            Self { peer, standing, has_ended: AtomicBool::new(false), scene, directory: directory.clone() };
        caller.settle(directory.wanted()).await;
        Ok(caller)
    }

    /// How much is known of it.
    pub fn standing(&self) -> Standing {
        if self.has_ended.load(Ordering::Relaxed) { Standing::Gone } else { self.standing }
    }

    /// Looks whether the process that connected still lives: before each request but the first. Once it has ended it has
    /// no fields any more, whoever it is that still speaks.
    pub fn recheck(&self) -> Standing {
        if self.standing.is_known() && self.peer.process.has_ended() {
            self.has_ended.store(true, Ordering::Relaxed);
        }
        self.standing()
    }

    /// Process id in the guard's pid namespace, where it can be seen from there.
    pub fn pid(&self) -> Option<u32> {
        self.peer.pid
    }

    /// Effective user id at the moment of connecting, by the kernel.
    pub fn uid(&self) -> u32 {
        self.peer.uid
    }

    /// Effective group id at the moment of connecting, by the kernel.
    pub fn gid(&self) -> u32 {
        self.peer.gid
    }

    /// Waits, as long as the directory's patience lasts, until these fields are known or known to be missing; says
    /// whether they are. Digests and packages of executables take that.
    pub async fn settle(&self, fields: &[FieldRef]) -> bool {
        let is_settled = || !fields.iter().any(|field| self.look_up(field).is_pending());
        self.directory.wait_until(is_settled).await
    }

    /// A field's value, which may be still to come.
    fn look_up(&self, field: &FieldRef) -> Value<'static> {
        let name = field.field.name;
        if self.standing().is_known() || name.starts_with("evt.") {
            return self.directory.observe(&self.scene, |observation| observation.value(field).into_owned());
        }
        match name {
            "container.id" | "container.full_id" => Value::text(UNKNOWN_ID),
            "proc.pid" => self.peer.pid.map_or(Value::Missing, |pid| Value::Number(pid.into())),
            "vigie.user.euid" => Value::Number(self.peer.uid.into()),
            "vigie.group.egid" => Value::Number(self.peer.gid.into()),
            _ => Value::Missing,
        }
    }
}

impl Fields for Caller {
    /// What is not known in time is missing.
    fn value(&self, field: &FieldRef) -> Value<'_> {
        let value = self.look_up(field);
        if value == Value::Pending { Value::Missing } else { value }
    }
}
