//! What may differ between the accounts, each with its reason; whatever else differs is a fault.

use std::collections::BTreeMap;

use super::{
    made::{Fact, Made, Outcome},
    words::OPEN_FLAGS,
};
use crate::support::Tier;

/// Why a call of strace's account has another form in Vigie's, or none.
#[derive(Debug)]
struct Rule {
    reason: &'static str,
    /// Only where events are obtained so; everywhere if there is none.
    tier: Option<Tier>,
    /// Which calls it is about.
    about: fn(&Made) -> bool,
    /// What the call is in Vigie's account.
    change: fn(&mut Made),
    /// Whether it is in Vigie's account at all.
    is_seen: bool,
}

/// `O_CLOEXEC`.
const CLOEXEC: i64 = 0o2_000_000;
/// Errors of the kernel's interface.
const ENOENT: i64 = 2;
const EFAULT: i64 = 14;
const EINVAL: i64 = 22;
const EMFILE: i64 = 24;
const ENAMETOOLONG: i64 = 36;
/// The length from which on a name is refused whole.
const PATH_MAX: usize = 4096;

const RULES: &[Rule] = &[
    Rule {
        reason: "flags that Falco has no name for, such as O_LARGEFILE, are not in evt.arg.flags",
        tier: None,
        about: |made| made.is_open() && flags(made) & !known_flags() != 0,
        change: |made| set_flags(made, flags(made) & known_flags()),
        is_seen: true,
    },
    Rule {
        reason: "an empty name is no value of a field",
        tier: None,
        about: |made| made.facts.values().any(|fact| *fact == Fact::bytes([])),
        change: |made| made.facts.retain(|_, fact| *fact != Fact::bytes([])),
        is_seen: true,
    },
    Rule {
        reason: "of a call that failed the fields of Falco have the absolute path, not the name as it was given",
        tier: None,
        about: |made| {
            !made.is_open() && made.error() != 0 && NAMES.iter().any(|name| made.facts.contains_key(name))
        },
        change: |made| NAMES.iter().for_each(|name| drop(made.facts.remove(name))),
        is_seen: true,
    },
    Rule {
        reason: "in the lsm tier the path of a change of mode is the file's, whatever link its name is",
        tier: Some(Tier::Lsm),
        about: |made| made.facts.contains_key("file"),
        change: |made| {
            if let Some(file) = made.facts.remove("file") {
                made.facts.insert("path", file);
            }
        },
        is_seen: true,
    },
    Rule {
        reason: "in the tracepoint tier the path of a change of mode is its name, made absolute",
        tier: Some(Tier::Tracepoint),
        about: |made| made.facts.contains_key("file"),
        change: |made| drop(made.facts.remove("file")),
        is_seen: true,
    },
    Rule {
        reason: "in the lsm tier an open is seen where the kernel opens the file, before it has a descriptor",
        tier: Some(Tier::Lsm),
        about: |made| made.is_open() && matches!(made.result, Outcome::Returned(0..)),
        change: |made| made.result = Outcome::Succeeded,
        is_seen: true,
    },
    Rule {
        reason: "in the lsm tier close-on-exec, which is the descriptor's, is not seen",
        tier: Some(Tier::Lsm),
        about: |made| made.is_open() && flags(made) & CLOEXEC != 0,
        change: |made| set_flags(made, flags(made) & !CLOEXEC),
        is_seen: true,
    },
    Rule {
        reason: "in the lsm tier a request that the kernel refuses before it looks for the file is not seen",
        tier: Some(Tier::Lsm),
        about: |made| {
            let is_empty = !made.facts.contains_key("name");
            let is_long = matches!(made.facts.get("name"), Some(Fact::Bytes(name)) if name.len() >= PATH_MAX);
            let is_early = match made.error() {
                EFAULT | EINVAL | EMFILE => true,
                ENAMETOOLONG => is_long,
                ENOENT => is_empty,
                _ => false,
            };
            made.is_open() && is_early
        },
        change: |_| {},
        is_seen: false,
    },
];

/// Facts that are names as they were given.
const NAMES: [&str; 3] = ["name", "old name", "new name"];

/// strace was not told what came of a call: the thread was killed first. The kernel did tell Vigie.
const UNTOLD: &str = "strace is not told the result of a call that a deadly signal ended";

/// Most calls of one account alone that are printed.
const LISTED: usize = 300;

/// How two accounts compare.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// How often each call is in both.
    pub(super) same: BTreeMap<String, usize>,
    /// How often each reason explained something.
    pub(super) explained: BTreeMap<&'static str, usize>,
    /// Calls that only strace told of.
    pub(super) missed: Vec<Made>,
    /// Calls that only Vigie told of.
    pub(super) invented: Vec<Made>,
}

/// Compares strace's account with Vigie's.
pub(super) fn compare(told: Vec<Made>, seen: Vec<Made>, tier: Tier) -> Comparison {
    let mut comparison = Comparison::default();
    let told = told.into_iter().filter_map(|made| comparison.explain(made, tier)).collect();
    comparison.cancel(told, seen);
    comparison.pair_untold();
    comparison
}

impl Comparison {
    /// Prints how the accounts compare.
    pub(super) fn report(&self) {
        println!("the same: {:?}", self.same);
        for (reason, calls) in &self.explained {
            println!("{calls} calls: {reason}");
        }
        let only = |who: &str, calls: &[Made]| {
            for made in calls.iter().take(LISTED) {
                println!("only {who}: {made:?}");
            }
            if calls.len() > LISTED {
                println!("only {who}: {} more", calls.len() - LISTED);
            }
        };
        only("strace", &self.missed);
        only("Vigie", &self.invented);
    }

    /// Asserts that the workload did what it is for: calls whose names begin so were made and seen.
    #[track_caller]
    pub(super) fn has(&self, calls: &[&str]) {
        for call in calls {
            assert!(self.same.keys().any(|name| name.starts_with(call)), "no {call} in {:?}", self.same);
        }
    }

    /// The call as Vigie's account must have it; nothing if it need not have it.
    fn explain(&mut self, mut made: Made, tier: Tier) -> Option<Made> {
        for rule in RULES.iter().filter(|rule| rule.tier.is_none_or(|only| only == tier)) {
            if (rule.about)(&made) {
                *self.explained.entry(rule.reason).or_default() += 1;
                (rule.change)(&mut made);
                if !rule.is_seen {
                    return None;
                }
            }
        }
        Some(made)
    }

    /// Takes out of both what they have in common.
    fn cancel(&mut self, mut told: Vec<Made>, mut seen: Vec<Made>) {
        told.sort();
        seen.sort();
        let mut seen = seen.into_iter().peekable();
        for made in told {
            self.invented.extend(std::iter::from_fn(|| seen.next_if(|other| *other < made)));
            match seen.next_if_eq(&made) {
                Some(_) => *self.same.entry(made.call).or_default() += 1,
                None => self.missed.push(made),
            }
        }
        self.invented.extend(seen);
    }

    /// Pairs calls of which strace does not know the result with those that are the same but for that.
    fn pair_untold(&mut self) {
        let (untold, missed) =
            std::mem::take(&mut self.missed).into_iter().partition(|made| made.result == Outcome::Untold);
        self.missed = missed;
        let untold: Vec<Made> = untold;
        for made in untold {
            match self.invented.iter().position(|other| made.is_like(other)) {
                Some(place) => {
                    self.invented.remove(place);
                    *self.explained.entry(UNTOLD).or_default() += 1;
                }
                None => self.missed.push(made),
            }
        }
    }
}

fn known_flags() -> i64 {
    OPEN_FLAGS.iter().fold(0, |bits, (_, bit)| bits | bit)
}

fn flags(made: &Made) -> i64 {
    match made.facts.get("flags") {
        Some(Fact::Number(flags)) => *flags,
        Some(Fact::Bytes(_)) | None => 0,
    }
}

fn set_flags(made: &mut Made, flags: i64) {
    made.facts.insert("flags", Fact::Number(flags));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(call: &str, result: Outcome) -> Made {
        Made::new(7, call, result).with("path", Some(Fact::bytes(*b"/t")))
    }

    const DONE: Outcome = Outcome::Returned(0);

    #[test]
    fn multisets_are_compared_not_sets() {
        let rmdir = || made("rmdir", DONE);
        let comparison = compare(vec![rmdir(), rmdir()], vec![rmdir()], Tier::Tracepoint);
        assert_eq!((comparison.same.len(), comparison.missed.len(), comparison.invented.len()), (1, 1, 0));
        let comparison = compare(vec![rmdir()], vec![rmdir(), rmdir()], Tier::Tracepoint);
        assert_eq!((comparison.same.len(), comparison.missed.len(), comparison.invented.len()), (1, 0, 1));
    }

    #[test]
    fn another_result_or_path_is_a_difference() {
        let told = vec![made("rmdir", DONE)];
        let others = [made("rmdir", Outcome::Returned(-1)), made("unlink", DONE), {
            made("rmdir", DONE).with("path", Some(Fact::bytes(*b"/u")))
        }];
        for other in others {
            let comparison = compare(told.clone(), vec![other], Tier::Lsm);
            assert_eq!((comparison.missed.len(), comparison.invented.len()), (1, 1));
        }
    }

    #[test]
    fn an_unknown_result_is_any_one_result() {
        let (untold, seen) = (vec![made("kill", Outcome::Untold)], vec![made("kill", DONE)]);
        let comparison = compare(untold.clone(), seen.clone(), Tier::Lsm);
        assert!(comparison.missed.is_empty() && comparison.invented.is_empty());
        assert_eq!(compare(untold.clone(), vec![], Tier::Lsm).missed, untold);
        assert_eq!(compare(untold, [&seen[..], &seen[..]].concat(), Tier::Lsm).invented, seen);
    }

    #[test]
    fn what_a_tier_does_not_see_is_no_excuse_in_the_other() {
        let open = vec![made("openat", Outcome::Returned(-EFAULT))];
        assert_eq!(compare(open.clone(), vec![], Tier::Lsm).missed, []);
        assert_eq!(compare(open.clone(), vec![], Tier::Tracepoint).missed, open);
        let open = vec![made("openat", Outcome::Returned(3))];
        let seen = vec![made("openat", Outcome::Succeeded)];
        assert_eq!(compare(open.clone(), seen.clone(), Tier::Lsm).same.len(), 1);
        assert_eq!(compare(open, seen, Tier::Tracepoint).same.len(), 0);
    }
}
