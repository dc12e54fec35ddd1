//! Who the client of a connection is: the process that connected, by the kernel's word, and what /proc and the container
//! runtimes say of it.
//!
//! What is not certain is not said. A process that ended before it was looked at, or that cannot be seen from here (of
//! another pid namespace), has no fields but the ids that the kernel kept with the connection. A connection stays its
//! maker's: whoever else holds the descriptor, by fork or as a message, is taken for the process that connected, and for
//! nobody once that has ended.

mod containers;
mod directory;
mod readers;
mod scene;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::{fmt, io};

use sensor_common::lockdown::Client;
use tokio::net::UnixStream;

pub use directory::{Directory, Settings};
use scene::Scene;

use crate::{
    identity::identities::UNKNOWN_ID,
    process::ProcessKey,
    rules::{
        field::{FieldRef, Fields},
        value::Value,
    },
    sys::{peer::Peer, proc::Line},
};

/// How much is known of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It lives, and the kernel gave a descriptor of exactly the process that connected, or kept when that one started.
    Verified,
    /// It lives; the kernel gave its number only (before 6.5, without the lock-down). Had the process that connected ended
    /// before its connection was accepted, another could have its number.
    ByNumber,
    /// The process that connected has ended, and the kernel kept, with the connection, who it was: its ids, its login and
    /// its container. What it ran is not known.
    Recorded,
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
            Self::Recorded => "recorded",
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
    /// The kernel kept who it is.
    is_recorded: bool,
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
        let record = directory.record(stream);
        Ok(Self::look(peer, record, directory, directory.listener()).await)
    }

    /// Looks at the process that the kernel saw connect to another socket than the guard's.
    pub async fn recorded(client: Client, directory: &Directory, listener: &[u8]) -> Self {
        Self::look(Peer::recorded(&client), Some(client), directory, listener).await
    }

    async fn look(peer: Peer, record: Option<Client>, directory: &Directory, listener: &[u8]) -> Self {
        let line = match peer.pid {
            Some(pid) => directory.line(pid).await,
            None => Line::default(),
        };
        let standing = standing(&peer, &line, record.as_ref());
        let scene = match record {
            _ if standing.is_known() => directory.scene(line, &peer, listener).await,
            Some(client) => directory.recorded_scene(&client, &peer, listener).await,
            None => Scene::empty(&peer, listener),
        };
        let (is_recorded, has_ended) = (record.is_some(), AtomicBool::new(false));
        let caller = Self { peer, standing, is_recorded, has_ended, scene, directory: directory.clone() };
        caller.settle(directory.wanted()).await;
        caller
    }

    /// How much is known of it.
    pub fn standing(&self) -> Standing {
        match (self.has_ended.load(Ordering::Relaxed), self.is_recorded) {
            (false, _) => self.standing,
            (true, true) => Standing::Recorded,
            (true, false) => Standing::Gone,
        }
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
        let standing = self.standing();
        let is_kept = standing == Standing::Recorded && is_kept(name);
        if standing.is_known() || is_kept || name.starts_with("evt.") || name == "fd.name" {
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

/// What is certain of a client. All of it was read while the process held its number; if not, it may be another's.
fn standing(peer: &Peer, line: &Line, record: Option<&Client>) -> Standing {
    let gone = if record.is_some() { Standing::Recorded } else { Standing::Gone };
    let Some(seen) = line.processes.first() else {
        return if peer.pid.is_none() && record.is_none() && !peer.process.has_ended() {
            Standing::Unknown
        } else {
            gone
        };
    };
    let kept = record.map(|client| ProcessKey { pid: client.pid, start: client.start });
    match kept {
        _ if peer.process.has_ended() => gone,
        _ if peer.process.is_exact() => Standing::Verified,
        Some(kept) if (kept.pid, kept.tick()) == (seen.key.pid, seen.key.tick()) => Standing::Verified,
        Some(_) => gone,
        None => Standing::ByNumber,
    }
}

/// Whether a field is about what the kernel keeps of a client.
fn is_kept(name: &str) -> bool {
    ["container.", "k8s.", "vigie.container."].iter().any(|room| name.starts_with(room))
        || KEPT.contains(&name)
}

/// Fields of what the kernel keeps of a client, besides its container's.
const KEPT: [&str; 10] = [
    "proc.pid",
    "user.uid",
    "user.name",
    "user.loginuid",
    "user.loginname",
    "vigie.session.id",
    "group.gid",
    "group.name",
    "vigie.user.euid",
    "vigie.group.egid",
];

impl Fields for Caller {
    /// What is not known in time is missing.
    fn value(&self, field: &FieldRef) -> Value<'_> {
        let value = self.look_up(field);
        if value == Value::Pending { Value::Missing } else { value }
    }
}
