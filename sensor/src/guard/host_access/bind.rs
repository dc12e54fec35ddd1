//! A directory or file of the host that is to be mounted, as it is on the host.

use super::{paths, spec::Spec, word};
use crate::rules::Value;
use crate::sys::host_path::Root;

/// A mount of the host that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The path on the host, as it was written.
    pub source: String,
    /// Whether it is mounted for writing.
    pub writable: bool,
    /// How mounts spread, if that is said.
    pub propagation: String,
}

impl From<&Spec<'_>> for Wanted {
    fn from(spec: &Spec<'_>) -> Self {
        Self {
            source: spec.source.to_owned(),
            writable: spec.is_writable(),
            propagation: spec.propagation().to_owned(),
        }
    }
}

/// A mount of the host that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bind {
    /// What is asked for.
    pub wanted: Wanted,
    /// The path with its symbolic links followed; `None` if it cannot be told.
    pub resolved: Option<String>,
    /// The protected path that it is, lies in, or holds.
    pub protected: Option<&'static str>,
    /// Whether somebody but root may put something else in its place.
    pub swappable: bool,
}

impl Bind {
    /// Looks at the host. This may take as long as its file systems do.
    pub fn look(wanted: Wanted, root: &Root) -> Self {
        let found = paths::is_plain(&wanted.source).then(|| root.resolve(&wanted.source).ok()).flatten();
        let by_name = paths::touched(&wanted.source);
        let protected = by_name.or_else(|| paths::touched(&found.as_ref()?.path));
        let swappable = found.as_ref().is_none_or(|found| found.swappable);
        Self { protected, swappable, resolved: found.map(|found| found.path), wanted }
    }

    /// One that nobody could look at.
    pub fn unknown(wanted: Wanted) -> Self {
        Self { protected: paths::touched(&wanted.source), swappable: true, resolved: None, wanted }
    }

    /// Its words.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        match (self.protected, &self.resolved) {
            (Some(path), _) => words.push(word("bind", path)),
            (None, None) => words.push(word("bind", "unresolved")),
            (None, Some(_)) => {}
        }
        if matches!(&*self.wanted.propagation, "shared" | "rshared") {
            words.push(word("propagation", &self.wanted.propagation));
        }
        words
    }

    /// The value of `docker.bind.NAME`.
    pub fn value(&self, name: &str) -> Value<'_> {
        match name {
            "source" => Value::from(&*self.wanted.source),
            "resolved" => self.resolved.as_deref().map_or(Value::Missing, Value::from),
            "protected" => self.protected.map_or(Value::Missing, Value::from),
            "writable" => Value::Bool(self.wanted.writable),
            "propagation" if !self.wanted.propagation.is_empty() => Value::from(&*self.wanted.propagation),
            "swappable" => Value::Bool(self.swappable),
            _ => Value::Missing,
        }
    }
}
