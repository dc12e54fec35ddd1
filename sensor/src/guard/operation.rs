//! What a request asks for, by method and path: the engine's endpoints, one row each.
//!
//! The table holds what the Docker Engine answers from API 1.24 on, and what Podman answers of its own without doing
//! anything. What is not in it is unknown, and denied: `/debug/pprof`, `/libpod/containers/create`, and whatever an
//! engine learns next. A pattern covers a whole path; nothing matches by its beginning.

mod pattern;
mod table;

use hyper::Method;

use super::Target;
use super::shape::Shape;
pub use table::TABLE;

/// An endpoint of the engine.
#[derive(Debug)]
pub struct Operation {
    /// What `docker.operation` says: `container.create`.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path: `{id}` stands for one part of it, `{name...}` for one or more.
    pub path: &'static str,
    /// What its request brings.
    pub body: Body,
    /// The structure that the engine reads a body of JSON into.
    pub shape: Option<&'static Shape>,
    /// Whether the request means nothing without a body.
    pub needs_body: bool,
    /// Whether the connection may become a stream of bytes that are not HTTP.
    pub upgrades: bool,
    /// What the variable of the path names.
    pub subject: Subject,
}

/// What the body of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// There is none; one that comes is refused.
    Empty,
    /// JSON that is read whole, judged, and written anew.
    Json,
    /// An archive or the like, passed on as it comes once the request is allowed.
    Stream,
}

/// What an operation is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// To nothing that the path names.
    None,
    /// To a container.
    Container,
    /// To a command that was made ready to run in a container.
    Exec,
    /// To an image.
    Image,
    /// To a network.
    Network,
    /// To a volume.
    Volume,
    /// To a plugin of the engine.
    Plugin,
    /// To a service.
    Service,
    /// To a task of a service.
    Task,
    /// To a node of a cluster.
    Node,
    /// To a secret.
    Secret,
    /// To a configuration.
    Config,
}

impl Subject {
    /// What `docker.target.type` says.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Container => Some("container"),
            Self::Exec => Some("exec"),
            Self::Image => Some("image"),
            Self::Network => Some("network"),
            Self::Volume => Some("volume"),
            Self::Plugin => Some("plugin"),
            Self::Service => Some("service"),
            Self::Task => Some("task"),
            Self::Node => Some("node"),
            Self::Secret => Some("secret"),
            Self::Config => Some("config"),
        }
    }
}

impl Operation {
    /// What the variable of its path stands for in a request: the parts of the path, joined by slashes.
    pub fn target(&self, target: &Target) -> Option<String> {
        pattern::variable(self.path, &target.segments).filter(|name| !name.is_empty())
    }
}

/// The endpoint that a request is for, if there is one.
pub fn find(method: &Method, target: &Target) -> Option<&'static Operation> {
    TABLE.iter().find(|operation| {
        operation.method == *method
            && pattern::variable(operation.path, &target.segments).is_some()
            && (operation.name != PULL || !imports(target))
    })
}

/// The operation that shares its endpoint with an import.
const PULL: &str = "image.pull";

/// Whether `/images/create` makes an image from what it is given: the engine pulls if it is told an image first.
fn imports(target: &Target) -> bool {
    let first = target.query.iter().find(|(name, _)| name == "fromImage");
    first.is_none_or(|(_, image)| image.is_empty())
}

#[cfg(test)]
#[path = "operation/tests.rs"]
mod tests;
