//! Which of several goes first: drawn by lot, and the same for the same seed.

/// A source of bits (`SplitMix64`).
#[derive(Clone, Debug)]
pub(super) struct Lot(u64);

impl Lot {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// These in any order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (2..=items.len()).rev() {
            items.swap(end.saturating_sub(1), self.below(end));
        }
    }

    /// One of the numbers from 0 to below this one; each as often as another, as nearly as matters.
    fn below(&mut self, end: usize) -> usize {
        let drawn = usize::try_from(self.next() >> 32).unwrap_or_default();
        drawn.checked_rem(end).unwrap_or_default()
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_every_order_comes_up() {
        let orders = |seed| {
            let mut lot = Lot::new(seed);
            let order = || {
                let mut order = [0, 1, 2];
                lot.shuffle(&mut order);
                order
            };
            std::iter::repeat_with(order).take(1200).collect::<Vec<_>>()
        };
        assert_eq!(orders(1), orders(1));
        assert_ne!(orders(1), orders(2));
        let mut times = BTreeMap::new();
        for order in orders(1) {
            *times.entry(order).or_insert(0) += 1;
        }
        assert!(times.len() == 6 && times.values().all(|count| (140..260).contains(count)), "{times:?}");
    }
}
