//! The entry leader: the first process of a tree behind the door by which it entered.

use std::net::SocketAddr;

use crate::{
    decode::Exec,
    process::{Image, Process, ProcessKey},
};

use super::World;

/// The door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A login by ssh.
    Ssh,
    /// A login on a terminal of the host.
    Console,
    /// A job of cron or at.
    Cron,
    /// A service of the host's first process.
    Systemd,
    /// The first process of a container.
    ContainerEntrypoint,
    /// A process put into a running container from outside.
    ContainerExec,
    /// None of them, or the ancestor that would tell is not known.
    Unknown,
}

impl Kind {
    /// Its name in `vigie.entry.type`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ssh => "ssh",
            Self::Console => "console",
            Self::Cron => "cron",
            Self::Systemd => "systemd",
            Self::ContainerEntrypoint => "container_entrypoint",
            Self::ContainerExec => "container_exec",
            Self::Unknown => "unknown",
        }
    }
}

/// How a tree of processes began.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The door.
    pub kind: Kind,
    /// The first process behind it.
    pub leader: &'a Process,
    /// What that ran first behind it, as far as is still known.
    pub image: Option<&'a Image>,
    /// Of a login by ssh who connected, by the server's own socket.
    pub peer: Option<SocketAddr>,
    /// Of a process in a container the container's whole id.
    pub container: Option<&'a [u8]>,
    /// Whatever runs in front of the door: mount namespace of the process outside a container.
    outside: Option<u32>,
}

/// Servers of ssh logins, where systems install them. They are believed only if root runs them.
const SSH: [&[u8]; 6] = [
    b"/usr/sbin/sshd",
    b"/usr/local/sbin/sshd",
    b"/usr/lib/openssh/sshd-session",
    b"/usr/libexec/openssh/sshd-session",
    b"/usr/libexec/sshd-session",
    b"/usr/lib/ssh/sshd-session",
];
const LOGIN: [&[u8]; 2] = [b"/usr/bin/login", b"/bin/login"];
const CRON: [&[u8]; 6] = [
    b"/usr/sbin/cron",
    b"/usr/sbin/crond",
    b"/usr/sbin/atd",
    b"/usr/bin/crond",
    b"/usr/sbin/anacron",
    b"/usr/sbin/fcron",
];
/// What puts processes into containers: of these the first argument that is one of the words tells how.
const RUNTIMES: [&[u8]; 4] = [b"runc", b"crun", b"youki", b"runsc"];
/// The host's first process.
const INIT: u32 = 1;

impl<'a> World<'a> {
    /// How the tree of this process began, as of a moment; `None` where the process itself is not known.
    pub fn entry(self, key: ProcessKey, time: u64) -> Option<Entry<'a>> {
        let line = self.line(key);
        let own = line.first()?;
        if let Some(container) = self.container(own) {
            return self.into_container(&line, container, time);
        }
        let mut pairs = line.iter().zip(line.iter().skip(1).map(Some).chain([None]));
        pairs.find_map(|(process, parent)| on_host(process, parent.copied(), &line, time))
    }

    /// The entry into a container of the line's first process.
    fn into_container(self, line: &[&'a Process], container: &'a [u8], time: u64) -> Option<Entry<'a>> {
        let inside = line.iter().take_while(|process| self.container(process) == Some(container)).count();
        let (inside, beyond) = line.split_at_checked(inside)?;
        let outside = beyond.first().copied();
        let mnt_ns = outside.and_then(|process| process.image_at(time)).map(|image| image.mnt_ns);
        let entered = inside.iter().rev().find_map(|process| {
            let image = first_behind(process, mnt_ns, time)?;
            Some((*process, image))
        });
        let (leader, image) =
            entered.map_or((*inside.last()?, None), |(leader, image)| (leader, Some(image)));
        let kind = container_kind(leader, image, outside, time);
        Some(Entry { kind, leader, image, peer: None, container: Some(container), outside: mnt_ns })
    }
}

impl Entry<'_> {
    /// Whether an image is of what runs in front of the door.
    pub(super) fn is_in_front(&self, image: &Image) -> bool {
        match self.kind {
            Kind::ContainerEntrypoint | Kind::ContainerExec => Some(image.mnt_ns) == self.outside,
            Kind::Ssh => is_one_of(image, &SSH),
            Kind::Console => is_one_of(image, &LOGIN),
            Kind::Cron => is_one_of(image, &CRON),
            Kind::Systemd | Kind::Unknown => self.container.is_some() && Some(image.mnt_ns) == self.outside,
        }
    }
}

/// What a process ran first that was not the outside's.
fn first_behind(process: &Process, outside: Option<u32>, time: u64) -> Option<&Image> {
    process.images_until(time).map(AsRef::as_ref).find(|image| Some(image.mnt_ns) != outside)
}

/// Whether a process on the host is an entry leader, by what its parent is.
fn on_host<'a>(
    process: &'a Process,
    parent: Option<&'a Process>,
    line: &[&'a Process],
    time: u64,
) -> Option<Entry<'a>> {
    let own = process.image_at(time).map(AsRef::as_ref);
    let above = parent.and_then(|parent| parent.image_at(process.key().start).or(parent.image()));
    let above = above.map(AsRef::as_ref);
    let is = |image: Option<&Image>, paths| image.is_some_and(|image| is_one_of(image, paths));
    let kind = match parent {
        _ if is(own, &SSH) && peer(line, process).is_some() => Kind::Ssh,
        _ if is(above, &SSH) && !is(own, &SSH) => Kind::Ssh,
        _ if is(above, &LOGIN) && !is(own, &LOGIN) => Kind::Console,
        _ if is(above, &CRON) && !is(own, &CRON) => Kind::Cron,
        Some(parent) if parent.key().pid == INIT && is_systemd(above) => Kind::Systemd,
        _ if process.key().pid == INIT && is_systemd(own) => Kind::Systemd,
        Some(parent) if parent.key().pid != INIT => return None,
        Some(_) | None => Kind::Unknown,
    };
    let peer = if kind == Kind::Ssh { peer(line, process) } else { None };
    let mut entry = Entry { kind, leader: process, image: None, peer, container: None, outside: None };
    let images = process.images_until(time).map(AsRef::as_ref);
    entry.image =
        images.filter(|image| !entry.is_in_front(image)).find(|image| is_own(image, process)).or(own);
    Some(entry)
}

/// Whether a process ran it itself, and not only its maker.
fn is_own(image: &Image, process: &Process) -> bool {
    image.from_proc || image.time >= process.key().start
}

fn is_systemd(image: Option<&Image>) -> bool {
    image.is_some_and(|image| image.exec.exe.file_name() == b"systemd")
}

/// Whether root runs one of these programs, from a file that has a name still and is no container's own work.
fn is_one_of(image: &Image, paths: &[&[u8]]) -> bool {
    let Exec { exe, .. } = &*image.exec;
    let doubtful = image.exec.is_memfd() || image.exec.is_upper_layer() || exe.is_detached();
    image.uid == 0 && !doubtful && paths.contains(&exe.as_bytes())
}

/// Who connected: the ssh server starts each session's process anew, with the connection as its standard input.
fn peer(line: &[&Process], leader: &Process) -> Option<SocketAddr> {
    let from = line.iter().skip_while(|process| process.key() != leader.key());
    let mut images = from.flat_map(|process| process.images_until(u64::MAX));
    images.find_map(|image| image.exec.stdin_peer().filter(|_| is_one_of(image, &SSH)))
}

/// Whether a container's runtime began it or put a process into it: by the runtime's own command, else by the
/// process's id in there.
fn container_kind(leader: &Process, image: Option<&Image>, outside: Option<&Process>, time: u64) -> Kind {
    let said = outside.and_then(|outside| outside.images_until(time).find_map(|image| verb(&image.exec)));
    if let Some(kind) = said {
        return kind;
    }
    let pid_ns = |image: &Image| image.exec.facts.pid_ns;
    let outside = outside.and_then(|outside| outside.image_at(time)).map(|image| pid_ns(image));
    match leader.vpid() {
        Some(1) => Kind::ContainerEntrypoint,
        Some(_) if image.map(pid_ns).zip(outside).is_some_and(|(inside, outside)| inside != outside) => {
            Kind::ContainerExec
        }
        Some(_) | None => Kind::Unknown,
    }
}

fn verb(exec: &Exec) -> Option<Kind> {
    if !RUNTIMES.contains(&exec.exe.file_name()) {
        return None;
    }
    exec.argv.args().skip(1).find_map(|argument| match argument {
        b"exec" => Some(Kind::ContainerExec),
        b"create" | b"run" | b"restore" => Some(Kind::ContainerEntrypoint),
        _ => None,
    })
}
