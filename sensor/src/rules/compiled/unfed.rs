//! Which rules hang on fields that no event feeds: they load, as they do in Falco, but their users should know.

use std::collections::HashMap;
use std::sync::Arc;

use super::condition::{Condition, Named};
use super::leaf::{LeafId, Leaves};
use crate::rules::event_type::EventTypes;
use crate::rules::field::FieldRef;
use crate::rules::problem::Concern;
use crate::rules::rule_set::Rule;
use crate::rules::source::Warning;
use crate::rules::yaml::excerpt;

/// Most fields of one condition that are looked at, and of one warning that are named.
const MAX_FIELDS: usize = 64;
const MAX_NAMED: usize = 5;

/// Says of each enabled rule that cannot fire, or has parts that never hold, which fields are to blame. `feeders`
/// gives the event types that feed a field.
pub(in crate::rules) fn warnings(
    rules: &[Rule],
    leaves: &Leaves,
    feeders: impl Fn(&FieldRef) -> EventTypes,
) -> Vec<Warning> {
    let leaves: Vec<_> = leaves.iter().map(|(_, leaf)| Fed::new(leaf, &feeders)).collect();
    let mut analysis = Analysis { leaves: &leaves, macros: HashMap::new(), asks: Vec::new() };
    // Operations on watched files and requests feed fields of their own.
    let judging = rules.iter().filter(|rule| rule.judges_events());
    judging.filter_map(|rule| analysis.warning(rule)).collect()
}

/// The fields of a leaf that some event type does not feed.
struct Fed<'l> {
    /// The event types that feed all fields of the leaf.
    types: EventTypes,
    fields: Vec<Asked<'l>>,
}

#[derive(Clone, Copy)]
struct Asked<'l> {
    field: &'l FieldRef,
    feeders: EventTypes,
}

impl<'l> Fed<'l> {
    fn new(leaf: &'l super::leaf::Leaf, feeders: &impl Fn(&FieldRef) -> EventTypes) -> Self {
        let mut fed = Self { types: EventTypes::ALL, fields: Vec::new() };
        leaf.each_field(&mut |field| fed.add(Asked { field, feeders: feeders(field) }));
        fed
    }

    fn add(&mut self, asked: Asked<'l>) {
        self.types = self.types.and(asked.feeders);
        if asked.feeders != EventTypes::OBSERVED {
            self.fields.push(asked);
        }
    }
}

/// For which event types a condition can be true, and for which false. A comparison with a field that the event
/// does not feed is false; of any other nothing is known.
#[derive(Clone, Copy)]
struct Reach {
    holds: EventTypes,
    fails: EventTypes,
}

struct Analysis<'a, 'l> {
    leaves: &'a [Fed<'l>],
    /// What is known of macros, which many rules share: their reach and the fields they ask for.
    macros: HashMap<*const Named, (Reach, Vec<Asked<'l>>)>,
    /// Fields of the condition under way.
    asks: Vec<Asked<'l>>,
}

impl<'l> Analysis<'_, 'l> {
    fn warning(&mut self, rule: &Rule) -> Option<Warning> {
        let types = rule.event_types().and(EventTypes::OBSERVED);
        self.asks.clear();
        let can_fire = !self.reach(rule.condition()).holds.and(types).is_empty();
        let fields = self.unfed(types, can_fire);
        if types.is_empty() || fields.is_empty() {
            return None;
        }
        let (rule_name, fields) = (excerpt(&rule.name), names(&fields));
        let concern = if can_fire {
            Concern::PartlyUnfed { rule: rule_name, fields }
        } else {
            Concern::Unfed { rule: rule_name, fields }
        };
        Some(Warning { place: rule.place.clone(), concern })
    }

    /// The fields that none of these event types feeds; where a rule cannot fire and there is none such, those
    /// that some of them do not feed.
    fn unfed(&self, types: EventTypes, can_fire: bool) -> Vec<&'l FieldRef> {
        let by_none = self.asks.iter().filter(|asked| asked.feeders.and(types).is_empty());
        let by_none: Vec<_> = by_none.map(|asked| asked.field).collect();
        if can_fire || !by_none.is_empty() {
            return by_none;
        }
        self.asks.iter().filter(|asked| asked.feeders.and(types) != types).map(|asked| asked.field).collect()
    }

    fn reach(&mut self, condition: &Condition) -> Reach {
        match condition {
            Condition::All(terms) => self.all(terms),
            Condition::Any(terms) => self.any(terms),
            Condition::Not(term) => self.reach(term).negated(),
            Condition::Leaf(id) => self.leaf(*id),
            Condition::EventType(types, _) => Reach { holds: **types, fails: types.complement() },
            Condition::Constant(true, _) => Reach { holds: EventTypes::ALL, fails: EventTypes::NONE },
            Condition::Constant(false, _) => Reach { holds: EventTypes::NONE, fails: EventTypes::ALL },
            Condition::Macro(named) => self.named(named),
        }
    }

    fn all(&mut self, terms: &[Condition]) -> Reach {
        let mut reach = Reach { holds: EventTypes::ALL, fails: EventTypes::NONE };
        for term in terms {
            let term = self.reach(term);
            reach = Reach { holds: reach.holds.and(term.holds), fails: reach.fails.or(term.fails) };
        }
        reach
    }

    fn any(&mut self, terms: &[Condition]) -> Reach {
        let mut reach = Reach { holds: EventTypes::NONE, fails: EventTypes::ALL };
        for term in terms {
            let term = self.reach(term);
            reach = Reach { holds: reach.holds.or(term.holds), fails: reach.fails.and(term.fails) };
        }
        reach
    }

    fn leaf(&mut self, id: LeafId) -> Reach {
        let Some(leaf) = self.leaves.get(id.index()) else {
            return Reach { holds: EventTypes::ALL, fails: EventTypes::ALL };
        };
        self.ask(&leaf.fields);
        Reach { holds: leaf.types, fails: EventTypes::ALL }
    }

    fn ask(&mut self, fields: &[Asked<'l>]) {
        for asked in fields {
            let known = self.asks.iter().any(|known| known.field == asked.field);
            if !known && self.asks.len() < MAX_FIELDS {
                self.asks.push(*asked);
            }
        }
    }

    fn named(&mut self, named: &Arc<Named>) -> Reach {
        let key = Arc::as_ptr(named);
        if let Some((reach, asks)) = self.macros.get(&key) {
            let (reach, asks) = (*reach, asks.clone());
            self.ask(&asks);
            return reach;
        }
        let outer = std::mem::take(&mut self.asks);
        let reach = self.reach(&named.condition);
        let asks = std::mem::replace(&mut self.asks, outer);
        self.ask(&asks);
        self.macros.insert(key, (reach, asks));
        reach
    }
}

impl Reach {
    fn negated(self) -> Self {
        Self { holds: self.fails, fails: self.holds }
    }
}

/// The first few names, for a message.
fn names(fields: &[&FieldRef]) -> String {
    let named = fields.iter().take(MAX_NAMED).map(|field| format!("`{}`", excerpt(&field.to_string())));
    let named = named.collect::<Vec<_>>().join(", ");
    match fields.len().saturating_sub(MAX_NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::RuleSet;

    fn warned(condition: &str) -> Vec<String> {
        let text = format!(
            "- macro: outbound\n  condition: (fd.sip = 1.2.3.4 and evt.failed = false)\n\
             - rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: {condition}\n"
        );
        let (rules, mut warnings) = RuleSet::load(&[("f", text)]).unwrap_or_else(|error| panic!("{error}"));
        warnings.extend(rules.unfed(crate::observation::feeders));
        let texts = warnings.iter().map(|warning| warning.concern.to_string());
        texts.filter(|text| !text.contains("is not used")).collect()
    }

    #[test]
    fn a_rule_that_needs_an_unfed_field_cannot_fire() {
        let wanted = "rule `r` cannot fire here: none of its events feeds `fd.sip`";
        for condition in [
            "evt.type = execve and fd.sip = 1.2.3.4",
            "evt.type = execve and outbound",
            "evt.type = execve and (outbound or (proc.name = a and fd.sip exists))",
            "evt.type = execve and not (not outbound)",
        ] {
            assert_eq!(warned(condition), [wanted], "{condition}");
        }
    }

    #[test]
    fn a_rule_that_can_do_without_says_only_which_part_is_dead() {
        let wanted =
            "rule `r` asks for `fd.sip`, which none of its events feeds: such a comparison never holds";
        for condition in [
            "evt.type = execve and (outbound or proc.name = a)",
            "evt.type = execve and not outbound",
            "evt.type = execve and proc.name = a and not fd.sip exists",
        ] {
            assert_eq!(warned(condition), [wanted], "{condition}");
        }
    }

    #[test]
    fn what_feeds_a_field_depends_on_the_event() {
        assert_eq!(
            warned("evt.type = execve and fd.name = /a"),
            ["rule `r` cannot fire here: none of its events feeds `fd.name`"]
        );
        assert_eq!(
            warned("evt.type = execve and evt.arg.ino = 7"),
            ["rule `r` cannot fire here: none of its events feeds `evt.arg[ino]`"]
        );
        assert_eq!(warned("evt.type in (open, execve) and (fd.name = /a or proc.name = b)"), [""; 0]);
        assert_eq!(warned("evt.type = open and evt.arg.flags contains x and evt.arg[1] = a"), [""; 0]);
        let mixed = "evt.type in (open, execve) and fd.name = a and evt.arg.argc = 1";
        assert!(
            warned(mixed)[0]
                .ends_with("cannot fire here: none of its events feeds `fd.name`, `evt.arg[argc]`"),
            "{:?}",
            warned(mixed)
        );
    }

    #[test]
    fn events_that_nothing_reports_are_told_once() {
        assert_eq!(warned("evt.type = mmap2 and fd.sip = 1.2.3.4").len(), 1);
    }
}
