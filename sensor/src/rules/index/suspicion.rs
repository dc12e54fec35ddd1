//! What a text must at least be for a dear comparison to hold, in a form that costs nothing to look for.

use crate::rules::comparison::{Comparison, TextTest};
use crate::rules::leaf::{Leaf, Test};

/// Shortest text that is worth looking for.
const SHORTEST: usize = 3;

/// How a text must begin or end; one of several is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Suspicion {
    /// With this.
    Beginning(Vec<u8>),
    /// With this.
    Ending(Vec<u8>),
    /// With this, if it is a path as the kernel writes one; another spelling of a path is always suspect.
    Path(Vec<u8>),
}

/// What makes a leaf suspect of holding; `None` where anything does.
pub(super) fn suspicions(leaf: &Leaf) -> Option<Vec<Suspicion>> {
    let Test::Constant(Comparison::Text(sought)) = &leaf.test else { return None };
    if let TextTest::PathMatch(paths) = sought {
        return paths.literal_starts().map(|start| long(start).map(Suspicion::Path)).collect();
    }
    let TextTest::Glob(glob) = sought else { return None };
    let beginning = || long(glob.literal_start()?).map(Suspicion::Beginning);
    let ending = || long(glob.literal_end()?).map(Suspicion::Ending);
    Some(vec![beginning().or_else(ending)?])
}

fn long(text: Vec<u8>) -> Option<Vec<u8>> {
    Some(text).filter(|text| text.len() >= SHORTEST)
}

/// Whether a path is spelt as the kernel does: from the root, and with single slashes.
pub(super) fn is_plain_path(text: &[u8]) -> bool {
    text.starts_with(b"/") && !text.windows(2).any(|pair| pair == b"//")
}
