//! Texts that are to be found anywhere in another text, all in one pass.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Below this many bytes of needles the faster automaton is worth its memory, which is up to 1 KiB for each.
const SMALL: usize = 4096;

/// A set of needles, each with a number.
#[derive(Clone, Debug)]
pub(super) struct Needles {
    automaton: AhoCorasick,
}

impl Needles {
    /// Collects needles; the number of each is its place. `None` if there is none, or if they are too many for an
    /// automaton.
    pub(super) fn new(needles: &[Vec<u8>], ignore_case: bool) -> Option<Self> {
        let bytes: usize = needles.iter().map(Vec::len).sum();
        let kind = if bytes <= SMALL { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(ignore_case).match_kind(MatchKind::Standard).kind(Some(kind));
        // It pays for rare needles in long texts; here a start of one is in every command line.
        builder.prefilter(false);
        let automaton = builder.build(needles).ok().filter(|_| !needles.is_empty())?;
        Some(Self { automaton })
    }

    /// Calls `found` with the number of every needle in `text`, perhaps several times.
    pub(super) fn search(&self, text: &[u8], mut found: impl FnMut(u32)) {
        for hit in self.automaton.find_overlapping_iter(text) {
            found(hit.pattern().as_u32());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn found(needles: &[&str], ignore_case: bool, text: &str) -> BTreeSet<u32> {
        let needles: Vec<_> = needles.iter().map(|needle| needle.as_bytes().to_vec()).collect();
        let mut numbers = BTreeSet::new();
        Needles::new(&needles, ignore_case).unwrap().search(text.as_bytes(), |number| {
            numbers.insert(number);
        });
        numbers
    }

    #[test]
    fn overlapping_needles_are_all_found() {
        assert_eq!(found(&["nc -e", "c -", "bash", ""], false, "/bin/nc -e"), [0, 1, 3].into());
        assert_eq!(found(&["PASS", "asS"], true, "a password"), [0, 1].into());
        assert_eq!(found(&["PASS"], false, "a password"), [].into());
    }

    #[test]
    fn many_needles_take_the_smaller_automaton() {
        let many: Vec<_> = (0..2000).map(|number| format!("needle {number}!").into_bytes()).collect();
        let mut hits = Vec::new();
        Needles::new(&many, false).unwrap().search(b"a needle 1999!", |number| hits.push(number));
        assert_eq!(hits, [1999]);
        assert!(Needles::new(&[], false).is_none());
    }
}
