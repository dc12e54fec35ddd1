//! Which of a pair goes first: drawn by lot, and the same for the same seed.

/// A source of bits (`SplitMix64`).
#[derive(Clone, Debug)]
pub(super) struct Lot(u64);

impl Lot {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Heads or tails.
    pub(super) fn draw(&mut self) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_both_sides_come_up() {
        let draws = |seed| {
            let mut lot = Lot::new(seed);
            (0..1000).map(|_| lot.draw()).collect::<Vec<_>>()
        };
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
        let heads = draws(1).into_iter().filter(|heads| *heads).count();
        assert!((400..600).contains(&heads), "{heads}");
    }
}
