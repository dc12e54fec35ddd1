//! What every stage counted, and that it adds up.

use sensor_common::{
    counters::{COUNT, Outcome},
    event::Kind,
};

/// A group of counters with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The stage, or the kind of event.
    pub name: String,
    /// Its counters.
    pub counters: Vec<(&'static str, u64)>,
}

/// Everything that was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// In the order in which data flows.
    pub groups: Vec<Group>,
}

impl Summary {
    /// Adds a stage.
    pub fn add(&mut self, name: &str, counters: impl IntoIterator<Item = (&'static str, u64)>) {
        self.groups.push(Group { name: name.to_owned(), counters: counters.into_iter().collect() });
    }

    /// Adds the kernel programs' counters, a group for each kind.
    pub fn add_kernel(&mut self, rows: &[[u64; COUNT]]) {
        for (kind, row) in Kind::ALL.iter().zip(rows) {
            let counters = Outcome::ALL.iter().map(|outcome| outcome.name()).zip(row.iter().copied());
            self.add(&format!("kernel.{}", kind.name()), counters);
        }
    }

    /// One counter of one group; 0 if there is none.
    pub fn get(&self, group: &str, counter: &str) -> u64 {
        let group = self.groups.iter().find(|candidate| candidate.name == group);
        let value = group.and_then(|group| group.counters.iter().find(|(name, _)| *name == counter));
        value.map_or(0, |(_, value)| *value)
    }

    /// One line for each group; counters that are 0 are left out but for those that must be seen to be.
    pub fn lines(&self) -> Vec<String> {
        self.groups.iter().map(Group::line).collect()
    }
}

impl Group {
    fn line(&self) -> String {
        let shown =
            |(name, value): &&(&str, u64)| *value != 0 || matches!(*name, "seen" | "emitted" | "lost");
        let counters = self.counters.iter().filter(shown).map(|(name, value)| format!(" {name}={value}"));
        std::iter::once(format!("{}:", self.name)).chain(counters).collect()
    }
}

/// Whether each kind's sightings are all accounted for.
pub fn kernel_adds_up(rows: &[[u64; COUNT]]) -> bool {
    rows.iter().all(|[seen, outcomes @ ..]| *seen == outcomes.iter().sum::<u64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeroes_are_left_out_but_losses_never_are() {
        let mut summary = Summary::default();
        let mut rows = vec![[0; COUNT]; Kind::ALL.len()];
        rows[0] = [5, 3, 0, 2, 0, 0, 0, 0, 0];
        summary.add_kernel(&rows);
        assert_eq!(summary.lines()[0], "kernel.ProcessFork: seen=5 emitted=3 lost=0 own=2");
        assert_eq!(summary.get("kernel.ProcessFork", "own"), 2);
        assert_eq!(summary.get("nothing", "own"), 0);
    }

    #[test]
    fn a_sighting_without_an_outcome_does_not_add_up() {
        assert!(kernel_adds_up(&[[3, 1, 1, 1, 0, 0, 0, 0, 0]]));
        assert!(!kernel_adds_up(&[[3, 1, 1, 0, 0, 0, 0, 0, 0]]));
    }
}
