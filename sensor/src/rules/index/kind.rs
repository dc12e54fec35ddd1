//! What the index knows of one event type.

use std::collections::BTreeSet;

/// What concerns one event type.
#[derive(Clone, Debug, Default)]
pub(super) struct Kind {
    /// A bit for every rule that is for it.
    pub(super) rules: Box<[u64]>,
    /// A bit for every one of them that has no key.
    pub(super) keyless: Box<[u64]>,
    /// The groups in which the keys of the others are.
    pub(super) groups: Box<[usize]>,
}

/// A [`Kind`] being put together.
#[derive(Clone, Debug)]
pub(super) struct Building {
    rules: Vec<u64>,
    keyless: Vec<u64>,
    pub(super) groups: BTreeSet<usize>,
}

impl Building {
    pub(super) fn new(rules: usize) -> Self {
        let words = rules.div_ceil(64);
        Self { rules: vec![0; words], keyless: vec![0; words], groups: BTreeSet::new() }
    }

    /// Adds a rule, whose key is in these groups if it has one.
    pub(super) fn add(&mut self, rule: usize, groups: Option<&BTreeSet<usize>>) {
        set_bit(&mut self.rules, rule);
        match groups {
            Some(groups) => self.groups.extend(groups),
            None => set_bit(&mut self.keyless, rule),
        }
    }

    pub(super) fn finish(self) -> Kind {
        let none = self.rules.iter().all(|word| *word == 0);
        let Self { rules, keyless, groups } = self;
        if none {
            return Kind::default();
        }
        Kind { rules: rules.into(), keyless: keyless.into(), groups: groups.into_iter().collect() }
    }
}

/// Sets one bit of many.
pub(super) fn set_bit(bits: &mut [u64], place: usize) {
    if let Some(word) = bits.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}
