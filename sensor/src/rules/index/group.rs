//! All comparisons of one operand, answered together: its value is taken from the event once, and one look into
//! each table says which of the comparisons hold, however many there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::needles::Needles;
use super::suspicion::{Suspicion, is_plain_path, suspicions};
use super::trie::Trie;
use crate::rules::comparison::{Comparison, TextTest, Truth};
use crate::rules::leaf::{Leaf, LeafId, Leaves, Test};
use crate::rules::operand::Operand;
use crate::rules::value::Value;

/// The leaves that compare one operand.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) operand: Operand,
    exact: HashMap<Box<[u8]>, Box<[LeafId]>, RandomState>,
    beginnings: (Trie, Box<[LeafId]>),
    /// Endings, written backwards.
    endings: (Trie, Box<[LeafId]>),
    needles: Option<Search>,
    needles_of_any_case: Option<Search>,
    /// Compared one by one: numbers, truth values and the like.
    single: Box<[LeafId]>,
    suspects: Suspects,
}

/// Needles and the leaf of each.
type Search = (Needles, Box<[LeafId]>);

/// So many needles are found sooner one by one.
const FEW: usize = 8;

/// Leaves that are too dear to be compared here, and how a text must begin or end for one of them to hold.
#[derive(Clone, Debug, Default)]
struct Suspects {
    beginnings: (Trie, Box<[LeafId]>),
    endings: (Trie, Box<[LeafId]>),
    /// Those of the beginnings that are paths.
    paths: Box<[LeafId]>,
}

/// What a comparison is to a group.
pub(super) enum Sort<'l> {
    /// Equal to one of these.
    Exact(Vec<&'l [u8]>),
    Beginning(&'l [u8]),
    Ending(&'l [u8]),
    Needle(&'l [u8]),
    NeedleOfAnyCase(&'l [u8]),
    /// Cheap, and compared by itself.
    Single,
    /// So dear that it is made only when it is needed: patterns, and comparisons with other fields.
    Alone,
}

/// The sort of a leaf.
pub(super) fn sort(leaf: &Leaf) -> Sort<'_> {
    let Test::Constant(comparison) = &leaf.test else { return Sort::Alone };
    let Comparison::Text(sought) = comparison else { return Sort::Single };
    match sought {
        TextTest::Equal(text) => Sort::Exact(vec![text]),
        TextTest::In(set) => Sort::Exact(set.iter().collect()),
        TextTest::StartsWith(text) => Sort::Beginning(text),
        TextTest::EndsWith(text) => Sort::Ending(text),
        TextTest::Contains(finder) => Sort::Needle(finder.needle()),
        TextTest::ContainsIgnoringCase(needle) => Sort::NeedleOfAnyCase(needle.lower()),
        TextTest::NotEqual(_)
        | TextTest::Less(_)
        | TextTest::LessOrEqual(_)
        | TextTest::Greater(_)
        | TextTest::GreaterOrEqual(_) => Sort::Single,
        TextTest::Glob(_) | TextTest::PathMatch(_) | TextTest::Regex(_) => Sort::Alone,
    }
}

/// What was found out about the leaves of a group.
pub(super) enum Answer {
    /// Every leaf that holds was named; the others do not hold.
    Complete,
    /// The value may still come: what was not named is open.
    Open,
}

/// A group being put together.
#[derive(Default)]
struct Parts {
    exact: BTreeMap<Box<[u8]>, Vec<LeafId>>,
    beginnings: Texts,
    endings: Texts,
    needles: Texts,
    needles_of_any_case: Texts,
    single: Vec<LeafId>,
}

/// Texts and the leaf of each.
#[derive(Default)]
struct Texts(Vec<Vec<u8>>, Vec<LeafId>);

impl Texts {
    fn add(&mut self, text: Vec<u8>, leaf: LeafId) {
        self.0.push(text);
        self.1.push(leaf);
    }

    fn trie(self) -> (Trie, Box<[LeafId]>) {
        (Trie::new(&self.0), self.1.into())
    }

    /// An error holds the leaves, where there are too many needles for one search.
    fn needles(self, ignore_case: bool) -> Result<Option<Search>, Vec<LeafId>> {
        match Needles::new(&self.0, ignore_case) {
            Some(needles) => Ok(Some((needles, self.1.into()))),
            None if self.1.is_empty() => Ok(None),
            None => Err(self.1),
        }
    }
}

impl Group {
    /// Puts the leaves together, all of which compare `operand`; of `suspects` it only tells which may hold.
    pub(super) fn new(operand: Operand, members: &[LeafId], suspects: &[LeafId], leaves: &Leaves) -> Self {
        let mut parts = Parts::default();
        for (id, leaf) in members.iter().filter_map(|id| Some((*id, leaves.get(*id)?))) {
            parts.add(id, leaf);
        }
        let Parts { exact, beginnings, endings, needles, needles_of_any_case, mut single } = parts;
        let mut kept = |texts: Texts, ignore_case| {
            if texts.1.len() <= FEW {
                single.extend(texts.1);
                return None;
            }
            texts.needles(ignore_case).unwrap_or_else(|too_many| {
                single.extend(too_many);
                None
            })
        };
        let (needles, needles_of_any_case) = (kept(needles, false), kept(needles_of_any_case, true));
        Self {
            operand,
            exact: exact.into_iter().map(|(text, leaves)| (text, leaves.into())).collect(),
            beginnings: beginnings.trie(),
            endings: endings.trie(),
            needles,
            needles_of_any_case,
            single: single.into(),
            suspects: Suspects::new(suspects, leaves),
        }
    }

    /// Calls `suspect` with every leaf that may hold though it is not compared here, perhaps several times.
    pub(super) fn suspect(&self, value: &Value<'_>, suspect: &mut impl FnMut(LeafId)) {
        let alternatives = if let Value::List(all) = value { all } else { std::slice::from_ref(value) };
        for text in alternatives.iter().filter_map(Value::as_text) {
            self.suspects.search(text, suspect);
        }
    }

    /// Calls `holds` with every leaf that `value` satisfies, perhaps several times.
    pub(super) fn answer(
        &self,
        value: &Value<'_>,
        leaves: &Leaves,
        holds: &mut impl FnMut(LeafId),
    ) -> Answer {
        match value {
            Value::Pending => return Answer::Open,
            Value::Text(text) => self.text(text, holds),
            Value::List(alternatives) => self.alternatives(alternatives, holds),
            Value::Missing => return Answer::Complete,
            Value::Bool(_) | Value::Number(_) | Value::Decimal(_) | Value::Ip(_) => {}
        }
        for id in &self.single {
            if let Some(Leaf { test: Test::Constant(comparison), .. }) = leaves.get(*id)
                && comparison.judge(value) == Truth::True
            {
                holds(*id);
            }
        }
        if value.is_pending() { Answer::Open } else { Answer::Complete }
    }

    fn alternatives(&self, alternatives: &[Value<'_>], holds: &mut impl FnMut(LeafId)) {
        for alternative in alternatives {
            if let Value::Text(text) = alternative {
                self.text(text, holds);
            }
        }
    }

    fn text(&self, text: &[u8], holds: &mut impl FnMut(LeafId)) {
        if !self.exact.is_empty()
            && let Some(leaves) = self.exact.get(text)
        {
            leaves.iter().copied().for_each(&mut *holds);
        }
        let mut numbered = |leaves: &[LeafId], number: u32| {
            leaves.get(number as usize).copied().into_iter().for_each(&mut *holds);
        };
        let (trie, leaves) = &self.beginnings;
        trie.beginnings(text.iter().copied(), |number| numbered(leaves, number));
        let (trie, leaves) = &self.endings;
        trie.beginnings(text.iter().rev().copied(), |number| numbered(leaves, number));
        for (needles, leaves) in self.needles.iter().chain(&self.needles_of_any_case) {
            needles.search(text, |number| numbered(leaves, number));
        }
    }
}

impl Suspects {
    fn new(members: &[LeafId], leaves: &Leaves) -> Self {
        let (mut beginnings, mut endings, mut paths) = (Texts::default(), Texts::default(), BTreeSet::new());
        for id in members {
            for suspicion in leaves.get(*id).and_then(suspicions).into_iter().flatten() {
                match suspicion {
                    Suspicion::Beginning(text) => beginnings.add(text, *id),
                    Suspicion::Ending(text) => endings.add(text.into_iter().rev().collect(), *id),
                    Suspicion::Path(text) => {
                        beginnings.add(text, *id);
                        paths.insert(*id);
                    }
                }
            }
        }
        Self { beginnings: beginnings.trie(), endings: endings.trie(), paths: paths.into_iter().collect() }
    }

    fn search(&self, text: &[u8], suspect: &mut impl FnMut(LeafId)) {
        let mut numbered = |leaves: &[LeafId], number: u32| {
            leaves.get(number as usize).copied().into_iter().for_each(&mut *suspect);
        };
        let (trie, leaves) = &self.beginnings;
        trie.beginnings(text.iter().copied(), |number| numbered(leaves, number));
        let (trie, leaves) = &self.endings;
        trie.beginnings(text.iter().rev().copied(), |number| numbered(leaves, number));
        if !self.paths.is_empty() && !is_plain_path(text) {
            self.paths.iter().copied().for_each(suspect);
        }
    }
}

impl Parts {
    fn add(&mut self, id: LeafId, leaf: &Leaf) {
        match sort(leaf) {
            Sort::Exact(texts) => {
                for text in texts {
                    self.exact.entry(text.into()).or_default().push(id);
                }
            }
            Sort::Beginning(text) => self.beginnings.add(text.to_vec(), id),
            Sort::Ending(text) => self.endings.add(text.iter().rev().copied().collect(), id),
            Sort::Needle(text) => self.needles.add(text.to_vec(), id),
            Sort::NeedleOfAnyCase(text) => self.needles_of_any_case.add(text.to_vec(), id),
            Sort::Single | Sort::Alone => self.single.push(id),
        }
    }
}
