//! What is kept of a client: its line of processes as they were when it connected, and where it runs.

use sensor_common::event::{Kind, network as payload, process::ProcessExec};
use sensor_common::header::{Header, NO_SYSCALL};
use sensor_common::lockdown::Client;

use super::containers::Home;
use crate::{
    decode::{Action, Address, Body, Call, Event, Exec, FilePath, NetworkCall, Socket, What},
    identity::{Identity, Location, Maker},
    process::{Limits, ProcessKey, ProcessTable, Seed},
    sys::peer::Peer,
    trail::Containers,
};

/// Most ancestors that are looked at.
pub(super) const MAX_ANCESTORS: usize = 15;
/// Memory of one client's line, in bytes, past which long strings are cut.
const MAX_BYTES: usize = 48 << 10;
/// `AF_UNIX`, `SOCK_STREAM`, and a connected socket's state.
const AF_UNIX: u16 = 1;
const SOCK_STREAM: u16 = 1;
const ESTABLISHED: u16 = 1;

/// A client as it was when it connected.
#[derive(Debug)]
pub(super) struct Scene {
    /// Its connecting, as the event that the fields are about.
    pub(super) event: Event,
    /// It and its ancestors.
    pub(super) table: ProcessTable,
    /// Where they run, its own place first.
    homes: Homes,
}

/// Where processes run, by the id of their cgroup.
#[derive(Debug, Default)]
pub(super) struct Homes(pub(super) Vec<(u64, Home)>);

impl Scene {
    /// Nobody in particular connected.
    pub(super) fn empty(peer: &Peer, listener: &[u8]) -> Self {
        let header = Header {
            kind: Kind::NetworkConnect as u16,
            time: crate::sys::clock::boottime(),
            pid: peer.pid.unwrap_or(0),
            tid: peer.pid.unwrap_or(0),
            uid: peer.uid,
            euid: peer.uid,
            gid: peer.gid,
            syscall: NO_SYSCALL,
            ..Header::default()
        };
        let event = Event { header, body: connecting(listener) };
        Self { event, table: ProcessTable::new(limits(0)), homes: Homes::default() }
    }

    /// The first of `seeds` connected; the others are its ancestors. `homes` are their places, in the same order.
    pub(super) fn new(seeds: Vec<Seed>, homes: Vec<(u64, Home)>, peer: &Peer, listener: &[u8]) -> Self {
        let mut scene = Self::empty(peer, listener);
        let Some(own) = seeds.first() else { return scene };
        let header = &mut scene.event.header;
        header.cgroup = homes.first().map_or(0, |(id, _)| *id);
        header.start = own.key.start;
        (header.pid, header.tid) = (own.key.pid, own.key.pid);
        // The effective id is the one it connected with.
        (header.uid, header.gid, header.mnt_ns) = (own.uid, own.gid, own.mnt_ns);
        let time = header.time;
        scene.table = ProcessTable::new(limits(seeds.len()));
        let mut ids = homes.iter().map(|(id, _)| *id);
        scene.table.seed(seeds, time, |_| ids.next());
        scene.homes = Homes(homes);
        scene
    }

    /// A client that is known by the kernel's record alone.
    pub(super) fn recorded(client: &Client, home: Home, peer: &Peer, listener: &[u8]) -> Self {
        let facts =
            ProcessExec { loginuid: client.loginuid, session_id: client.session, ..ProcessExec::default() };
        let seed = Seed {
            key: ProcessKey { pid: client.pid, start: client.start },
            uid: client.uid,
            euid: client.euid,
            gid: client.gid,
            mnt_ns: client.mnt_ns,
            cgroup: home.path().unwrap_or_default().into(),
            exec: Exec { facts, ..Exec::default() },
        };
        Self::new(vec![seed], vec![(client.cgroup, home)], peer, listener)
    }

    /// Where the client runs.
    pub(super) fn location(&self) -> Location<'_> {
        let own = self.homes.0.first().map(|(_, home)| home);
        let path = own.and_then(Home::path);
        Location { identity: own.map_or(Identity::Unknown, Home::identity), path, maker: Maker::Unknown }
    }

    /// Where its ancestors run.
    pub(super) fn homes(&self) -> &Homes {
        &self.homes
    }
}

impl Containers for Homes {
    fn view(&self, cgroup: u64) -> Identity<'_> {
        let home = self.0.iter().find(|(id, _)| *id == cgroup).map(|(_, home)| home);
        home.map_or(Identity::Unknown, Home::identity)
    }
}

fn limits(processes: usize) -> Limits {
    Limits { processes: processes.max(1), older_images: 1, image_bytes: MAX_BYTES }
}

/// What a client did: it connected to `listener`.
fn connecting(listener: &[u8]) -> Body {
    let mut socket = Socket {
        given: Some(Address::Unix(listener.into())),
        bound_name: listener.into(),
        bound_path: FilePath::new(listener, 0),
        facts: payload::SocketCall { fd: -1, ..payload::SocketCall::default() },
        ..Socket::default()
    };
    let kernel = &mut socket.facts.socket;
    (kernel.family, kernel.kind, kernel.state) = (AF_UNIX, SOCK_STREAM, ESTABLISHED);
    let what = What::Network(NetworkCall::On(Action::Connect, Box::new(socket)));
    Body::Call(Box::new(Call { kind: Kind::NetworkConnect, result: 0, what }))
}
