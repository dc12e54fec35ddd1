//! A set of texts.

use std::collections::HashSet;

/// A set of texts that turns most strangers away by their length, before they are hashed.
#[derive(Clone, Debug)]
pub struct TextSet {
    texts: HashSet<Box<[u8]>>,
    /// Bit n: a member has n bytes; the last bit stands for all longer ones.
    lengths: u128,
}

impl TextSet {
    /// Collects the members.
    pub fn new(texts: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let texts: HashSet<Box<[u8]>> = texts.into_iter().map(Vec::into_boxed_slice).collect();
        let mut lengths = 0;
        #[expect(clippy::iter_over_hash_type, reason = "the order does not matter to a union")]
        for text in &texts {
            lengths |= length_bit(text.len());
        }
        Self { texts, lengths }
    }

    /// The members, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.texts.iter().map(|text| &**text)
    }

    /// Whether `text` is a member.
    pub fn contains(&self, text: &[u8]) -> bool {
        self.lengths & length_bit(text.len()) != 0 && self.texts.contains(text)
    }
}

fn length_bit(length: usize) -> u128 {
    1 << length.min(127)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_any_length_are_found() {
        let long = vec![b'x'; 300];
        let set = TextSet::new([b"bash".to_vec(), Vec::new(), long.clone()]);
        assert!(set.contains(b"bash") && set.contains(b"") && set.contains(&long));
        assert!(!set.contains(b"zsh") && !set.contains(b"dash") && !set.contains(&long[1..]));
        assert!(!TextSet::new([]).contains(b""));
    }
}
