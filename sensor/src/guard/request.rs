//! A request of which everything that the engine will get is known, but for archives.

use hyper::Method;

use super::{Digest, Json, Operation, target::Version};

/// What a client asks the engine for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Of what.
    pub target: Target,
    /// The endpoint, where it is a known one.
    pub operation: Option<&'static Operation>,
    /// The body in its only spelling, where the endpoint takes JSON and there was one; see [`super::body::read`].
    pub body: Option<Json>,
    /// Members of the client's body that were left out of it.
    pub dropped: Vec<String>,
    /// The digest of the body that will be forwarded.
    pub digest: Digest,
}

impl Request {
    /// The first value of a parameter of the query, as Go reads it; an empty text if there is none.
    pub fn query(&self, name: &str) -> &str {
        self.queries(name).next().unwrap_or_default()
    }

    /// All of its values.
    pub fn queries(&self, name: &str) -> impl Iterator<Item = &str> {
        self.target.query.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Path and query in their only spelling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The version of the API that was asked for: 1.41 of `/v1.41/info`.
    pub version: Option<Version>,
    /// The path's parts behind the version, decoded; none is empty, `.` or `..`.
    pub segments: Vec<String>,
    /// The query's names and values, decoded, in the order they came in.
    pub query: Vec<(String, String)>,
}
