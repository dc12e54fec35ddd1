//! Everything podman's storage tells of one container.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::storage::{Details, Storage, StorageError, Stored};
use crate::identity::claim::Runtime;
use crate::identity::counters::{Count, Counters};
use crate::identity::docker::http::Limits;
use crate::identity::docker::image::Reference;
use crate::identity::docker::model::timestamp;
use crate::identity::facts::Facts;
use crate::identity::metadata::{Image, Metadata};
use crate::identity::oci::Spec;
use crate::identity::placement::is_within;
use crate::identity::source::Source;
use crate::identity::state::Reason;
use crate::sys::home;

/// Most reads at once: a file system that never answers (a dead server's) costs no more threads than these.
pub const READERS: usize = 4;

/// podman's storages on this host.
#[derive(Clone, Debug)]
pub struct Podman {
    roots: Vec<PathBuf>,
    limits: Limits,
    readers: Arc<Semaphore>,
    counters: Arc<Counters>,
}

impl Podman {
    /// The storages of root's at these places, and each user's own at its usual place.
    pub fn new(roots: Vec<PathBuf>, limits: Limits, counters: Arc<Counters>) -> Self {
        Self { roots, limits, readers: Arc::new(Semaphore::new(READERS)), counters }
    }

    /// Reads what there is of the container `id` (a hex id) in root's storages and in those of `owners`.
    pub async fn gather(
        &self,
        cgroup_of: fn(u32) -> Option<Vec<u8>>,
        id: &str,
        owners: &[u32],
    ) -> Result<Facts, Reason> {
        self.counters.add(Count::PodmanReads);
        let wait = self.limits.answer;
        let result = match timeout(wait, self.search(cgroup_of, id, owners)).await {
            Ok(result) => result,
            Err(_) => Err(Reason::TimedOut),
        };
        result.inspect_err(|reason| self.counters.add(count(*reason)))
    }

    /// A thread that hangs keeps its place among the readers.
    async fn search(
        &self,
        cgroup_of: fn(u32) -> Option<Vec<u8>>,
        id: &str,
        owners: &[u32],
    ) -> Result<Facts, Reason> {
        let Ok(place) = Arc::clone(&self.readers).acquire_owned().await else { return Err(Reason::Busy) };
        let (roots, owners, id) = (self.roots.clone(), owners.to_vec(), id.to_owned());
        let limit = u64::try_from(self.limits.body).unwrap_or(u64::MAX);
        let search = move || {
            let found = in_storages(&storages(&roots, &owners), &id, limit);
            drop(place);
            found.map(|(stored, base)| facts(stored, &base, cgroup_of))
        };
        spawn_blocking(search).await.unwrap_or(Err(Reason::Busy))
    }
}

/// Root's storages, and those of the users.
fn storages(roots: &[PathBuf], owners: &[u32]) -> Vec<Storage> {
    let roots = roots.iter().map(|root| Storage { root: root.clone(), owner: 0, base: String::new() });
    let users = owners.iter().filter_map(|&owner| {
        let root = home::of_user(owner)?.join(".local/share/containers/storage");
        let base = format!("/user.slice/user-{owner}.slice/user@{owner}.service");
        Some(Storage { root, owner, base })
    });
    roots.chain(users).collect()
}

/// The first storage that has it; what cannot be read elsewhere matters only if none has.
fn in_storages(storages: &[Storage], id: &str, limit: u64) -> Result<(Stored, String), Reason> {
    let mut failure = Reason::UnknownId;
    for storage in storages {
        match storage.read(id, limit) {
            Ok(stored) => return Ok((stored, storage.base.clone())),
            Err(StorageError::NotFound) => {}
            Err(error) => {
                tracing::debug!("podman: {error}");
                failure = reason(&error);
            }
        }
    }
    Err(failure)
}

fn reason(error: &StorageError) -> Reason {
    match error {
        StorageError::NotFound => Reason::UnknownId,
        StorageError::Unreadable { source, .. } if source.kind() == std::io::ErrorKind::FileTooLarge => {
            Reason::Garbage
        }
        StorageError::Unreadable { .. } => Reason::Refused,
        StorageError::Json { .. } => Reason::Garbage,
    }
}

const fn count(reason: Reason) -> Count {
    match reason {
        Reason::TimedOut | Reason::Busy => Count::PodmanTimedOut,
        Reason::Refused => Count::PodmanRefused,
        Reason::UnknownId => Count::PodmanNotFound,
        Reason::NoClient
        | Reason::Unreachable
        | Reason::Garbage
        | Reason::OtherCgroup
        | Reason::NotRunning => Count::PodmanGarbage,
    }
}

/// What podman wrote. Of a container whose init process is gone the last run counts as ended when that process's
/// number was written: the container's cgroup was there before, and another made later is none of its own.
fn facts(stored: Stored, base: &str, cgroup_of: fn(u32) -> Option<Vec<u8>>) -> Facts {
    let Stored { listed, spec, init } = stored;
    let cgroups = spec.as_ref().map(|spec| spec.cgroups(base)).unwrap_or_default();
    let lives = |pid| cgroup_of(pid).is_some_and(|at| cgroups.iter().any(|cgroup| is_within(&at, cgroup)));
    let ended = init.filter(|(pid, _)| !lives(*pid)).map(|(_, written)| written);
    let details: Details = serde_json::from_str(&listed.metadata).unwrap_or_default();
    let id = if listed.image.is_empty() { String::new() } else { format!("sha256:{}", listed.image) };
    let metadata = Metadata {
        name: listed.names.into_iter().next().unwrap_or_default(),
        image: image(details.image_name, id),
        created: timestamp(&listed.created),
        started: init.map(|(_, written)| written),
        ..of_spec(spec)
    };
    Facts { source: Source::Podman, metadata: Arc::new(metadata.bounded()), cgroups, ended }
}

fn of_spec(spec: Option<Spec>) -> Metadata {
    let metadata = Metadata::of(Runtime::Podman);
    let Some(spec) = spec else { return metadata };
    let privileged = spec.annotations.get("io.podman.annotations.privileged").map(|text| text == "TRUE");
    Metadata { privileged, shares: spec.shares(), mounts: Some(spec.mounts()), ..metadata }
}

fn image(reference: String, id: String) -> Image {
    let parts = Reference::parse(&reference);
    let (repository, tag) = (parts.repository.to_owned(), parts.tag.to_owned());
    let digest = parts.digest.to_owned();
    Image { reference, repository, tag, digest, id }
}

/// The user in whose part of the hierarchy a cgroup is, if it is in one's.
pub fn owner_of(cgroup: &[u8]) -> Option<u32> {
    let slice = cgroup.strip_prefix(b"/user.slice/user-")?.split(|&byte| byte == b'/').next()?;
    std::str::from_utf8(slice.strip_suffix(b".slice")?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
