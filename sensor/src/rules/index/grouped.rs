//! The groups of all leaves, and in which of them each leaf is found.

use std::collections::BTreeMap;

use super::group::{Group, Sort, sort};
use super::suspicion::suspicions;
use crate::rules::leaf::{LeafId, Leaves};

/// All groups, and what is in them.
pub(super) struct Grouped {
    pub(super) groups: Vec<Group>,
    /// For every leaf its group, where it has one.
    pub(super) group_of: Vec<Option<usize>>,
    /// For every leaf the group in which it is seen that it holds, or may hold.
    pub(super) seen_in: Vec<Option<usize>>,
}

/// Puts leaves of one operand into one group each.
pub(super) fn grouped(leaves: &Leaves) -> Grouped {
    let mut places = BTreeMap::new();
    let mut members: Vec<(Vec<LeafId>, Vec<LeafId>)> = Vec::new();
    let (mut group_of, mut seen_in) = (vec![None; leaves.len()], vec![None; leaves.len()]);
    for (id, leaf) in leaves.iter() {
        let is_alone = matches!(sort(leaf), Sort::Alone);
        if is_alone && suspicions(leaf).is_none() {
            continue;
        }
        // What is written `fd.name` may be compared with what was passed.
        let operand = (leaf.left.field_name(), leaf.operand_text());
        let group = *places.entry(operand).or_insert(members.len());
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
