//! One event under judgement: what is found out about it is kept, and nothing is found out twice.

use super::group::Answer;
use super::kind::{Kind, set_bit};
use super::program::Node;
use super::{Index, Scratch};
use crate::rules::comparison::{Truth, all, any};
use crate::rules::event_type::EventType;
use crate::rules::field::Fields;
use crate::rules::leaf::{LeafId, Leaves};

/// One event being judged.
pub(in crate::rules) struct Judgement<'j, F: ?Sized> {
    pub(super) index: &'j Index,
    pub(super) leaves: &'j Leaves,
    pub(super) fields: &'j F,
    pub(super) scratch: &'j mut Scratch,
    pub(super) event: EventType,
    pub(super) number: u32,
}

impl<F: Fields + ?Sized> Judgement<'_, F> {
    /// The rules of this kind that have no key, or whose key the event has.
    pub(super) fn find_candidates(&mut self, kind: &Kind) {
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
    pub(in crate::rules) fn leaf(&mut self, id: LeafId) -> Truth {
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

    pub(super) fn node(&mut self, node: &Node) -> Truth {
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
