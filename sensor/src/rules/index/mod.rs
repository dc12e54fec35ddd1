//! Which rules an event has to be judged by, and the judgement.
//!
//! ```text
//! event type -> groups of the keys -> leaves that hold -> candidates -> conditions, cheap terms first
//! ```
//!
//! Every operand is taken from the event at most once, and every leaf and macro is judged at most once, however
//! many rules share them.

mod group;
mod key;
mod needles;
mod program;
mod scratch;
mod suspicion;
mod trie;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use group::{Answer, Group, Sort, sort};
use key::Seeker;
use program::{Assembler, Node};
pub use scratch::Scratch;
use suspicion::suspicions;

use super::comparison::{Truth, all, any};
use super::condition::Condition;
use super::event_type::{EventType, EventTypes};
use super::field::Fields;
use super::leaf::{LeafId, Leaves};

/// A rule, as the index sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'r> {
    pub(super) condition: &'r Condition,
    pub(super) event_types: EventTypes,
    /// Whether it is judged at all.
    pub(super) enabled: bool,
}

/// The conditions of a rule set, by what events they are about.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Tells this index from every other one, so that no scratch is used for two.
    identity: u64,
    /// Number of leaves.
    leaves: usize,
    groups: Vec<Group>,
    /// For every leaf its group, where it has one.
    group_of: Vec<Option<usize>>,
    /// For every leaf the group in which it is seen that it holds, or may hold.
    seen_in: Vec<Option<usize>>,
    /// For every leaf the rules of whose key it is part.
    keyed: Vec<Box<[usize]>>,
    macros: Vec<Node>,
    conditions: Vec<Node>,
    by_event: Vec<Kind>,
}

/// What concerns one event type.
#[derive(Clone, Debug, Default)]
struct Kind {
    /// A bit for every rule that is for it.
    rules: Box<[u64]>,
    /// A bit for every one of them that has no key.
    keyless: Box<[u64]>,
    /// The groups in which the keys of the others are.
    groups: Box<[usize]>,
}

/// For a rule of more event types than this one key has to do for all of them.
const MAX_KEYS: u32 = 16;

/// Identities of indexes; 0 is a scratch that was never used.
static NEXT: AtomicU64 = AtomicU64::new(1);

impl Index {
    /// Puts the rules of a set in order.
    pub(super) fn new(rules: &[Entry<'_>], leaves: &Leaves) -> Self {
        let mut assembler = Assembler::new(leaves);
        let conditions = rules.iter().map(|rule| assembler.node(rule.condition).0).collect();
        let macros = assembler.macros.into_iter().map(|(node, _)| node).collect();
        let Grouped { groups, group_of, seen_in } = grouped(leaves);
        let mut index = Self {
            identity: NEXT.fetch_add(1, Ordering::Relaxed),
            leaves: leaves.len(),
            groups,
            group_of,
            seen_in,
            keyed: Vec::new(),
            macros,
            conditions,
            by_event: Vec::new(),
        };
        index.add_keys(rules, leaves);
        index
    }

    fn add_keys(&mut self, rules: &[Entry<'_>], leaves: &Leaves) {
        let mut keyed: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); leaves.len()];
        let mut kinds = vec![Building::new(rules.len()); EventType::COUNT];
        for (place, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.enabled) {
            let mut sought = |event: Option<EventType>, answered: &BTreeSet<usize>| {
                let seeker = Seeker { leaves, seen_in: &self.seen_in, event, answered };
                let key = seeker.key(rule.condition);
                for leaf in key.iter().flat_map(|key| &key.leaves) {
                    keyed.get_mut(leaf.index()).into_iter().for_each(|rules| {
                        rules.insert(place);
                    });
                }
                key.map(|key| seeker.groups(&key))
            };
            let is_special = rule.event_types.count() <= MAX_KEYS;
            let general = if is_special { None } else { sought(None, &BTreeSet::new()) };
            for event in rule.event_types.iter() {
                let Some(kind) = kinds.get_mut(event.index()) else { continue };
                if is_special {
                    let groups = sought(Some(event), &kind.groups);
                    kind.add(place, groups.as_ref());
                } else {
                    kind.add(place, general.as_ref());
                }
            }
        }
        self.keyed = keyed.into_iter().map(|rules| rules.into_iter().collect()).collect();
        self.by_event = kinds.into_iter().map(Building::finish).collect();
    }

    /// Calls `candidate` with the place of every rule that an event may satisfy, and whether it does, in the order
    /// of the rules, until that says to stop.
    pub(super) fn judge<F: Fields + ?Sized>(
        &self,
        event: EventType,
        leaves: &Leaves,
        fields: &F,
        scratch: &mut Scratch,
        mut candidate: impl FnMut(usize, Truth, &mut Judgement<'_, F>) -> Next,
    ) {
        let number = scratch.begin(self);
        let Some(kind) = self.by_event.get(event.index()) else { return };
        let mut judgement = Judgement { index: self, leaves, fields, scratch, event, number };
        judgement.find_candidates(kind);
        for word in 0..kind.rules.len() {
            let mut bits = judgement.scratch.candidates.get(word).copied().unwrap_or_default();
            while bits != 0 {
                let place = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let truth = self.conditions.get(place).map_or(Truth::False, |node| judgement.node(node));
                if truth != Truth::False && candidate(place, truth, &mut judgement) == Next::Stop {
                    return;
                }
            }
        }
    }
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Continue,
    Stop,
}

/// All groups, and what is in them.
struct Grouped {
    groups: Vec<Group>,
    group_of: Vec<Option<usize>>,
    seen_in: Vec<Option<usize>>,
}

/// Puts leaves of one operand into one group each.
fn grouped(leaves: &Leaves) -> Grouped {
    let mut places = BTreeMap::new();
    let mut members: Vec<(Vec<LeafId>, Vec<LeafId>)> = Vec::new();
    let (mut group_of, mut seen_in) = (vec![None; leaves.len()], vec![None; leaves.len()]);
    for (id, leaf) in leaves.iter() {
        let is_alone = matches!(sort(leaf), Sort::Alone);
        if is_alone && suspicions(leaf).is_none() {
            continue;
        }
        let group = *places.entry(leaf.operand_text()).or_insert(members.len());
        if group == members.len() {
            members.push(Default::default());
        }
        let Some((compared, suspects)) = members.get_mut(group) else { continue };
        if is_alone {
            suspects.push(id);
        } else {
            compared.push(id);
        }
        let slots = group_of.get_mut(id.index()).filter(|_| !is_alone).into_iter();
        slots.chain(seen_in.get_mut(id.index())).for_each(|slot| *slot = Some(group));
    }
    let group = |(compared, suspects): (Vec<LeafId>, Vec<LeafId>)| {
        let first = compared.first().or(suspects.first())?;
        let operand = leaves.get(*first)?.left.clone();
        Some(Group::new(operand, &compared, &suspects, leaves))
    };
    Grouped { groups: members.into_iter().filter_map(group).collect(), group_of, seen_in }
}

/// A [`Kind`] being put together.
#[derive(Clone, Debug)]
struct Building {
    rules: Vec<u64>,
    keyless: Vec<u64>,
    groups: BTreeSet<usize>,
}

impl Building {
    fn new(rules: usize) -> Self {
        let words = rules.div_ceil(64);
        Self { rules: vec![0; words], keyless: vec![0; words], groups: BTreeSet::new() }
    }

    /// Adds a rule, whose key is in these groups if it has one.
    fn add(&mut self, rule: usize, groups: Option<&BTreeSet<usize>>) {
        set_bit(&mut self.rules, rule);
        match groups {
            Some(groups) => self.groups.extend(groups),
            None => set_bit(&mut self.keyless, rule),
        }
    }

    fn finish(self) -> Kind {
        let none = self.rules.iter().all(|word| *word == 0);
        let Self { rules, keyless, groups } = self;
        if none {
            return Kind::default();
        }
        Kind { rules: rules.into(), keyless: keyless.into(), groups: groups.into_iter().collect() }
    }
}

fn set_bit(bits: &mut [u64], place: usize) {
    if let Some(word) = bits.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}

/// One event being judged.
pub(super) struct Judgement<'j, F: ?Sized> {
    index: &'j Index,
    leaves: &'j Leaves,
    fields: &'j F,
    scratch: &'j mut Scratch,
    event: EventType,
    number: u32,
}

impl<F: Fields + ?Sized> Judgement<'_, F> {
    /// The rules of this kind that have no key, or whose key the event has.
    fn find_candidates(&mut self, kind: &Kind) {
        self.scratch.candidates.clear();
        self.scratch.candidates.extend_from_slice(&kind.keyless);
        let mut open = false;
        for group in &kind.groups {
            open |= self.group(*group) == Truth::Open;
        }
        if open {
            // A key that may still come has to be taken for one that the event has.
            self.scratch.candidates.clear();
            self.scratch.candidates.extend_from_slice(&kind.rules);
            return;
        }
        let Scratch { hits, candidates, .. } = &mut *self.scratch;
        for hit in &*hits {
            let rules = self.index.keyed.get(hit.index()).map(|rules| &**rules).unwrap_or_default();
            for rule in rules {
                set_bit(candidates, *rule);
            }
        }
        for (word, rules) in candidates.iter_mut().zip(&kind.rules) {
            *word &= rules;
        }
    }

    /// Judges a leaf, or remembers how it was judged.
    pub(super) fn leaf(&mut self, id: LeafId) -> Truth {
        if let Some(known) = self.scratch.leaves.get(id.index(), self.number) {
            return known;
        }
        let truth = match self.index.group_of.get(id.index()).copied().flatten() {
            Some(group) => {
                let otherwise = self.group(group);
                self.scratch.leaves.get(id.index(), self.number).unwrap_or(otherwise)
            }
            None => self.leaves.get(id).map_or(Truth::False, |leaf| leaf.judge(self.fields)),
        };
        self.scratch.leaves.set(id.index(), self.number, truth);
        truth
    }

    /// Judges a group, if that was not done yet: what its leaves are that were not found to hold.
    fn group(&mut self, place: usize) -> Truth {
        if let Some(known) = self.scratch.groups.get(place, self.number) {
            return known;
        }
        let Some(group) = self.index.groups.get(place) else { return Truth::False };
        let value = group.operand.value(self.fields);
        let Scratch { leaves, hits, .. } = &mut *self.scratch;
        let number = self.number;
        let answer = group.answer(&value, self.leaves, &mut |id| {
            // A long value may hold a needle thousands of times.
            if leaves.get(id.index(), number) != Some(Truth::True) {
                leaves.set(id.index(), number, Truth::True);
                hits.push(id);
            }
        });
        group.suspect(&value, &mut |id| hits.push(id));
        let otherwise = match answer {
            Answer::Complete => Truth::False,
            Answer::Open => Truth::Open,
        };
        self.scratch.groups.set(place, self.number, otherwise);
        otherwise
    }

    fn node(&mut self, node: &Node) -> Truth {
        match node {
            Node::All(terms) => all(terms, |term| self.node(term)),
            Node::Any(terms) => any(terms, |term| self.node(term)),
            Node::Not(term) => self.node(term).negated(),
            Node::Leaf(id) => self.leaf(*id),
            Node::Types(types) => Truth::from(types.contains(self.event)),
            Node::Constant(truth) => Truth::from(*truth),
            Node::Macro(place) => self.named(*place),
        }
    }

    fn named(&mut self, place: usize) -> Truth {
        if let Some(known) = self.scratch.macros.get(place, self.number) {
            return known;
        }
        let truth = self.index.macros.get(place).map_or(Truth::False, |node| self.node(node));
        self.scratch.macros.set(place, self.number, truth);
        truth
    }
}

#[cfg(test)]
mod tests;
