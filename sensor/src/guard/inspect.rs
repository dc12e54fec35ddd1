//! What the engine says of the container that a request is about.

use super::facts::Inspected;
use super::json::JsonError;
use super::operation::Subject;
use super::{Age, Json, Request, host_access};
use crate::identity::docker::http::{Engine, RequestError};

/// Who can be asked about containers: the engine behind the guard.
pub trait Inspect: Send + Sync {
    /// Removes a container, whatever it does.
    fn remove(&self, id: &str) -> impl Future<Output = Result<(), InspectError>> + Send;

    /// The answer to a GET of this path; `None` if there is no such thing.
    fn get(&self, path: &str) -> impl Future<Output = Result<Option<Json>, InspectError>> + Send;
}

/// Why it cannot be said what a request is about.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// No answer.
    #[error(transparent)]
    Engine(#[from] RequestError),
    /// An answer that cannot be read.
    #[error("the Docker Engine's answer makes no sense: {0}")]
    Json(#[from] JsonError),
    /// A name that no container has.
    #[error("no container can be called so")]
    Name,
}

impl Inspect for Engine {
    async fn remove(&self, id: &str) -> Result<(), InspectError> {
        let path = path("containers", id)?;
        Ok(self.delete(&format!("{}?force=1", path.trim_end_matches("/json"))).await?)
    }

    async fn get(&self, path: &str) -> Result<Option<Json>, InspectError> {
        match self.get_bytes(path).await {
            Ok(bytes) => Ok(Some(Json::parse_shared(bytes)?)),
            Err(RequestError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Looks up the container that a request is about; `None` if it is about none, or the engine has no such container.
pub async fn target(request: &Request, engine: &impl Inspect) -> Result<Option<Inspected>, InspectError> {
    let Some((subject, name)) = subject(request) else { return Ok(None) };
    let container = if subject == Subject::Exec {
        let Some(exec) = engine.get(&path("exec", &name)?).await? else { return Ok(None) };
        exec.at(&["ContainerID"]).text().to_owned()
    } else {
        name
    };
    let inspected = engine.get(&path("containers", &container)?).await?;
    Ok(inspected.map(Inspected::new))
}

/// What the engine says of a container; `None` if it has none of this id.
pub async fn container(id: &str, engine: &impl Inspect) -> Result<Option<Json>, InspectError> {
    engine.get(&path("containers", id)?).await
}

/// The ways to the host of the volumes that a new container mounts and that are there already: whoever made one may
/// have had more rights than the caller.
pub async fn volumes(request: &Request, engine: &impl Inspect) -> Result<Vec<String>, InspectError> {
    let mut names = host_access::volumes(request);
    names.sort_unstable();
    names.dedup();
    let mut words = Vec::new();
    for name in names {
        // The engine refuses what is no name.
        let Ok(path) = path("volumes", name) else { continue };
        let path = path.trim_end_matches("/json");
        words.extend(engine.get(path).await?.iter().flat_map(host_access::of_volume));
    }
    Ok(words)
}

/// Names of the containers that a request uses, as the request has them.
pub fn containers(request: &Request) -> Vec<String> {
    if creates(request) {
        return request.body.iter().flat_map(shared).collect();
    }
    match subject(request) {
        Some((Subject::Container, name)) => vec![name],
        Some(_) | None => Vec::new(),
    }
}

/// Whether a request makes a container.
pub fn creates(request: &Request) -> bool {
    request.operation.is_some_and(|operation| operation.name == "container.create")
}

/// The containers whose mounts or namespaces a new one shares.
fn shared(create: &Json) -> Vec<String> {
    let host = create.at(&["HostConfig"]);
    let volumes = host.at(&["VolumesFrom"]).texts().filter_map(|from| from.split(':').next());
    let modes = SHARED.iter().filter_map(|mode| host.at(&[*mode]).text().strip_prefix("container:"));
    volumes.chain(modes).map(str::to_owned).collect()
}

/// Namespaces that may be another container's.
const SHARED: [&str; 3] = ["PidMode", "IpcMode", "NetworkMode"];

/// When the container of this name was made.
pub async fn age(name: &str, engine: &impl Inspect) -> Age {
    match container(name, engine).await {
        Ok(Some(container)) => made_at(container.at(&["Created"]).text()),
        Ok(None) | Err(InspectError::Name) => Age::Missing,
        Err(_) => Age::Unknown,
    }
}

fn made_at(time: &str) -> Age {
    time.parse::<jiff::Timestamp>().map_or(Age::Unknown, |time| Age::Made(time.into()))
}

/// The container or command that a request names: in its path, for a commit in its query, and for the networks of a
/// container in its body.
fn subject(request: &Request) -> Option<(Subject, String)> {
    let operation = request.operation?;
    if matches!(operation.subject, Subject::Container | Subject::Exec) {
        return Some((operation.subject, operation.target(&request.target)?));
    }
    let name = match operation.name {
        "container.commit" => request.query("container"),
        "network.connect" | "network.disconnect" => request.body.as_ref()?.at(&["Container"]).text(),
        _ => "",
    };
    (!name.is_empty()).then(|| (Subject::Container, name.to_owned()))
}

/// Where the engine describes a thing. A name is put into a path only if it can be nothing but a name.
fn path(kind: &str, name: &str) -> Result<String, InspectError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let is_name = name.bytes().all(is_plain) && name.starts_with(|first: char| first.is_ascii_alphanumeric());
    if is_name { Ok(format!("/{kind}/{name}/json")) } else { Err(InspectError::Name) }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn only_names_are_put_into_paths() {
        assert_eq!(path("exec", "0aF_.-").unwrap(), "/exec/0aF_.-/json");
        for name in ["", ".", "..", "a/b", "a?b", "a%2fb", "a b", "ä", "-a", "a\r\nb"] {
            assert!(path("containers", name).is_err(), "{name}");
        }
    }

    #[test]
    fn engines_say_when_they_made_a_container() {
        let then = SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 5);
        for text in ["2023-11-14T22:13:20.000000005Z", "2023-11-14T23:13:20.000000005+01:00"] {
            assert_eq!(made_at(text), Age::Made(then));
        }
        assert_eq!(made_at(""), Age::Unknown);
    }

    #[test]
    fn a_new_container_uses_those_whose_mounts_and_namespaces_it_shares() {
        let create =
            r#"{"HostConfig":{"VolumesFrom":["a:ro","b"],"PidMode":"container:c","NetworkMode":"host"}}"#;
        assert_eq!(shared(&Json::parse(create.as_bytes()).unwrap()), ["a", "b", "c"]);
    }
}
