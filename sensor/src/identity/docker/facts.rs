//! Everything Docker can say of one container.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::cgroup::candidates;
use super::http::{Engine, RequestError};
use super::image::{Reference, names_by_id};
use super::model::{ContainerInspect, Driver, Event, HostConfig, ImageInspect, MountPoint, timestamp};
use super::stream::history;
use crate::identity::claim::Runtime;
use crate::identity::container_id::is_hex_id;
use crate::identity::facts::{Facts, Happening, What};
use crate::identity::metadata::{HostNamespaces, Image, Metadata, Mount};
use crate::identity::placement::confirmed;
use crate::identity::pod::pod_of_labels;
use crate::identity::source::Source;

/// What is known of the host besides Docker's answers.
#[derive(Clone, Debug)]
pub struct Host {
    /// The daemon's driver, if it said.
    pub driver: Option<Driver>,
    /// `cgroup-parent` in the daemon's configuration, which its API does not tell; empty for none.
    pub cgroup_parent: String,
    /// The v2 cgroup of a living process.
    pub cgroup_of: fn(u32) -> Option<Vec<u8>>,
    /// The time of day.
    pub now: fn() -> Timestamp,
}

/// Asks about the container `id` (a hex id). A container that is gone already is told from the events that the
/// engine remembers of it.
pub async fn gather(engine: &Engine, host: &Host, id: &str) -> Result<Facts, RequestError> {
    match inspect(engine, host, id).await {
        Ok(facts) => Ok(facts),
        Err(RequestError::NotFound) => {
            let events = history(engine, id, (host.now)()).await?;
            remembered(host, id, &events).ok_or(RequestError::NotFound)
        }
        Err(error) => Err(error),
    }
}

/// What a container's own events say of it, if its creation is among them.
pub fn remembered(host: &Host, id: &str, events: &[Event]) -> Option<Facts> {
    let created = events.iter().rev().find(|event| event.action == "create")?;
    let ended =
        events.iter().rev().find(|event| matches!(event.action.as_str(), "start" | "die" | "destroy"));
    let ended = ended.filter(|event| event.action != "start").map(Event::time);
    Some(Facts { ended, ..announced(host, id, created) })
}

/// What a container's `create` event alone says of it. Its cgroup parent is not in there: only the default
/// place is taken for its own.
pub fn announced(host: &Host, id: &str, created: &Event) -> Facts {
    let mut labels = created.actor.attributes.clone();
    let name = labels.remove("name").unwrap_or_default();
    let image = image_of(labels.remove("image").unwrap_or_default(), String::new(), &ImageInspect::default());
    let pod = pod_of_labels(&labels);
    let metadata =
        Metadata { name, image, labels, pod, created: Some(created.time()), ..Metadata::of(Runtime::Docker) };
    Facts {
        source: Source::Docker,
        metadata: Arc::new(metadata.bounded()),
        cgroups: candidates(host.driver, &host.cgroup_parent, id),
        ended: None,
    }
}

/// What an event of the engine's tells; `None` where that changes nothing.
pub fn happening(host: &Host, event: &Event) -> Option<Happening> {
    let id = event.actor.id.clone();
    let what = match event.action.as_str() {
        "create" => What::Created(Some(announced(host, &id, event))),
        // Now it has an init process, which confirms its place.
        "start" => What::Started,
        "rename" => What::Changed,
        "die" | "destroy" => What::Ended(event.time()),
        _ => return None,
    };
    Some(Happening { id, source: Source::Docker, what })
}

async fn inspect(engine: &Engine, host: &Host, id: &str) -> Result<Facts, RequestError> {
    let mut container = inspect_container(engine, id).await?;
    let mut cgroups = placed(host, id, &container);
    if cgroups.is_empty() {
        // Its init process may have ended, and the number gone to another, since the engine looked.
        container = inspect_container(engine, id).await?;
        cgroups = placed(host, id, &container);
    }
    let image = inspect_image(engine, &container.image).await;
    let ended = ended(&container);
    let metadata = Arc::new(metadata(container, &image).bounded());
    Ok(Facts { source: Source::Docker, metadata, cgroups, ended })
}

async fn inspect_container(engine: &Engine, id: &str) -> Result<ContainerInspect, RequestError> {
    let container: ContainerInspect = engine.get(&format!("/containers/{id}/json")).await?;
    if container.id == id { Ok(container) } else { Err(RequestError::WrongObject) }
}

/// The image's names. That they are missing (the image was removed, the engine is slow) is no reason to hold
/// back what is known of the container; the failure has been counted.
async fn inspect_image(engine: &Engine, id: &str) -> ImageInspect {
    match id.strip_prefix("sha256:").filter(|digits| is_hex_id(digits.as_bytes())) {
        Some(digits) => engine.get(&format!("/images/sha256:{digits}/json")).await.unwrap_or_default(),
        None => ImageInspect::default(),
    }
}

/// The cgroups the container may be in, of which its init process, if alive, must confirm one. A container
/// whose init manages cgroups itself (systemd) has it in one further inside.
fn placed(host: &Host, id: &str, container: &ContainerInspect) -> Vec<Vec<u8>> {
    let parent = match container.host_config.cgroup_parent.as_str() {
        "" => &host.cgroup_parent,
        parent => parent,
    };
    let cgroups = candidates(host.driver, parent, id);
    let pid = u32::try_from(container.state.pid).ok().filter(|&pid| pid != 0);
    confirmed(cgroups, pid.and_then(host.cgroup_of).as_deref())
}

fn ended(container: &ContainerInspect) -> Option<Timestamp> {
    let over = matches!(container.state.status.as_str(), "exited" | "dead" | "removing");
    // One that is being removed and never ran has ended before anything.
    over.then(|| timestamp(&container.state.finished_at).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn metadata(container: ContainerInspect, image: &ImageInspect) -> Metadata {
    Metadata {
        runtime: Runtime::Docker,
        name: container.name.trim_start_matches('/').to_owned(),
        image: image_of(container.config.image, container.image, image),
        pod: pod_of_labels(&container.config.labels),
        shares: shares(&container.host_config),
        labels: container.config.labels,
        privileged: Some(container.host_config.privileged),
        mounts: Some(container.mounts.into_iter().map(mount).collect()),
        created: timestamp(&container.created),
        started: timestamp(&container.state.started_at),
        truncated: false,
    }
}

fn shares(config: &HostConfig) -> HostNamespaces {
    let HostConfig { privileged: _, cgroup_parent: _, pid_mode, network_mode, ipc_mode } = config;
    let [pid, network, ipc] = [pid_mode, network_mode, ipc_mode].map(|mode| Some(mode == "host"));
    HostNamespaces { pid, network, ipc }
}

fn mount(point: MountPoint) -> Mount {
    let MountPoint { kind, source, destination, mode, writable, propagation } = point;
    Mount { kind, source, destination, mode, writable, propagation }
}

/// The parts of the image `reference` a container was created from, whose local id is `id`. An image named by
/// its id goes by its first tag, if it has any.
fn image_of(reference: String, id: String, image: &ImageInspect) -> Image {
    let by_id = names_by_id(&reference, &id, &image.repo_tags);
    let named = if by_id { image.repo_tags.first().map_or("", String::as_str) } else { &reference };
    let parts = Reference::parse(named);
    let digest = if parts.digest.is_empty() { registry_digest(&parts, image) } else { parts.digest };
    Image {
        repository: parts.repository.to_owned(),
        tag: parts.tag.to_owned(),
        digest: digest.to_owned(),
        reference,
        id,
    }
}

/// The digest under which the image came from the repository.
fn registry_digest<'a>(parts: &Reference<'_>, image: &'a ImageInspect) -> &'a str {
    let digests: BTreeMap<&str, &str> = image
        .repo_digests
        .iter()
        .map(|text| Reference::parse(text))
        .map(|reference| (reference.repository, reference.digest))
        .collect();
    digests.get(parts.repository).copied().unwrap_or("")
}

#[cfg(test)]
mod tests;
