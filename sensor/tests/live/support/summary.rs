//! The counters that the sensor prints when it ends.

use std::collections::BTreeMap;

use sensor_common::event::Kind;

/// Counters by group and name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary(BTreeMap<String, BTreeMap<String, u64>>);

impl Summary {
    /// Takes a line of standard error if it is `vigie: GROUP: NAME=NUMBER ...`; a later line of a group replaces an
    /// earlier one.
    pub(super) fn take(&mut self, line: &str) {
        let Some((group, counters)) = line.strip_prefix("vigie: ").and_then(|line| line.split_once(':'))
        else {
            return;
        };
        let counters = counters.split_whitespace().map(|counter| {
            let (name, value) = counter.split_once('=')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        if let Some(counters) = counters.collect::<Option<BTreeMap<_, _>>>()
            && !group.contains(' ')
        {
            self.0.insert(group.to_owned(), counters);
        }
    }

    /// One counter; 0 if it was left out.
    #[track_caller]
    pub(crate) fn get(&self, group: &str, name: &str) -> u64 {
        let group = self.0.get(group).unwrap_or_else(|| panic!("no counters of {group} in {self:#?}"));
        group.get(name).copied().unwrap_or(0)
    }

    /// Asserts what holds of every run: each kind's sightings are all accounted for, and so is every line.
    #[track_caller]
    pub(crate) fn adds_up(&self) {
        let kinds: Vec<_> = self.0.iter().filter(|(group, _)| group.starts_with("kernel.")).collect();
        assert_eq!(kinds.len(), Kind::ALL.len(), "every kind has its counters: {self:#?}");
        for (group, counters) in kinds {
            let seen = self.get(group, "seen");
            let outcomes: u64 = counters.iter().filter(|(name, _)| *name != "seen").map(|(_, n)| n).sum();
            assert_eq!(seen, outcomes, "{group}: {counters:?}");
        }
        let (records, events) = (self.get("decode", "records"), self.get("decode", "events"));
        assert_eq!(records, events, "every record was understood: {self:#?}");
        assert_eq!(records, self.of_every_kind("emitted"), "every record sent was taken: {self:#?}");
    }

    /// Asserts that nothing was lost anywhere.
    #[track_caller]
    pub(crate) fn lost_nothing(&self) {
        for outcome in ["lost", "busy", "unreadable", "no_field", "too_long"] {
            assert_eq!(self.of_every_kind(outcome), 0, "{outcome}: {self:#?}");
        }
        assert_eq!(self.get("sink", "dropped"), 0, "{self:#?}");
        assert_eq!(self.get("sink", "queued"), self.get("sink", "written"), "{self:#?}");
    }

    fn of_every_kind(&self, outcome: &str) -> u64 {
        let kinds = self.0.iter().filter(|(group, _)| group.starts_with("kernel."));
        kinds.map(|(_, counters)| counters.get(outcome).copied().unwrap_or(0)).sum()
    }
}

#[test]
fn a_summary_is_told_from_other_lines() {
    let mut summary = Summary::default();
    summary.take("vigie: kernel.ProcessExec: seen=5 emitted=3 lost=2");
    summary.take("vigie: off: do_filp_open; `vigie doctor` says why");
    summary.take("vigie: version 0.1.0, tier lsm, hooks: 3 on");
    assert_eq!(summary.get("kernel.ProcessExec", "lost"), 2);
    assert_eq!(summary.get("kernel.ProcessExec", "own"), 0);
    assert_eq!(summary.0.len(), 1);
}
