//! A pod as the kubelet makes it: requests to the CRI socket, with the fields that are needed.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;
use sensor::identity::Counters;
use sensor::identity::docker::http::Limits;
use sensor::identity::grpc::Socket;
use tokio::runtime::{Builder, Runtime};

use crate::common::image::IMAGE;
use crate::containerd::Containerd;

/// Name of the pod.
pub(crate) const NAME: &str = "web-0";
/// Its namespace.
pub(crate) const NAMESPACE: &str = "shop";
/// Its unique id.
pub(crate) const UID: &str = "0b1c2d3e-0000-4000-8000-000000000001";
/// Name of its container.
pub(crate) const CONTAINER: &str = "app";

/// `NamespaceMode.NODE`: the host's own.
const NODE: i32 = 2;

#[derive(Clone, PartialEq, prost::Message)]
struct SandboxMetadata {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    uid: String,
    #[prost(string, tag = "3")]
    namespace: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct NamespaceOption {
    #[prost(int32, tag = "1")]
    network: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct SecurityContext {
    #[prost(message, optional, tag = "1")]
    namespaces: Option<NamespaceOption>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct SandboxLinux {
    #[prost(message, optional, tag = "2")]
    security_context: Option<SecurityContext>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct SandboxConfig {
    #[prost(message, optional, tag = "1")]
    metadata: Option<SandboxMetadata>,
    #[prost(map = "string, string", tag = "6")]
    labels: HashMap<String, String>,
    #[prost(message, optional, tag = "8")]
    linux: Option<SandboxLinux>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct RunSandbox {
    #[prost(message, optional, tag = "1")]
    config: Option<SandboxConfig>,
}

/// The answers to making something: its id.
#[derive(Clone, PartialEq, prost::Message)]
struct Made {
    #[prost(string, tag = "1")]
    id: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Named {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Mount {
    #[prost(string, tag = "1")]
    container_path: String,
    #[prost(string, tag = "2")]
    host_path: String,
    #[prost(bool, tag = "3")]
    readonly: bool,
}

/// `LinuxContainerSecurityContext`.
#[derive(Clone, PartialEq, prost::Message)]
struct ContainerSecurity {
    #[prost(message, optional, tag = "3")]
    namespaces: Option<NamespaceOption>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ContainerLinux {
    #[prost(message, optional, tag = "2")]
    security_context: Option<ContainerSecurity>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ContainerConfig {
    #[prost(message, optional, tag = "1")]
    metadata: Option<Named>,
    #[prost(message, optional, tag = "2")]
    image: Option<Named>,
    #[prost(string, repeated, tag = "3")]
    command: Vec<String>,
    #[prost(message, repeated, tag = "7")]
    mounts: Vec<Mount>,
    #[prost(map = "string, string", tag = "9")]
    labels: HashMap<String, String>,
    #[prost(message, optional, tag = "15")]
    linux: Option<ContainerLinux>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct CreateContainer {
    #[prost(string, tag = "1")]
    sandbox: String,
    #[prost(message, optional, tag = "2")]
    config: Option<ContainerConfig>,
    #[prost(message, optional, tag = "3")]
    sandbox_config: Option<SandboxConfig>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Nothing {}

/// A client of the CRI socket.
pub(crate) struct Kubelet {
    runtime: Runtime,
    socket: Socket,
}

impl Kubelet {
    /// For this containerd.
    pub(crate) fn new(containerd: &Containerd) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let limits = Limits { answer: std::time::Duration::from_mins(1), ..Limits::default() };
        let socket = Socket::new(containerd.socket(), limits, Arc::new(Counters::default()));
        Ok(Self { runtime, socket })
    }

    /// Starts the pod's sandbox. Answers with its id.
    pub(crate) fn run_sandbox(&self) -> Result<String> {
        let question = RunSandbox { config: Some(sandbox()) };
        let made: Made = self.call("/runtime.v1.RuntimeService/RunPodSandbox", question)?;
        Ok(made.id)
    }

    /// Creates the pod's container, without starting it. Answers with its id.
    pub(crate) fn create_container(&self, sandbox_id: &str) -> Result<String> {
        let question = CreateContainer {
            sandbox: sandbox_id.to_owned(),
            config: Some(container()),
            sandbox_config: Some(sandbox()),
        };
        let made: Made = self.call("/runtime.v1.RuntimeService/CreateContainer", question)?;
        Ok(made.id)
    }

    /// Starts the container.
    pub(crate) fn start_container(&self, id: &str) -> Result<()> {
        let question = Made { id: id.to_owned() };
        self.call::<_, Nothing>("/runtime.v1.RuntimeService/StartContainer", question).map(drop)
    }

    fn call<Q, A>(&self, method: &'static str, question: Q) -> Result<A>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let answer = self.socket.ask(async |mut session| session.call(method, None, question).await);
        Ok(self.runtime.block_on(answer)?)
    }
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// The pod shares the host's network.
fn sandbox() -> SandboxConfig {
    let namespaces = Some(NamespaceOption { network: NODE });
    SandboxConfig {
        metadata: Some(SandboxMetadata { name: text(NAME), uid: text(UID), namespace: text(NAMESPACE) }),
        labels: HashMap::from([(text("app"), text("shop"))]),
        linux: Some(SandboxLinux { security_context: Some(SecurityContext { namespaces }) }),
    }
}

fn container() -> ContainerConfig {
    let mount = Mount { container_path: text("/host/tmp"), host_path: text("/tmp"), readonly: true };
    let namespaces = Some(NamespaceOption { network: NODE });
    ContainerConfig {
        metadata: Some(Named { name: text(CONTAINER) }),
        image: Some(Named { name: text(IMAGE) }),
        command: ["sleep", "1000"].map(text).to_vec(),
        mounts: vec![mount],
        labels: HashMap::from([(text("io.kubernetes.container.name"), text(CONTAINER))]),
        linux: Some(ContainerLinux { security_context: Some(ContainerSecurity { namespaces }) }),
    }
}
