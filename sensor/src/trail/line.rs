//! The trail as one line: `ssh 192.0.2.7:5022 alice(1000) session 3 -> sudo root -> docker exec web -> cat /etc/shadow`.

use crate::{
    identity::{Identity, Metadata, State},
    process::{Image, ProcessKey},
};

use super::{
    Entry, Kind, World,
    clients::{Client, Meant, Started, Verb},
    hops::Hop,
};

/// How often a client's own trail is followed.
const MAX_DEPTH: u32 = 4;
/// Longest trail in front of the command, and longest command, in bytes.
const MAX_TRAIL: usize = 1024;
const MAX_COMMAND: usize = 256;
/// Between two steps.
const ARROW: &[u8] = b" -> ";
/// An id that was never set.
const UNSET: u32 = u32::MAX;

/// Name of one of the host's users by number.
pub type Users<'u> = &'u dyn Fn(u32) -> Option<Box<[u8]>>;

impl World<'_> {
    /// The trail that leads to a process at a moment, and what it runs then; `None` where the process is not known, or a
    /// container that is passed on the way still waits for its runtime's word.
    pub fn trail(self, key: ProcessKey, time: u64, users: Users<'_>) -> Option<Vec<u8>> {
        let mut steps = self.steps(key, time, users, 0)?;
        let image = self.table.get(key)?.image_at(time)?;
        steps.push(command(image));
        Some(steps.join(ARROW))
    }

    fn steps(self, key: ProcessKey, time: u64, users: Users<'_>, depth: u32) -> Option<Vec<Vec<u8>>> {
        let entry = self.entry(key, time)?;
        let mut steps = match entry.container {
            Some(container) => self.into(&entry, container, users, depth)?,
            None => vec![door(&entry, users)],
        };
        steps.extend(self.hops(&entry, key, time).iter().map(|hop| changed(hop, users)));
        while steps.iter().map(|step| step.len().saturating_add(ARROW.len())).sum::<usize>() > MAX_TRAIL {
            // The beginning says who it was.
            steps.truncate(steps.len().saturating_sub(2));
            steps.push(b"...".to_vec());
        }
        Some(steps)
    }

    /// The steps up to the entry of a container.
    fn into(self, entry: &Entry<'_>, id: &[u8], users: Users<'_>, depth: u32) -> Option<Vec<Vec<u8>>> {
        let Identity::Container(container) = self.containers.view(entry.leader.cgroup()) else { return None };
        if container.state == State::Pending && container.metadata.is_none() {
            return None;
        }
        let name = called(container.metadata, container.id.short());
        let verb = match entry.kind {
            Kind::ContainerExec => Verb::Exec,
            Kind::ContainerEntrypoint => Verb::Run,
            Kind::Ssh | Kind::Console | Kind::Cron | Kind::Systemd | Kind::Unknown => {
                return Some(vec![[b"container ", &*name].concat()]);
            }
        };
        let meant = match entry.image {
            Some(image) => {
                let started = Started {
                    verb,
                    container: id,
                    metadata: container.metadata,
                    exec: &image.exec,
                    time: image.time,
                };
                self.clients.of(&started, self.table)
            }
            None => Meant::None,
        };
        let alone = |how: &str| vec![[how.as_bytes(), b" ", verb.name().as_bytes(), b" ", &*name].concat()];
        Some(match meant {
            Meant::One(client) => self.by_client(client, &name, users, depth)?,
            Meant::OneOf(count) => {
                let text = format!("{} {} (one of {count}) ", container.runtime.name(), verb.name());
                vec![[text.as_bytes(), &*name].concat()]
            }
            Meant::None => alone("container"),
        })
    }

    fn by_client(self, client: &Client, name: &[u8], users: Users<'_>, depth: u32) -> Option<Vec<Vec<u8>>> {
        let own = [&*client.tool, b" ", client.verb.name().as_bytes(), b" ", name].concat();
        if depth >= MAX_DEPTH {
            return Some(vec![b"...".to_vec(), own]);
        }
        // A client that has been forgotten meanwhile leaves its own word only.
        let mut steps = if self.table.get(client.key).is_some() {
            self.steps(client.key, client.time, users, depth.saturating_add(1))?
        } else {
            Vec::new()
        };
        steps.push(own);
        Some(steps)
    }
}

/// A container's name, or its short id.
fn called(metadata: Option<&Metadata>, id: &[u8]) -> Box<[u8]> {
    let name = metadata.map(|known| known.name.as_bytes()).filter(|name| !name.is_empty());
    plain(name.unwrap_or(id)).into()
}

/// The first step on the host.
fn door(entry: &Entry<'_>, users: Users<'_>) -> Vec<u8> {
    let kind = entry.kind.name().as_bytes();
    let who = entry.image.map(|image| login(image, users)).unwrap_or_default();
    let name = || plain(entry.image.map_or(&b""[..], |image| image.exec.exe.file_name()));
    match entry.kind {
        Kind::Ssh => {
            let peer = entry.peer.map_or_else(|| "unknown".to_owned(), |peer| peer.to_string());
            [kind, b" ", peer.as_bytes(), b" ", &who].concat()
        }
        Kind::Console | Kind::Cron => [kind, b" ", &who].concat(),
        Kind::Systemd | Kind::Unknown | Kind::ContainerEntrypoint | Kind::ContainerExec => {
            [kind, b" ", &name()].concat()
        }
    }
}

/// Who logged in: the audit login if one was set, else the user of the first program behind the door.
fn login(image: &Image, users: Users<'_>) -> Vec<u8> {
    let facts = &image.exec.facts;
    let uid = if facts.loginuid == UNSET { image.uid } else { facts.loginuid };
    let mut who = user(uid, users);
    who.extend(format!("({uid})").into_bytes());
    if facts.session_id != UNSET {
        who.extend(format!(" session {}", facts.session_id).into_bytes());
    }
    who
}

fn changed(hop: &Hop, users: Users<'_>) -> Vec<u8> {
    let program = plain(&hop.program);
    hop.after.map_or_else(|| program.clone(), |uid| [&*program, b" ", &user(uid, users)].concat())
}

/// A user's name, or the number where there is none.
fn user(uid: u32, users: Users<'_>) -> Vec<u8> {
    users(uid).map_or_else(|| uid.to_string().into_bytes(), |name| plain(&name))
}

/// What runs at the end: name and arguments.
fn command(image: &Image) -> Vec<u8> {
    let mut text = image.exec.name().to_vec();
    for argument in image.exec.argv.args().skip(1) {
        text.push(b' ');
        text.extend_from_slice(argument);
        if text.len() > MAX_COMMAND {
            text.truncate(MAX_COMMAND);
            text.extend_from_slice(b"...");
            break;
        }
    }
    plain(&text)
}

/// Words that others chose, which may not look like a step.
fn plain(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    for byte in text {
        if *byte == b'>' && plain.last() == Some(&b'-') {
            plain.push(b'\\');
        }
        plain.push(*byte);
    }
    plain
}
