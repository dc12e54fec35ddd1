//! Paths of which one must be the beginning of another path, component by component.

use super::glob::{Case, Glob};

/// The paths on the right of `pmatch`.
#[derive(Clone, Debug)]
pub struct PathSet {
    paths: Box<[Box<[Component]>]>,
}

/// One component of such a path.
#[derive(Clone, Debug)]
enum Component {
    Literal(Box<[u8]>),
    Pattern(Glob),
}

impl PathSet {
    /// Splits the paths up. A component may hold `*`, `?` and `[`.
    pub fn new<P: AsRef<[u8]>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self {
            paths: paths
                .into_iter()
                .map(|path| components(path.as_ref()).map(Component::new).collect())
                .collect(),
        }
    }

    /// Whether one of them is `path` or leads to it.
    pub fn leads_to(&self, path: &[u8]) -> bool {
        self.paths.iter().any(|prefix| {
            let mut below = components(path);
            prefix.iter().all(|component| below.next().is_some_and(|name| component.matches(name)))
        })
    }
}

impl Component {
    fn new(text: &[u8]) -> Self {
        let glob = Glob::new(text, Case::Sensitive);
        if glob.is_literal() && !text.contains(&b'\\') {
            Self::Literal(text.into())
        } else {
            Self::Pattern(glob)
        }
    }

    fn matches(&self, name: &[u8]) -> bool {
        match self {
            Self::Literal(text) => **text == *name,
            Self::Pattern(glob) => glob.matches(name),
        }
    }
}

fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|component| !component.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(paths: &[&str], path: &str) -> bool {
        PathSet::new(paths.iter().map(|path| path.as_bytes())).leads_to(path.as_bytes())
    }

    #[test]
    fn whole_components_count() {
        assert!(leads(&["/var/run"], "/var/run") && leads(&["/var/run"], "/var/run/docker"));
        assert!(!leads(&["/var/run"], "/var") && !leads(&["/var/run"], "/var/runner"));
        assert!(leads(&["/opt", "/var/run/"], "/var/run/x") && !leads(&[], "/var"));
        assert!(leads(&["/"], "/anything"));
    }

    #[test]
    fn a_star_stays_within_its_component() {
        assert!(leads(&["/home/*/.ssh"], "/home/ann/.ssh/id"));
        assert!(!leads(&["/home/*/.ssh"], "/home/ann/x/.ssh/id"));
        assert!(leads(&["/proc/[0-9]*/mem"], "/proc/12/mem"));
    }
}
