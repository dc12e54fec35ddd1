//! The messages of containerd's API that we use, with the fields that we read.

#![expect(clippy::derive_partial_eq_without_eq, reason = "derived by prost")]

use std::collections::HashMap;

use jiff::Timestamp;

/// `ListNamespacesRequest`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct NamespacesRequest {}

/// `ListNamespacesResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct NamespacesResponse {
    /// All there are.
    #[prost(message, repeated, tag = "1")]
    pub namespaces: Vec<Namespace>,
}

/// `Namespace`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Namespace {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
}

/// `GetContainerRequest`, and, the number being the same, the `GetRequest` of a task and of an image.
#[derive(Clone, PartialEq, prost::Message)]
pub struct GetRequest {
    /// Id of the container, or the image's name.
    #[prost(string, tag = "1")]
    pub id: String,
}

/// `GetContainerResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ContainerResponse {
    /// The container.
    #[prost(message, optional, tag = "1")]
    pub container: Option<Container>,
}

/// `Container`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Container {
    /// Its id.
    #[prost(string, tag = "1")]
    pub id: String,
    /// Labels, containerd's own clients' included.
    #[prost(map = "string, string", tag = "2")]
    pub labels: HashMap<String, String>,
    /// Name of the image.
    #[prost(string, tag = "3")]
    pub image: String,
    /// The OCI specification, as JSON.
    #[prost(message, optional, tag = "5")]
    pub spec: Option<Any>,
    /// When it was created.
    #[prost(message, optional, tag = "8")]
    pub created_at: Option<Time>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Any {
    /// What it is.
    #[prost(string, tag = "1")]
    pub type_url: String,
    /// The message itself.
    #[prost(bytes = "vec", tag = "2")]
    pub value: Vec<u8>,
}

/// `google.protobuf.Timestamp`.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Time {
    /// Since 1970.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Of the second.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

impl Time {
    /// The same as the rest of the program has it; `None` for a time out of its range.
    pub fn timestamp(self) -> Option<Timestamp> {
        Timestamp::new(self.seconds, self.nanos).ok().filter(|time| *time > Timestamp::UNIX_EPOCH)
    }
}

/// `GetResponse` of a task.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TaskResponse {
    /// Its init process.
    #[prost(message, optional, tag = "1")]
    pub process: Option<Process>,
}

/// `containerd.v1.types.Process`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Process {
    /// In the host's pid namespace.
    #[prost(uint32, tag = "3")]
    pub pid: u32,
    /// [`STOPPED`] and others.
    #[prost(int32, tag = "4")]
    pub status: i32,
    /// When it ended.
    #[prost(message, optional, tag = "10")]
    pub exited_at: Option<Time>,
}

/// `STOPPED`.
pub const STOPPED: i32 = 3;

/// `GetImageResponse`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ImageResponse {
    /// The image.
    #[prost(message, optional, tag = "1")]
    pub image: Option<Image>,
}

/// `Image`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Image {
    /// What it is.
    #[prost(message, optional, tag = "3")]
    pub target: Option<Descriptor>,
}

/// `Descriptor`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Descriptor {
    /// `sha256:...`, of the manifest.
    #[prost(string, tag = "2")]
    pub digest: String,
}

/// `SubscribeRequest`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SubscribeRequest {
    /// Of which one must hold.
    #[prost(string, repeated, tag = "1")]
    pub filters: Vec<String>,
}

/// `Envelope`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Envelope {
    /// When it happened.
    #[prost(message, optional, tag = "1")]
    pub timestamp: Option<Time>,
    /// Where.
    #[prost(string, tag = "2")]
    pub namespace: String,
    /// `/tasks/start` and the like.
    #[prost(string, tag = "3")]
    pub topic: String,
    /// What.
    #[prost(message, optional, tag = "4")]
    pub event: Option<Any>,
}

/// `ContainerCreate`, `ContainerDelete`, `TaskStart`, all of which begin with the container's id.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Subject {
    /// The container.
    #[prost(string, tag = "1")]
    pub id: String,
}

/// `TaskExit`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TaskExit {
    /// The container.
    #[prost(string, tag = "1")]
    pub container_id: String,
    /// Which of its processes: for the init process the container's id again.
    #[prost(string, tag = "2")]
    pub id: String,
}
