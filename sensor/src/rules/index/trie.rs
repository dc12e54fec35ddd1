//! Texts that are beginnings of other texts.

use std::collections::BTreeMap;

/// A set of beginnings, each with a number; the same one may be a member twice.
///
/// There is a node only where members end or part, so that it takes memory by the length of its members and no more.
#[derive(Clone, Debug, Default)]
pub(super) struct Trie {
    nodes: Vec<Node>,
}

/// What follows one beginning.
#[derive(Clone, Debug, Default)]
struct Node {
    /// The bytes that lead here from the node before, its edge's byte left out.
    label: Box<[u8]>,
    /// The next bytes, sorted, and the nodes that they lead to.
    edges: Box<[(u8, u32)]>,
    /// The numbers of the members that end here.
    numbers: Box<[u32]>,
}

/// A [`Node`] being put together.
#[derive(Default)]
struct Growing<'t> {
    label: &'t [u8],
    edges: BTreeMap<u8, u32>,
    numbers: Vec<u32>,
}

impl Trie {
    /// Collects beginnings; the number of each is its place. `text` gives a beginning's bytes in the order in
    /// which they are to be compared.
    pub(super) fn new(texts: &[Vec<u8>]) -> Self {
        if texts.is_empty() {
            return Self::default();
        }
        let mut growing = vec![Growing::default()];
        for (number, text) in (0_u32..).zip(texts) {
            let end = place(&mut growing, text);
            growing.get_mut(end).into_iter().for_each(|node| node.numbers.push(number));
        }
        let node = |Growing { label, edges, numbers }| Node {
            label: label.into(),
            edges: edges.into_iter().collect(),
            numbers: numbers.into(),
        };
        Self { nodes: growing.into_iter().map(node).collect() }
    }

    /// Calls `found` with the number of every member that `text` begins with.
    #[inline]
    pub(super) fn beginnings(&self, text: impl IntoIterator<Item = u8>, mut found: impl FnMut(u32)) {
        let Some(mut node) = self.nodes.first() else { return };
        let mut text = text.into_iter();
        loop {
            node.numbers.iter().copied().for_each(&mut found);
            let Some(byte) = text.next() else { return };
            let Ok(edge) = node.edges.binary_search_by_key(&byte, |(byte, _)| *byte) else { return };
            let next = node.edges.get(edge).and_then(|(_, next)| self.nodes.get(*next as usize));
            let Some(next) = next.filter(|next| next.label.iter().all(|byte| text.next() == Some(*byte)))
            else {
                return;
            };
            node = next;
        }
    }
}

/// The node of a text, which is made if need be.
fn place<'t>(nodes: &mut Vec<Growing<'t>>, text: &'t [u8]) -> usize {
    let (mut at, mut rest) = (0, text);
    while let Some((byte, after)) = rest.split_first() {
        let fresh = nodes.len();
        let Some(node) = nodes.get_mut(at) else { return at };
        at = *node.edges.entry(*byte).or_insert(u32::try_from(fresh).unwrap_or(u32::MAX)) as usize;
        if at == fresh {
            nodes.push(Growing { label: after, ..Growing::default() });
            return at;
        }
        let common = part(nodes, at, after);
        rest = after.get(common..).unwrap_or_default();
    }
    at
}

/// Cuts a node in two where its label leaves `text`; gives the bytes that they share.
fn part(nodes: &mut Vec<Growing<'_>>, at: usize, text: &[u8]) -> usize {
    let fresh = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
    let Some(node) = nodes.get_mut(at) else { return 0 };
    let common = node.label.iter().zip(text).take_while(|(one, other)| one == other).count();
    if let Some((byte, below)) = node.label.get(common..).and_then(<[u8]>::split_first) {
        let above = node.label.get(..common).unwrap_or_default();
        let upper = Growing { label: above, edges: [(*byte, fresh)].into(), numbers: Vec::new() };
        let lower = Growing { label: below, ..std::mem::replace(node, upper) };
        nodes.push(lower);
    }
    common
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
        assert_eq!(found("/etc/sh"), [4, 2, 0]);
        assert_eq!(found("/va"), [4]);
        let mut none = 0;
        Trie::new(&[]).beginnings("x".bytes(), |_| none += 1);
        assert_eq!(none, 0);
    }

    #[test]
    fn it_agrees_with_asking_each_member() {
        let texts = |length: u32| {
            (0..3_u32.pow(length)).map(move |number| {
                (0..length).map(|digit| b"abc"[(number / 3_u32.pow(digit) % 3) as usize]).collect::<Vec<u8>>()
            })
        };
        let members: Vec<_> = (0..5).flat_map(texts).filter(|text| text.len() != 2).step_by(3).collect();
        let trie = Trie::new(&members);
        for text in (0..6).flat_map(texts) {
            let mut found = Vec::new();
            trie.beginnings(text.iter().copied(), |number| found.push(number as usize));
            found.sort_unstable();
            let wanted: Vec<_> = (0..members.len()).filter(|at| text.starts_with(&members[*at])).collect();
            assert_eq!(found, wanted, "{text:?}");
        }
    }

    #[test]
    fn there_are_no_more_than_two_nodes_for_each_member() {
        let members: Vec<Vec<u8>> =
            (0..500_u16).map(|number| [&number.to_be_bytes()[..], &[b'x'; 1000]].concat()).collect();
        assert!(Trie::new(&members).nodes.len() <= 2 * members.len() + 1);
    }
}
