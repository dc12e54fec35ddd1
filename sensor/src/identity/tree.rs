//! Which path a cgroup id stands for: every cgroup of the v2 hierarchy that exists, and those that did until
//! lately.

use std::num::NonZeroUsize;

use lru::LruCache;

use super::claim::Claim;

/// How much the tree keeps.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most existing cgroups.
    pub live: NonZeroUsize,
    /// Most removed ones.
    pub removed: NonZeroUsize,
    /// Most bytes of paths, both kinds together.
    pub bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            live: NonZeroUsize::MIN.saturating_add(32_767),
            removed: NonZeroUsize::MIN.saturating_add(4_095),
            bytes: 16 << 20,
        }
    }
}

/// Who made a cgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    /// It was not seen: the cgroup is older than the sensor, or its creation was lost.
    Unknown,
    /// Process 1.
    Init,
    /// Another process.
    Other,
}

/// One cgroup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Path from the root of the hierarchy.
    pub path: Box<[u8]>,
    /// The container it claims to belong to.
    pub claim: Option<Claim>,
    /// Number of the container's record, once there is one.
    pub record: Option<u64>,
    /// Who made it.
    pub maker: Maker,
}

impl Node {
    fn new(path: &[u8]) -> Self {
        Self { path: path.into(), claim: Claim::parse(path), record: None, maker: Maker::Unknown }
    }
}

/// What [`Tree::insert`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// The id is new, or stands for another path than before.
    New,
    /// It was known, and exists.
    Known,
}

/// The cgroups by id. The least recently used are forgotten first, whatever their kind, so that a flood of
/// new cgroups does not drive out those that are busy.
#[derive(Debug)]
pub struct Tree {
    live: LruCache<u64, Node>,
    removed: LruCache<u64, Node>,
    bytes: usize,
    max_bytes: usize,
    evicted: u64,
}

impl Tree {
    /// An empty tree.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            live: LruCache::new(bounds.live),
            removed: LruCache::new(bounds.removed),
            bytes: 0,
            max_bytes: bounds.bytes,
            evicted: 0,
        }
    }

    /// The cgroup `id` exists and is called `path`. What the id stood for before is forgotten if that was
    /// something else, or had been removed.
    pub fn insert(&mut self, id: u64, path: &[u8]) -> Inserted {
        if self.live.get(&id).is_some_and(|node| *node.path == *path) {
            return Inserted::Known;
        }
        let gone = self.removed.pop(&id);
        self.forget(gone);
        self.bytes = self.bytes.saturating_add(path.len());
        let displaced = self.live.push(id, Node::new(path));
        self.evicted += u64::from(displaced.as_ref().is_some_and(|(other, _)| *other != id));
        self.forget(displaced.map(|(_, node)| node));
        self.shrink();
        Inserted::New
    }

    /// The cgroup `id`, called `path`, was removed. It stays known for a while, for events still under way.
    /// Answers with what it was.
    pub fn remove(&mut self, id: u64, path: &[u8]) -> Node {
        let node = self.live.pop(&id).unwrap_or_else(|| {
            self.bytes = self.bytes.saturating_add(path.len());
            Node::new(path)
        });
        let displaced = self.removed.push(id, node.clone()).map(|(_, node)| node);
        self.forget(displaced);
        self.shrink();
        node
    }

    /// Notes who made a cgroup.
    pub fn set_maker(&mut self, id: u64, maker: Maker) {
        if let Some(node) = self.live.peek_mut(&id) {
            node.maker = maker;
        }
    }

    /// Paths and ids of the existing ones.
    pub fn ids(&self) -> impl Iterator<Item = (&[u8], u64)> {
        self.live.iter().map(|(id, node)| (&*node.path, *id))
    }

    /// The cgroup `id`, if it exists or did lately; asking keeps it from being forgotten.
    pub fn get(&mut self, id: u64) -> Option<&mut Node> {
        self.live.get_mut(&id).or_else(|| self.removed.get_mut(&id))
    }

    /// The same, leaving its turn to be forgotten as it is.
    pub fn peek(&self, id: u64) -> Option<&Node> {
        self.live.peek(&id).or_else(|| self.removed.peek(&id))
    }

    /// Number of existing cgroups known.
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Whether no existing cgroup is known.
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    /// Existing cgroups forgotten since this was last asked.
    pub fn take_evicted(&mut self) -> u64 {
        std::mem::take(&mut self.evicted)
    }

    /// Forgets removed, then existing cgroups until the paths fit; the newest stays whatever its length.
    fn shrink(&mut self) {
        while self.bytes > self.max_bytes && self.live.len() + self.removed.len() > 1 {
            if let Some((_, node)) = self.removed.pop_lru() {
                self.forget(Some(node));
            } else if let Some((_, node)) = self.live.pop_lru() {
                self.evicted += 1;
                self.forget(Some(node));
            }
        }
    }

    fn forget(&mut self, node: Option<Node>) {
        if let Some(node) = node {
            self.bytes = self.bytes.saturating_sub(node.path.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at_most(n: usize) -> NonZeroUsize {
        NonZeroUsize::MIN.saturating_add(n - 1)
    }

    fn small() -> Tree {
        Tree::new(Bounds { live: at_most(2), removed: at_most(2), bytes: 100 })
    }

    fn path(tree: &Tree, id: u64) -> Option<&[u8]> {
        tree.peek(id).map(|node| &*node.path)
    }

    #[test]
    fn removed_cgroups_stay_known_until_others_were_removed() {
        let mut tree = small();
        for id in 1..=3 {
            assert_eq!(tree.insert(id, b"/a"), Inserted::New);
            assert_eq!(&*tree.remove(id, b"/a").path, b"/a");
        }
        assert_eq!((path(&tree, 1), path(&tree, 3)), (None, Some(b"/a".as_slice())));
        assert_eq!(tree.take_evicted(), 0, "none of them existed any more");
    }

    #[test]
    fn a_reused_id_is_the_new_cgroup_only() {
        let mut tree = small();
        tree.insert(7, b"/old");
        tree.get(7).unwrap().record = Some(1);
        tree.remove(7, b"/old");
        assert_eq!(tree.peek(7).and_then(|n| n.record), Some(1));
        assert_eq!(tree.insert(7, b"/old"), Inserted::New, "even under the same name");
        assert_eq!(tree.peek(7).and_then(|n| n.record), None);
        assert_eq!(tree.insert(7, b"/new"), Inserted::New, "even if its removal was lost");
        assert_eq!(path(&tree, 7), Some(b"/new".as_slice()));
        assert_eq!(tree.insert(7, b"/new"), Inserted::Known);
    }

    #[test]
    fn an_unannounced_removal_still_names_the_cgroup() {
        let mut tree = small();
        tree.remove(5, b"/short-lived");
        assert_eq!(path(&tree, 5), Some(b"/short-lived".as_slice()));
        assert!(tree.is_empty());
    }

    #[test]
    fn busy_cgroups_outlive_a_flood() {
        let mut tree = small();
        tree.insert(1, b"/busy");
        for id in 2..50 {
            tree.get(1);
            tree.insert(id, b"/flood");
        }
        assert_eq!(path(&tree, 1), Some(b"/busy".as_slice()));
        assert_eq!(tree.take_evicted(), 47);
    }

    #[test]
    fn paths_stay_within_their_bytes() {
        let mut tree = Tree::new(Bounds { live: at_most(1000), removed: at_most(1000), bytes: 100 });
        for id in 0..100 {
            tree.insert(id, &[b'x'; 30]);
            if id % 3 == 0 {
                tree.remove(id, &[b'x'; 30]);
            }
            let kept: usize = (0..100).filter_map(|id| tree.peek(id)).map(|node| node.path.len()).sum();
            assert!(kept <= 100 && kept == tree.bytes, "{kept} kept, {} accounted", tree.bytes);
        }
        tree.insert(1000, &[b'y'; 4096]);
        assert_eq!(tree.peek(1000).map(|node| node.path.len()), Some(4096));
        assert_eq!(tree.len(), 1);
    }
}
