//! Paths of which one must be the beginning of another path, component by component.

use std::collections::HashMap;

use super::glob::{Case, Glob};

/// The paths on the right of `pmatch`, as a tree of their components.
#[derive(Clone, Debug)]
pub struct PathSet {
    /// Of each path what comes before its first pattern, as the kernel would write it.
    starts: Vec<Vec<u8>>,
    /// The root first. Kept side by side, so that no path is too long for the stack.
    nodes: Vec<Node>,
}

/// What the components down to here lead to.
#[derive(Clone, Debug, Default)]
struct Node {
    /// A path ends here; what is longer is covered by it.
    ends: bool,
    /// The nodes below, by their components.
    names: HashMap<Box<[u8]>, usize>,
    /// The nodes below whose components are patterns.
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    text: Box<[u8]>,
    glob: Glob,
    node: usize,
}

impl PathSet {
    /// Splits the paths up. A component may hold `*`, `?` and `[`.
    pub fn new<P: AsRef<[u8]>>(paths: impl IntoIterator<Item = P>) -> Self {
        let mut set = Self { starts: Vec::new(), nodes: vec![Node::default()] };
        for path in paths {
            set.starts.push(start(path.as_ref()));
            set.add(path.as_ref());
        }
        set
    }

    /// Of each path what comes before its first pattern, as the kernel would write it.
    pub fn literal_starts(&self) -> impl Iterator<Item = Vec<u8>> {
        self.starts.iter().cloned()
    }

    fn add(&mut self, path: &[u8]) {
        let mut at = 0;
        for component in components(path) {
            if self.nodes.get(at).is_none_or(|node| node.ends) {
                return;
            }
            at = self.below(at, component);
        }
        if let Some(node) = self.nodes.get_mut(at) {
            *node = Node { ends: true, ..Node::default() };
        }
    }

    /// The node of a component below another node, which is made if need be.
    fn below(&mut self, at: usize, component: &[u8]) -> usize {
        let next = self.nodes.len();
        let Some(node) = self.nodes.get_mut(at) else { return at };
        let known = node.child(component);
        if let Some(known) = known {
            return known;
        }
        if is_pattern(component) {
            let glob = Glob::new(component, Case::Sensitive);
            node.patterns.push(Pattern { text: component.into(), glob, node: next });
        } else {
            node.names.insert(component.into(), next);
        }
        self.nodes.push(Node::default());
        next
    }

    /// Whether one of them is `path` or leads to it.
    ///
    /// Every node is looked at once at most, as there is only one way to it.
    pub fn leads_to(&self, path: &[u8]) -> bool {
        let mut open = Vec::new();
        let mut current = Some((0, components(path)));
        while let Some((at, mut rest)) = current.take().or_else(|| open.pop()) {
            let Some(node) = self.nodes.get(at) else { continue };
            if node.ends {
                return true;
            }
            let Some(name) = rest.next() else { continue };
            current = node.names.get(name).map(|below| (*below, rest.clone()));
            let matching = node.patterns.iter().filter(|pattern| pattern.glob.matches(name));
            open.extend(matching.map(|pattern| (pattern.node, rest.clone())));
        }
        false
    }
}

impl Node {
    /// The node below that was made for this very component.
    fn child(&self, component: &[u8]) -> Option<usize> {
        if is_pattern(component) {
            return self
                .patterns
                .iter()
                .find(|pattern| *pattern.text == *component)
                .map(|pattern| pattern.node);
        }
        self.names.get(component).copied()
    }
}

/// What comes before the first component that is a pattern.
fn start(path: &[u8]) -> Vec<u8> {
    let literal = components(path).take_while(|component| !is_pattern(component));
    literal.flat_map(|component| [b"/", component]).flatten().copied().collect()
}

/// Without these characters a component stands for itself, a backslash included.
fn is_pattern(component: &[u8]) -> bool {
    component.iter().any(|byte| b"*?[".contains(byte))
}

fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
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

    #[test]
    fn a_shorter_path_drops_the_longer_ones() {
        for paths in [["/usr", "/usr/lib"], ["/usr/lib", "/usr"]] {
            let set = PathSet::new(paths);
            assert!(set.leads_to(b"/usr/bin/x") && set.leads_to(b"/usr/lib") && !set.leads_to(b"/us"));
            assert!(set.nodes.iter().filter(|node| node.ends).count() <= 2);
            assert!(set.nodes[1].ends && set.nodes[1].names.is_empty());
        }
    }

    #[test]
    fn a_name_that_leads_nowhere_does_not_hide_a_pattern() {
        assert!(leads(&["/home/ann/x", "/home/*/y"], "/home/ann/y/z"));
        assert!(leads(&["/a/*/c", "/a/b*/d"], "/a/bb/d") && !leads(&["/a/*/c", "/a/b*/d"], "/a/cc/d"));
    }

    #[test]
    fn hostile_paths_take_neither_stack_nor_time() {
        let deep = "/a".repeat(200_000);
        assert!(leads(&[&deep], &deep) && !leads(&[&deep], &deep[2..]));
        let stars = (1..200).map(|depth| "/*".repeat(depth) + "/b").collect::<Vec<_>>();
        let stars: Vec<_> = stars.iter().map(String::as_str).collect();
        assert!(!leads(&stars, &"/a".repeat(300)));
    }
}
