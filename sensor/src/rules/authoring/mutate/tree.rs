//! The changes to the nodes of a condition, its comparisons apart.

use super::mutant::NodeChange;
use crate::rules::condition::Condition;
use crate::rules::event_type::{EventType, EventTypes};
use crate::rules::rule_set::Rule;

/// A change to a node, with what is changed and how in words.
pub(super) struct NodeMutant<'c> {
    pub(super) node: &'c Condition,
    pub(super) change: NodeChange,
    pub(super) part: String,
    pub(super) words: String,
}

/// Every change to the nodes of a rule's condition.
pub(super) fn mutants<'c>(rule: &'c Rule, written: &dyn Fn(&Condition) -> String) -> Vec<NodeMutant<'c>> {
    let mut nodes = Vec::new();
    collect(rule.condition(), &mut nodes);
    let types = rule.event_types();
    let changes = nodes.into_iter().flat_map(|node| {
        let changes = changes(node, types, written).into_iter();
        changes.map(move |(change, words)| NodeMutant { node, change, part: written(node), words })
    });
    changes.collect()
}

/// Every node, each once, though several macros may bring it.
fn collect<'c>(condition: &'c Condition, nodes: &mut Vec<&'c Condition>) {
    if nodes.iter().any(|known| std::ptr::eq(*known, condition)) {
        return;
    }
    nodes.push(condition);
    match condition {
        Condition::All(terms) | Condition::Any(terms) => terms.iter().for_each(|term| collect(term, nodes)),
        Condition::Not(term) => collect(term, nodes),
        Condition::Macro(named) => collect(&named.condition, nodes),
        Condition::Leaf(_) | Condition::EventType(..) | Condition::Constant(..) => {}
    }
}

fn changes(
    node: &Condition,
    rule_types: EventTypes,
    written: &dyn Fn(&Condition) -> String,
) -> Vec<(NodeChange, String)> {
    match node {
        Condition::All(terms) => joined(terms, "`and` becomes `or`", written),
        Condition::Any(terms) => joined(terms, "`or` becomes `and`", written),
        Condition::EventType(types, _) => of_types(**types, rule_types),
        Condition::Not(_) | Condition::Macro(_) | Condition::Leaf(_) | Condition::Constant(..) => Vec::new(),
    }
}

fn joined(
    terms: &[Condition],
    swap: &str,
    written: &dyn Fn(&Condition) -> String,
) -> Vec<(NodeChange, String)> {
    if terms.len() < 2 {
        return Vec::new();
    }
    // To leave a single comparison out is to make it constant, which is tried apart.
    let is_alone = |term: &Condition| {
        matches!(term, Condition::Leaf(_) | Condition::EventType(..) | Condition::Constant(..))
    };
    let dropped = terms.iter().enumerate().filter(|(_, term)| !is_alone(term));
    let mut changes: Vec<_> = dropped
        .map(|(index, term)| (NodeChange::Without(index), format!("without `{}`", written(term))))
        .collect();
    changes.push((NodeChange::Swapped, swap.to_owned()));
    changes
}

/// A type that the rule cannot match anyway, or that no event has, is not taken out: nothing would change.
fn of_types(types: EventTypes, rule_types: EventTypes) -> Vec<(NodeChange, String)> {
    let mut changes = vec![
        (NodeChange::Negated, "negated".to_owned()),
        (NodeChange::Constant(true), "always true".to_owned()),
        (NodeChange::Constant(false), "always false".to_owned()),
    ];
    if types.count() > 1 {
        let taken = types.and(rule_types).and(EventTypes::OBSERVED);
        let without = |event: EventType| {
            let rest = EventTypes::which(|other| other != event && types.contains(other));
            (NodeChange::Types(rest), format!("without `{}`", event.name()))
        };
        changes.extend(taken.iter().map(without));
    }
    changes
}
