//! Everything a CRI runtime can say of one container or one pod's sandbox.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;

use super::model::{
    ContainerStatus, ContainerStatusResponse, EXITED, Mount as CriMount, NODE, NamespaceOption,
    SandboxStatus, SandboxStatusResponse, StatusRequest,
};
use crate::identity::claim::Runtime;
use crate::identity::docker::image::Reference;
use crate::identity::docker::model::or_default;
use crate::identity::facts::Facts;
use crate::identity::grpc::{GrpcError, Session};
use crate::identity::metadata::{HostNamespaces, Image, Metadata, Mount, Pod};
use crate::identity::oci::Spec;
use crate::identity::placement::confirmed;
use crate::identity::pod::pod_of_labels;
use crate::identity::source::Source;

const CONTAINER_STATUS: &str = "/runtime.v1.RuntimeService/ContainerStatus";
const SANDBOX_STATUS: &str = "/runtime.v1.RuntimeService/PodSandboxStatus";

/// What a runtime tells of its own accord, the same in containerd and CRI-O as far as we read it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Info {
    #[serde(rename = "sandboxID", deserialize_with = "or_default")]
    sandbox_id: String,
    #[serde(deserialize_with = "or_default")]
    pid: u32,
    #[serde(deserialize_with = "or_default")]
    runtime_spec: Spec,
    /// CRI-O's.
    privileged: Option<bool>,
    /// containerd's: what it was asked to make.
    #[serde(deserialize_with = "or_default")]
    config: Config,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Config {
    #[serde(deserialize_with = "or_default")]
    linux: Linux,
    #[serde(deserialize_with = "or_default")]
    image: AskedImage,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct AskedImage {
    /// What the kubelet was asked for; newer ones tell.
    #[serde(deserialize_with = "or_default")]
    user_specified_image: String,
    /// What the kubelet made of that: often an id.
    #[serde(deserialize_with = "or_default")]
    image: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Linux {
    #[serde(deserialize_with = "or_default")]
    security_context: SecurityContext,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SecurityContext {
    #[serde(deserialize_with = "or_default")]
    privileged: bool,
}

impl Info {
    fn read(info: &HashMap<String, String>) -> Result<Self, GrpcError> {
        info.get("info").map_or_else(|| Ok(Self::default()), |text| Ok(serde_json::from_str(text)?))
    }

    /// The cgroups the container may be in, of which its init process, if alive, must confirm one.
    fn cgroups(&self, cgroup_of: fn(u32) -> Option<Vec<u8>>) -> Vec<Vec<u8>> {
        let init = Some(self.pid).filter(|&pid| pid != 0).and_then(cgroup_of);
        confirmed(self.runtime_spec.cgroups(""), init.as_deref())
    }

    fn privileged(&self) -> bool {
        self.privileged.unwrap_or(self.config.linux.security_context.privileged)
    }
}

/// Asks about the container, or else the sandbox, `id`.
pub async fn gather(
    session: &mut Session,
    cgroup_of: fn(u32) -> Option<Vec<u8>>,
    id: &str,
) -> Result<Facts, GrpcError> {
    match container(session, cgroup_of, id).await {
        Err(error) if error.is_absence() => sandbox(session, cgroup_of, id).await,
        result => result,
    }
}

fn question(id: &str) -> StatusRequest {
    StatusRequest { id: id.to_owned(), verbose: true }
}

async fn container(
    session: &mut Session,
    cgroup_of: fn(u32) -> Option<Vec<u8>>,
    id: &str,
) -> Result<Facts, GrpcError> {
    let answer: ContainerStatusResponse = session.call(CONTAINER_STATUS, None, question(id)).await?;
    let status = answer.status.filter(|status| status.id == id).ok_or(GrpcError::WrongObject)?;
    let info = Info::read(&answer.info)?;
    let sandbox = match info.sandbox_id.as_str() {
        "" => None,
        sandbox => status_of(session, sandbox).await,
    };
    let ended = (status.state == EXITED).then(|| time(status.finished_at)).flatten();
    let cgroups = info.cgroups(cgroup_of);
    let metadata = Arc::new(container_metadata(status, &info, sandbox).bounded());
    Ok(Facts { source: Source::Cri, metadata, cgroups, ended })
}

/// The status of a container's sandbox. That it is missing is no reason to hold back what is known of the
/// container.
async fn status_of(session: &mut Session, sandbox: &str) -> Option<SandboxStatus> {
    let answer = session.call::<_, SandboxStatusResponse>(SANDBOX_STATUS, None, question(sandbox)).await;
    answer.ok()?.status.filter(|status| status.id == sandbox)
}

async fn sandbox(
    session: &mut Session,
    cgroup_of: fn(u32) -> Option<Vec<u8>>,
    id: &str,
) -> Result<Facts, GrpcError> {
    let answer: SandboxStatusResponse = session.call(SANDBOX_STATUS, None, question(id)).await?;
    let status = answer.status.filter(|status| status.id == id).ok_or(GrpcError::WrongObject)?;
    let info = Info::read(&answer.info)?;
    let cgroups = info.cgroups(cgroup_of);
    let metadata = Arc::new(sandbox_metadata(status, &info).bounded());
    Ok(Facts { source: Source::Cri, metadata, cgroups, ended: None })
}

fn container_metadata(status: ContainerStatus, info: &Info, sandbox: Option<SandboxStatus>) -> Metadata {
    let joined = sandbox.as_ref().map(sandbox_shares).unwrap_or_default();
    let pod = sandbox.map(|status| Box::new(pod(status)));
    let labels: BTreeMap<String, String> = status.labels.into_iter().collect();
    let asked_for = asked_for(info).or_else(|| status.image.map(|image| image.image));
    let image = image(asked_for.unwrap_or_default(), status.image_ref, status.image_id);
    Metadata {
        name: status.metadata.unwrap_or_default().name,
        image,
        pod: pod.or_else(|| pod_of_labels(&labels)),
        labels,
        privileged: Some(info.privileged()),
        mounts: Some(status.mounts.into_iter().map(mount).collect()),
        created: time(status.created_at),
        started: time(status.started_at),
        shares: filled(runtime_part(info).shares, joined),
        ..runtime_part(info)
    }
}

/// A sandbox goes by its pod's name.
fn sandbox_metadata(status: SandboxStatus, info: &Info) -> Metadata {
    let created = time(status.created_at);
    let pod = pod(status);
    let started = created.filter(|_| info.pid != 0);
    let image = sandbox_image(&info.runtime_spec);
    Metadata {
        name: pod.name.clone(),
        image,
        labels: pod.labels.clone(),
        privileged: Some(info.privileged()),
        created,
        started,
        pod: Some(Box::new(pod)),
        ..runtime_part(info)
    }
}

/// What the specification says.
fn runtime_part(info: &Info) -> Metadata {
    let annotations = &info.runtime_spec.annotations;
    let crio = annotations.keys().any(|key| key.starts_with("io.kubernetes.cri-o."));
    let mut metadata = Metadata::of(if crio { Runtime::CriO } else { Runtime::Containerd });
    let is_known = !info.runtime_spec.cgroups("").is_empty();
    metadata.shares = if is_known { info.runtime_spec.shares() } else { HostNamespaces::default() };
    metadata
}

/// The image as it was asked for: of one with several names, the status tells any.
fn asked_for(info: &Info) -> Option<String> {
    let AskedImage { user_specified_image, image } = &info.config.image;
    let is_name = |text: &&String| !text.is_empty() && !text.starts_with("sha256:");
    [user_specified_image, image].into_iter().find(is_name).cloned()
}

/// The image of a sandbox, which its status does not tell.
fn sandbox_image(spec: &Spec) -> Image {
    let named = ["io.kubernetes.cri.podsandbox.image-name", "io.kubernetes.cri-o.ImageName"];
    let reference = named.iter().find_map(|key| spec.annotations.get(*key)).cloned().unwrap_or_default();
    image(reference, String::new(), String::new())
}

/// The host's namespaces that a sandbox shares.
fn sandbox_shares(status: &SandboxStatus) -> HostNamespaces {
    let namespaces = status.linux.as_ref().and_then(|linux| linux.namespaces.as_ref());
    let shares = |mode: i32| Some(mode == NODE);
    namespaces.and_then(|namespaces| namespaces.options).map_or_else(HostNamespaces::default, |options| {
        let NamespaceOption { network, pid, ipc } = options;
        HostNamespaces { pid: shares(pid), network: shares(network), ipc: shares(ipc) }
    })
}

/// What is known, and where it is not, what is known of the namespaces joined.
fn filled(known: HostNamespaces, joined: HostNamespaces) -> HostNamespaces {
    HostNamespaces {
        pid: known.pid.or(joined.pid),
        network: known.network.or(joined.network),
        ipc: known.ipc.or(joined.ipc),
    }
}

fn pod(status: SandboxStatus) -> Pod {
    let names = status.metadata.unwrap_or_default();
    Pod {
        name: names.name,
        namespace: names.namespace,
        uid: names.uid,
        sandbox_id: status.id,
        labels: status.labels.into_iter().collect(),
        ip: status.network.unwrap_or_default().ip,
    }
}

/// The parts of an image called `reference`, which the runtime resolved to `resolved`: an id or a name with a
/// digest. A container that was made of an id has no name for it: none is made up.
fn image(reference: String, resolved: String, id: String) -> Image {
    let is_id = |text: &str| text.starts_with("sha256:");
    let named = if is_id(&reference) { "" } else { reference.as_str() };
    let parts = Reference::parse(named);
    let digest = match Reference::parse(&resolved).digest {
        "" => parts.digest,
        digest => digest,
    };
    let (repository, tag) = (parts.repository.to_owned(), parts.tag.to_owned());
    let digest = digest.to_owned();
    let id = [id, resolved, reference.clone()].into_iter().find(|text| is_id(text)).unwrap_or_default();
    Image { reference, repository, tag, digest, id }
}

fn mount(mount: CriMount) -> Mount {
    let CriMount { container_path, host_path, readonly, propagation } = mount;
    let propagation = match propagation {
        1 => "rslave",
        2 => "rshared",
        _ => "rprivate",
    };
    Mount {
        kind: "bind".to_owned(),
        source: host_path,
        destination: container_path,
        mode: if readonly { "ro" } else { "" }.to_owned(),
        writable: !readonly,
        propagation: propagation.to_owned(),
    }
}

/// Nanoseconds since 1970; 0 for never.
pub(super) fn time(nanoseconds: i64) -> Option<Timestamp> {
    Timestamp::from_nanosecond(i128::from(nanoseconds)).ok().filter(|time| *time > Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
