//! The parts of the Docker Engine's answers that we read. Every field may be missing or null.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

/// `GET /containers/{id}/json`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ContainerInspect {
    /// Whole id.
    #[serde(deserialize_with = "or_default")]
    pub id: String,
    /// RFC 3339.
    #[serde(deserialize_with = "or_default")]
    pub created: String,
    /// With a leading slash.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Id of the image.
    #[serde(deserialize_with = "or_default")]
    pub image: String,
    /// Whether it runs.
    #[serde(deserialize_with = "or_default")]
    pub state: ContainerState,
    /// What it may do.
    #[serde(deserialize_with = "or_default")]
    pub host_config: HostConfig,
    /// What it was made from.
    #[serde(deserialize_with = "or_default")]
    pub config: ContainerConfig,
    /// What is mounted.
    #[serde(deserialize_with = "or_default")]
    pub mounts: Vec<MountPoint>,
}

/// `State` of a container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ContainerState {
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    #[serde(deserialize_with = "or_default")]
    pub status: String,
    /// Its init process, 0 while it has none.
    #[serde(deserialize_with = "or_default")]
    pub pid: i64,
    /// RFC 3339; year 1 for never.
    #[serde(deserialize_with = "or_default")]
    pub started_at: String,
    /// RFC 3339; year 1 for never.
    #[serde(deserialize_with = "or_default")]
    pub finished_at: String,
}

/// `HostConfig` of a container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct HostConfig {
    /// `--privileged`.
    #[serde(deserialize_with = "or_default")]
    pub privileged: bool,
    /// `--cgroup-parent`.
    #[serde(deserialize_with = "or_default")]
    pub cgroup_parent: String,
    /// `--pid`: `host` for the host's.
    #[serde(deserialize_with = "or_default")]
    pub pid_mode: String,
    /// `--network`: `host` for the host's.
    #[serde(deserialize_with = "or_default")]
    pub network_mode: String,
    /// `--ipc`: `host` for the host's.
    #[serde(deserialize_with = "or_default")]
    pub ipc_mode: String,
}

/// `Config` of a container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ContainerConfig {
    /// The image as it was asked for.
    #[serde(deserialize_with = "or_default")]
    pub image: String,
    /// Labels, the image's included.
    #[serde(deserialize_with = "or_default")]
    pub labels: BTreeMap<String, String>,
}

/// One of the `Mounts` of a container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MountPoint {
    /// `bind`, `volume`, `tmpfs`.
    #[serde(rename = "Type", deserialize_with = "or_default")]
    pub kind: String,
    /// Path on the host.
    #[serde(deserialize_with = "or_default")]
    pub source: String,
    /// Path in the container.
    #[serde(deserialize_with = "or_default")]
    pub destination: String,
    /// Options as written.
    #[serde(deserialize_with = "or_default")]
    pub mode: String,
    /// Whether it may be written.
    #[serde(rename = "RW", deserialize_with = "or_default")]
    pub writable: bool,
    /// Propagation.
    #[serde(deserialize_with = "or_default")]
    pub propagation: String,
}

/// `GET /images/{id}/json`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ImageInspect {
    /// `repository:tag`.
    #[serde(deserialize_with = "or_default")]
    pub repo_tags: Vec<String>,
    /// `repository@digest`.
    #[serde(deserialize_with = "or_default")]
    pub repo_digests: Vec<String>,
}

/// `GET /info`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Info {
    /// `cgroupfs`, `systemd` or `none`.
    #[serde(deserialize_with = "or_default")]
    pub cgroup_driver: String,
}

impl Info {
    /// Who makes containers' cgroups; `None` if the engine does not say.
    pub fn driver(&self) -> Option<Driver> {
        match self.cgroup_driver.as_str() {
            "" => None,
            "cgroupfs" => Some(Driver::Cgroupfs),
            "systemd" => Some(Driver::Systemd),
            _ => Some(Driver::Other),
        }
    }
}

/// Who makes containers' cgroups for Docker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// The runtime itself.
    Cgroupfs,
    /// systemd, on the runtime's behalf.
    Systemd,
    /// Something else, or nobody (rootless without delegation).
    Other,
}

/// One line of `GET /events`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Event {
    /// `container`, `image`...
    #[serde(rename = "Type", deserialize_with = "or_default")]
    pub kind: String,
    /// `create`, `start`, `die`, `destroy`...
    #[serde(rename = "Action", deserialize_with = "or_default")]
    pub action: String,
    /// What it happened to.
    #[serde(rename = "Actor", deserialize_with = "or_default")]
    pub actor: Actor,
    /// When, nanoseconds since the epoch.
    #[serde(rename = "timeNano", deserialize_with = "or_default")]
    pub time_nano: i64,
}

impl Event {
    /// When it happened.
    pub fn time(&self) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(self.time_nano)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// What an event happened to.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Actor {
    /// Whole id.
    #[serde(rename = "ID", deserialize_with = "or_default")]
    pub id: String,
    /// The container's labels, and its `name` and `image`, which win over labels called so.
    #[serde(rename = "Attributes", deserialize_with = "or_default")]
    pub attributes: BTreeMap<String, String>,
}

/// The time in an RFC 3339 text; `None` for Go's zero time and for what is no time.
pub fn timestamp(text: &str) -> Option<Timestamp> {
    text.parse().ok().filter(|time| *time > Timestamp::UNIX_EPOCH)
}

/// Reads null as the default.
pub(in crate::identity) fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_null_and_unknown_fields_are_fine() {
        let nulls = r#"{"Id":"x","Name":null,"State":null,"Mounts":null,"Config":{"Labels":null,"New":[1]}}"#;
        let container: ContainerInspect = serde_json::from_str(nulls).unwrap();
        assert_eq!((container.id.as_str(), container.state.pid, container.mounts.len()), ("x", 0, 0));
        let image: ImageInspect = serde_json::from_str(r#"{"RepoTags":null}"#).unwrap();
        assert!(image.repo_tags.is_empty());
        assert!(serde_json::from_str::<ContainerInspect>(r#"{"Id":7}"#).is_err());
    }

    #[test]
    fn the_zero_time_is_no_time() {
        assert_eq!(timestamp("0001-01-01T00:00:00Z"), None);
        assert_eq!(timestamp("yesterday"), None);
        let time = timestamp("2026-11-20T21:59:48.694390672+01:00").unwrap();
        assert_eq!(time.to_string(), "2026-11-20T20:59:48.694390672Z");
        let event: Event = serde_json::from_str(r#"{"timeNano":1795211988338786347}"#).unwrap();
        assert_eq!(event.time().as_nanosecond(), 1_795_211_988_338_786_347);
    }
}
