//! Everybody who may be asked about a container, and how their words are weighed.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::container_id::ContainerId;
use super::counters::Counters;
use super::docker::facts::{Host, gather};
use super::docker::http::{Engine, Limits};
use super::facts::Facts;
use super::grpc::Socket;
use super::machine::Machines;
use super::podman::facts::Podman;
use super::source::{Source, Sources};
use super::state::Reason;
use super::{containerd, cri};

/// What is to be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The container.
    pub id: ContainerId,
    /// Who might know it.
    pub sources: Sources,
    /// Users in whose parts of the cgroup hierarchy it is claimed to be.
    pub owners: Vec<u32>,
}

/// Where the runtimes are.
#[derive(Clone, Debug)]
pub struct Places {
    /// The Docker Engine's socket.
    pub docker_socket: PathBuf,
    /// Sockets at which runtimes speak CRI.
    pub cri_sockets: Vec<PathBuf>,
    /// Directories of root's podman storages.
    pub podman_storages: Vec<PathBuf>,
}

impl Default for Places {
    fn default() -> Self {
        let paths = |paths: &[&str]| paths.iter().map(PathBuf::from).collect();
        Self {
            docker_socket: PathBuf::from("/var/run/docker.sock"),
            cri_sockets: paths(&[
                "/run/containerd/containerd.sock",
                "/run/crio/crio.sock",
                "/run/k3s/containerd/containerd.sock",
            ]),
            podman_storages: paths(&["/var/lib/containers/storage"]),
        }
    }
}

/// The witnesses.
#[derive(Clone, Debug)]
pub struct Witnesses {
    /// The Docker Engine.
    pub docker: Engine,
    /// Runtimes that speak CRI, containerd's own API, or both.
    pub sockets: Vec<Socket>,
    podman: Podman,
    machines: Machines,
}

impl Witnesses {
    /// Those at these places.
    pub fn new(places: Places, limits: Limits, counters: &Arc<Counters>) -> Self {
        let Places { docker_socket, cri_sockets, podman_storages } = places;
        let socket = |path| Socket::new(path, limits, Arc::clone(counters));
        Self {
            docker: Engine::new(docker_socket, limits, Arc::clone(counters)),
            sockets: cri_sockets.into_iter().map(socket).collect(),
            podman: Podman::new(podman_storages, limits, Arc::clone(counters)),
            machines: Machines::default(),
        }
    }

    /// Asks all who might know at once, and believes the first in the order of [`Source::ALL`] who does.
    pub async fn gather(&self, question: &Question, host: &Host) -> Result<Facts, Reason> {
        let Ok(id) = std::str::from_utf8(question.id.as_bytes()) else { return Err(Reason::UnknownId) };
        let (docker, cri, podman) = tokio::join!(
            asked(question, Source::Docker, async || {
                gather(&self.docker, host, id).await.map_err(|error| error.reason())
            }),
            asked(question, Source::Cri, async || self.at_sockets(host.cgroup_of, id).await),
            asked(question, Source::Podman, async || {
                self.podman.gather(host.cgroup_of, id, &question.owners).await
            }),
        );
        let machine = asked(question, Source::Machines, async || self.machines.gather(host.cgroup_of, id));
        weigh([docker, cri, podman, machine.await])
    }

    async fn at_sockets(&self, cgroup_of: fn(u32) -> Option<Vec<u8>>, id: &str) -> Result<Facts, Reason> {
        let mut asking = JoinSet::new();
        for socket in &self.sockets {
            let (socket, id) = (socket.clone(), id.to_owned());
            asking.spawn(async move { at_socket(&socket, cgroup_of, &id).await });
        }
        weigh(asking.join_all().await)
    }
}

/// The word of one witness, or that it was not asked.
async fn asked(
    question: &Question,
    source: Source,
    word: impl AsyncFnOnce() -> Result<Facts, Reason>,
) -> Result<Facts, Reason> {
    if question.sources.contains(source) { word().await } else { Err(Reason::NoClient) }
}

/// CRI knows more of pods; what it does not know, containerd itself may.
async fn at_socket(
    socket: &Socket,
    cgroup_of: fn(u32) -> Option<Vec<u8>>,
    id: &str,
) -> Result<Facts, Reason> {
    let facts = socket.ask(async |mut session| match cri::facts::gather(&mut session, cgroup_of, id).await {
        Err(error) if error.is_absence() => containerd::facts::gather(&mut session, cgroup_of, id).await,
        result => result,
    });
    facts.await.map_err(|error| error.reason())
}

/// The first who knows the container; if nobody does, the gravest of the reasons.
fn weigh(words: impl IntoIterator<Item = Result<Facts, Reason>>) -> Result<Facts, Reason> {
    let mut gravest = Reason::NoClient;
    for word in words {
        match word {
            Ok(facts) => return Ok(facts),
            Err(reason) if gravity(reason) > gravity(gravest) => gravest = reason,
            Err(_) => {}
        }
    }
    Err(gravest)
}

/// How much a reason weighs: who answered at all outweighs who is not there, and who should have known outweighs
/// who does not.
const fn gravity(reason: Reason) -> u8 {
    match reason {
        Reason::NoClient => 0,
        Reason::Unreachable => 1,
        Reason::UnknownId | Reason::OtherCgroup | Reason::NotRunning => 2,
        Reason::TimedOut | Reason::Garbage | Reason::Refused | Reason::Busy => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::claim::Runtime;
    use crate::identity::metadata::Metadata;

    #[test]
    fn who_knows_is_believed_and_who_is_not_there_counts_least() {
        let metadata = Arc::new(Metadata::of(Runtime::Podman));
        let facts = Facts { source: Source::Podman, metadata, cgroups: Vec::new(), ended: None };
        assert!(weigh([Err(Reason::TimedOut), Ok(facts), Err(Reason::Refused)]).is_ok());
        for (words, reason) in [
            (&[Reason::Unreachable, Reason::UnknownId][..], Reason::UnknownId),
            (&[Reason::UnknownId, Reason::TimedOut, Reason::Unreachable], Reason::TimedOut),
            (&[Reason::NoClient, Reason::Unreachable], Reason::Unreachable),
            (&[], Reason::NoClient),
        ] {
            assert_eq!(weigh(words.iter().map(|reason| Err(*reason))).err(), Some(reason));
        }
    }
}
