//! Texts that are beginnings of other texts.

use std::collections::BTreeMap;

/// A set of beginnings, each with a number; the same one may be a member twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

/// What follows one beginning.
#[derive(Clone, Debug, Default)]
struct Node {
    /// The next bytes, sorted, and the nodes that they lead to.
    edges: Box<[(u8, u32)]>,
    /// The numbers of the members that end here.
    numbers: Box<[u32]>,
}

impl Trie {
    /// Collects beginnings; the number of each is its place. `text` gives a beginning's bytes in the order in
    /// which they are to be compared.
    pub(super) fn new(texts: &[Vec<u8>]) -> Self {
        if texts.is_empty() {
            return Self::default();
        }
        let mut growing: Vec<(BTreeMap<u8, u32>, Vec<u32>)> = vec![Default::default()];
        for (number, text) in (0_u32..).zip(texts) {
            let mut at = 0_usize;
            for byte in text {
                let fresh = u32::try_from(growing.len()).unwrap_or(u32::MAX);
                let Some((edges, _)) = growing.get_mut(at) else { break };
                let next = *edges.entry(*byte).or_insert(fresh);
                if next == fresh {
                    growing.push(Default::default());
                }
                at = next as usize;
            }
            if let Some((_, end)) = growing.get_mut(at) {
                end.push(number);
            }
        }
        let node = |(edges, numbers): (BTreeMap<u8, u32>, Vec<u32>)| Node {
            edges: edges.into_iter().collect(),
            numbers: numbers.into(),
        };
        Self { nodes: growing.into_iter().map(node).collect() }
    }

    /// Calls `found` with the number of every member that `text` begins with.
    #[inline]
    pub(super) fn beginnings(&self, text: impl IntoIterator<Item = u8>, mut found: impl FnMut(u32)) {
        let Some(mut node) = self.nodes.first() else { return };
        node.numbers.iter().copied().for_each(&mut found);
        for byte in text {
            let Ok(edge) = node.edges.binary_search_by_key(&byte, |(byte, _)| *byte) else { return };
            let next = node.edges.get(edge).and_then(|(_, next)| self.nodes.get(*next as usize));
            let Some(next) = next else { return };
            node = next;
            node.numbers.iter().copied().for_each(&mut found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_beginning_is_found_and_nothing_else() {
        let members = ["/etc", "/etc/shadow", "/e", "/var", "", "/var"].map(|text| text.as_bytes().to_vec());
        let trie = Trie::new(&members);
        let found = |text: &str| {
            let mut numbers = Vec::new();
            trie.beginnings(text.bytes(), |number| numbers.push(number));
            numbers
        };
        assert_eq!(found("/etc/shadow-"), [4, 2, 0, 1]);
        assert_eq!(found("/etc/passwd"), [4, 2, 0]);
        assert_eq!(found("/usr"), [4]);
        assert_eq!(found("/var"), [4, 3, 5]);
        assert_eq!(found(""), [4]);
        let mut none = 0;
        Trie::new(&[]).beginnings("x".bytes(), |_| none += 1);
        assert_eq!(none, 0);
    }
}
