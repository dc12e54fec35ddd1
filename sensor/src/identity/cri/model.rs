//! The messages of the interface (`runtime.v1`) that we use, with the fields that we read.

#![expect(clippy::derive_partial_eq_without_eq, reason = "derived by prost")]

use std::collections::HashMap;

/// `ContainerStatusRequest` and, the numbers being the same, `PodSandboxStatusRequest`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StatusRequest {
    /// Of the container or the sandbox.
    #[prost(string, tag = "1")]
    pub id: String,
    /// Whether to tell what only this runtime has.
    #[prost(bool, tag = "2")]
    pub verbose: bool,
}

/// `ContainerStatusResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ContainerStatusResponse {
    /// What every runtime tells.
    #[prost(message, optional, tag = "1")]
    pub status: Option<ContainerStatus>,
    /// What this one tells, as JSON under `info`.
    #[prost(map = "string, string", tag = "2")]
    pub info: HashMap<String, String>,
}

/// `ContainerStatus`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ContainerStatus {
    /// Whole id.
    #[prost(string, tag = "1")]
    pub id: String,
    /// Its name.
    #[prost(message, optional, tag = "2")]
    pub metadata: Option<ContainerMetadata>,
    /// [`EXITED`] and others.
    #[prost(int32, tag = "3")]
    pub state: i32,
    /// Nanoseconds since 1970.
    #[prost(int64, tag = "4")]
    pub created_at: i64,
    /// Nanoseconds since 1970; 0 for never.
    #[prost(int64, tag = "5")]
    pub started_at: i64,
    /// Nanoseconds since 1970; 0 for never.
    #[prost(int64, tag = "6")]
    pub finished_at: i64,
    /// The image as it is called.
    #[prost(message, optional, tag = "8")]
    pub image: Option<ImageSpec>,
    /// The image as it was resolved: an id, or a name with a digest.
    #[prost(string, tag = "9")]
    pub image_ref: String,
    /// Labels.
    #[prost(map = "string, string", tag = "12")]
    pub labels: HashMap<String, String>,
    /// Mounts of volumes.
    #[prost(message, repeated, tag = "14")]
    pub mounts: Vec<Mount>,
    /// The image's id; newer runtimes only.
    #[prost(string, tag = "17")]
    pub image_id: String,
}

/// `CONTAINER_EXITED`.
pub const EXITED: i32 = 2;

/// `ContainerMetadata`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ContainerMetadata {
    /// Name within the pod.
    #[prost(string, tag = "1")]
    pub name: String,
}

/// `ImageSpec`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ImageSpec {
    /// Name with tag, or an id.
    #[prost(string, tag = "1")]
    pub image: String,
}

/// `Mount`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Mount {
    /// Path in the container.
    #[prost(string, tag = "1")]
    pub container_path: String,
    /// Path on the host.
    #[prost(string, tag = "2")]
    pub host_path: String,
    /// Whether it may not be written.
    #[prost(bool, tag = "3")]
    pub readonly: bool,
    /// Whether mounts are passed on: to the container (1), both ways (2).
    #[prost(int32, tag = "5")]
    pub propagation: i32,
}

/// `PodSandboxStatusResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SandboxStatusResponse {
    /// What every runtime tells.
    #[prost(message, optional, tag = "1")]
    pub status: Option<SandboxStatus>,
    /// What this one tells, as JSON under `info`.
    #[prost(map = "string, string", tag = "2")]
    pub info: HashMap<String, String>,
}

/// `PodSandboxStatus`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SandboxStatus {
    /// Whole id.
    #[prost(string, tag = "1")]
    pub id: String,
    /// Its names.
    #[prost(message, optional, tag = "2")]
    pub metadata: Option<SandboxMetadata>,
    /// Nanoseconds since 1970.
    #[prost(int64, tag = "4")]
    pub created_at: i64,
    /// Its address.
    #[prost(message, optional, tag = "5")]
    pub network: Option<SandboxNetwork>,
    /// Whose namespaces it has.
    #[prost(message, optional, tag = "6")]
    pub linux: Option<SandboxLinux>,
    /// Labels of the pod.
    #[prost(map = "string, string", tag = "7")]
    pub labels: HashMap<String, String>,
}

/// `PodSandboxMetadata`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SandboxMetadata {
    /// The pod's name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// The pod's unique id.
    #[prost(string, tag = "2")]
    pub uid: String,
    /// The pod's namespace.
    #[prost(string, tag = "3")]
    pub namespace: String,
}

/// `PodSandboxNetworkStatus`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SandboxNetwork {
    /// First address; empty in the host's network.
    #[prost(string, tag = "1")]
    pub ip: String,
}

/// `LinuxPodSandboxStatus`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SandboxLinux {
    /// Its namespaces.
    #[prost(message, optional, tag = "1")]
    pub namespaces: Option<Namespaces>,
}

/// `Namespace`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Namespaces {
    /// What was asked for.
    #[prost(message, optional, tag = "2")]
    pub options: Option<NamespaceOption>,
}

/// `NamespaceOption`, each a `NamespaceMode`.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct NamespaceOption {
    /// Network.
    #[prost(int32, tag = "1")]
    pub network: i32,
    /// Process ids.
    #[prost(int32, tag = "2")]
    pub pid: i32,
    /// IPC.
    #[prost(int32, tag = "3")]
    pub ipc: i32,
}

/// `NODE`: the host's.
pub const NODE: i32 = 2;

/// `GetEventsRequest`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct EventsRequest {}

/// `ContainerEventResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ContainerEvent {
    /// Of the container or the sandbox.
    #[prost(string, tag = "1")]
    pub container_id: String,
    /// Created (0), started (1), stopped (2), deleted (3).
    #[prost(int32, tag = "2")]
    pub kind: i32,
    /// Nanoseconds since 1970.
    #[prost(int64, tag = "3")]
    pub created_at: i64,
}
