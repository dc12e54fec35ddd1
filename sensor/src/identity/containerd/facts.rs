//! Everything containerd's own API can say of one container.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::model::{
    Container, ContainerResponse, GetRequest, ImageResponse, NamespacesRequest, NamespacesResponse, Process,
    STOPPED, TaskResponse,
};
use crate::identity::claim::Runtime;
use crate::identity::docker::image::Reference;
use crate::identity::facts::Facts;
use crate::identity::grpc::{GrpcError, Session};
use crate::identity::metadata::{Image, Metadata, Pod};
use crate::identity::oci::Spec;
use crate::identity::placement::confirmed;
use crate::identity::source::Source;

const NAMESPACES: &str = "/containerd.services.namespaces.v1.Namespaces/List";
const CONTAINER: &str = "/containerd.services.containers.v1.Containers/Get";
const TASK: &str = "/containerd.services.tasks.v1.Tasks/Get";
const IMAGE: &str = "/containerd.services.images.v1.Images/Get";

/// Most namespaces that are searched.
const MAX_NAMESPACES: usize = 16;
/// Docker's namespaces: it knows better itself.
pub(super) const DOCKERS: [&str; 2] = ["moby", "plugins.moby"];

/// Asks about the container `id` in every namespace.
pub async fn gather(
    session: &mut Session,
    cgroup_of: fn(u32) -> Option<Vec<u8>>,
    id: &str,
) -> Result<Facts, GrpcError> {
    let all: NamespacesResponse = session.call(NAMESPACES, None, NamespacesRequest {}).await?;
    let others = all.namespaces.into_iter().filter(|space| !DOCKERS.contains(&space.name.as_str()));
    let mut absence = GrpcError::Status(tonic::Status::not_found("in no namespace"));
    for namespace in others.take(MAX_NAMESPACES) {
        match in_namespace(session, cgroup_of, &namespace.name, id).await {
            Err(error) if error.is_absence() => absence = error,
            result => return result,
        }
    }
    Err(absence)
}

async fn in_namespace(
    session: &mut Session,
    cgroup_of: fn(u32) -> Option<Vec<u8>>,
    namespace: &str,
    id: &str,
) -> Result<Facts, GrpcError> {
    let question = GetRequest { id: id.to_owned() };
    let answer: ContainerResponse = session.call(CONTAINER, Some(namespace), question.clone()).await?;
    let container = answer.container.filter(|container| container.id == id).ok_or(GrpcError::WrongObject)?;
    let spec = match &container.spec {
        Some(spec) => serde_json::from_slice(&spec.value)?,
        None => Spec::default(),
    };
    let task = session.call::<_, TaskResponse>(TASK, Some(namespace), question).await;
    let task = task.ok().and_then(|answer| answer.process);
    let digest = digest(session, namespace, &container.image).await;
    Ok(facts(container, spec, task.as_ref(), digest, cgroup_of))
}

/// The image's digest. That it is missing is no reason to hold back what is known of the container.
async fn digest(session: &mut Session, namespace: &str, image: &str) -> String {
    if image.is_empty() {
        return String::new();
    }
    let answer =
        session.call::<_, ImageResponse>(IMAGE, Some(namespace), GetRequest { id: image.to_owned() }).await;
    let target = answer.ok().and_then(|answer| answer.image).and_then(|image| image.target);
    target.unwrap_or_default().digest
}

fn facts(
    container: Container,
    spec: Spec,
    task: Option<&Process>,
    digest: String,
    cgroup_of: fn(u32) -> Option<Vec<u8>>,
) -> Facts {
    let living = task.filter(|task| task.status != STOPPED && task.pid != 0);
    let init = living.and_then(|task| cgroup_of(task.pid));
    let over = task.filter(|task| task.status == STOPPED);
    Facts {
        source: Source::Cri,
        cgroups: confirmed(spec.cgroups(""), init.as_deref()),
        metadata: Arc::new(metadata(container, spec, digest).bounded()),
        ended: over.and_then(|task| task.exited_at?.timestamp()),
    }
}

fn metadata(container: Container, spec: Spec, digest: String) -> Metadata {
    let labels: BTreeMap<String, String> = container.labels.into_iter().collect();
    let pod = pod(&spec.annotations).map(Box::new);
    let name = name(&container.id, &labels, &spec.annotations, pod.as_deref());
    Metadata {
        name,
        image: image(container.image, digest),
        labels,
        created: container.created_at.and_then(super::model::Time::timestamp),
        shares: spec.shares(),
        mounts: Some(spec.mounts()),
        pod,
        ..Metadata::of(Runtime::Containerd)
    }
}

/// What its client calls the container: that of a pod, nerdctl, or `ctr`, for which the id is the name.
fn name(
    id: &str,
    labels: &BTreeMap<String, String>,
    annotations: &BTreeMap<String, String>,
    pod: Option<&Pod>,
) -> String {
    let named = labels.get("nerdctl/name").or_else(|| annotations.get("io.kubernetes.cri.container-name"));
    match (named, pod) {
        (Some(name), _) => name.clone(),
        (None, Some(pod)) => pod.name.clone(),
        (None, None) => id.to_owned(),
    }
}

/// The pod, as CRI noted it in the specification.
fn pod(annotations: &BTreeMap<String, String>) -> Option<Pod> {
    let text = |key: &str| annotations.get(&format!("io.kubernetes.cri.{key}")).cloned().unwrap_or_default();
    let sandbox_id = text("sandbox-id");
    (!sandbox_id.is_empty()).then(|| Pod {
        name: text("sandbox-name"),
        namespace: text("sandbox-namespace"),
        uid: text("sandbox-uid"),
        sandbox_id,
        ..Pod::default()
    })
}

fn image(reference: String, digest: String) -> Image {
    let parts = Reference::parse(&reference);
    let (repository, tag) = (parts.repository.to_owned(), parts.tag.to_owned());
    Image { reference, repository, tag, digest, id: String::new() }
}

#[cfg(test)]
mod tests;
