//! Rules as a file writes them: definitions, and changes of earlier ones.

use super::action::{self, Action};
use super::exceptions::Exception;
use super::items::Item;
use super::notes::{self, Notes};
use super::overrides::{self, Way, Ways};
use super::reader::{Keys, Reader, is_nothing, missing, scalar};
use super::source::{Fault, Place};
use super::watched::{self, Watched};
use super::written::Written;
use super::yaml::{Node, excerpt};
use crate::rules::field::nearest;
use crate::rules::priority::Priority;
use crate::rules::problem::{Concern, Problem};

/// A rule as it was read.
#[derive(Debug)]
pub struct RuleItem {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub desc: String,
    /// When it matches.
    pub condition: Written,
    /// When it does not after all.
    pub exceptions: Vec<Exception>,
    /// What it says then.
    pub output: Written,
    /// How urgent it is.
    pub priority: Priority,
    /// Its tags.
    pub tags: Vec<String>,
    /// Which events it is for.
    pub source: String,
    /// Whether it is used.
    pub enabled: bool,
    /// Whether an unknown field makes it skipped, and not an error.
    pub skip_if_unknown_filter: bool,
    /// Whether to warn if it is for too many event types.
    pub warn_evttypes: bool,
    /// What it tells the people who get its alerts.
    pub notes: Notes,
    /// The files that it watches, if it does.
    pub watched: Option<Watched>,
    /// What it decides, if it does.
    pub action: Option<Action>,
    /// Where its name stands.
    pub place: Place,
}

/// A change of an earlier rule.
#[derive(Debug)]
pub struct RuleUpdate {
    /// The rule's name.
    pub name: String,
    /// Which events it is for, if that is said again.
    pub source: Option<String>,
    /// How each of the parts changes the rule.
    pub ways: Ways,
    /// What is given.
    pub parts: Parts,
    /// What it tells people, where it does.
    pub notes: Notes,
    /// The files that it watches, where that is said.
    pub watched: Option<Watched>,
    /// What it decides, where that is said.
    pub action: Option<Action>,
    /// Where its name stands.
    pub place: Place,
}

/// What a rule, or a change of one, may give.
#[derive(Debug, Default)]
pub struct Parts {
    condition: Option<Written>,
    exceptions: Option<Vec<Exception>>,
    output: Option<Written>,
    desc: Option<String>,
    tags: Option<Vec<String>>,
    priority: Option<Priority>,
    enabled: Option<bool>,
    warn_evttypes: Option<bool>,
    skip_if_unknown_filter: Option<bool>,
}

const KEYS: [&str; 21] = [
    "rule",
    "desc",
    "condition",
    "output",
    "priority",
    "tags",
    "source",
    "enabled",
    "exceptions",
    "override",
    "append",
    "capture",
    "capture_duration",
    "warn_evttypes",
    "skip-if-unknown-filter",
    notes::KEYS[0],
    notes::KEYS[1],
    notes::KEYS[2],
    notes::KEYS[3],
    watched::KEY,
    action::KEY,
];

/// The source of rules that name none.
const DEFAULT_SOURCE: &str = "syscall";

impl RuleItem {
    /// Changes it as a later item says.
    pub fn update(&mut self, update: RuleUpdate) -> Result<(), Fault> {
        let RuleUpdate { ways, parts, notes, watched, action, .. } = update;
        let Parts { condition, exceptions, output, desc, tags, priority, enabled, .. } = &parts;
        change(&mut self.condition, condition.as_ref(), ways.of("condition"), Written::append);
        change(&mut self.output, output.as_ref(), ways.of("output"), Written::append);
        change(&mut self.desc, desc.as_ref(), ways.of("desc"), |desc, more| {
            desc.truncate(desc.trim_end().len());
            desc.push(' ');
            desc.push_str(more);
        });
        change(&mut self.tags, tags.as_ref(), ways.of("tags"), |tags, more| tags.extend_from_slice(more));
        set(&mut self.priority, *priority);
        set(&mut self.enabled, *enabled);
        set(&mut self.warn_evttypes, parts.warn_evttypes);
        set(&mut self.skip_if_unknown_filter, parts.skip_if_unknown_filter);
        self.notes.update(notes);
        self.watched = watched.or(self.watched.take());
        self.action = action.or(self.action);
        match (exceptions, ways.of("exceptions")) {
            (Some(more), Some(Way::Append)) => super::exceptions::append(&mut self.exceptions, more.clone()),
            (Some(others), Some(Way::Replace)) => {
                self.exceptions.clone_from(others);
                Ok(())
            }
            (_, None) | (None, Some(_)) => Ok(()),
        }
    }
}

fn change<T: Clone>(target: &mut T, given: Option<&T>, way: Option<Way>, append: fn(&mut T, &T)) {
    match (given, way) {
        (Some(given), Some(Way::Append)) => append(target, given),
        (Some(given), Some(Way::Replace)) => target.clone_from(given),
        (_, None) | (None, Some(_)) => {}
    }
}

fn set<T>(target: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *target = given;
    }
}

impl Parts {
    /// Whether it switches an earlier rule on or off and does nothing else.
    fn is_toggle(&self) -> bool {
        self.enabled.is_some()
            && self.condition.is_none()
            && self.output.is_none()
            && self.desc.is_none()
            && self.priority.is_none()
    }

    fn appends_nothing(&self, ways: &Ways) -> bool {
        ways.of("exceptions") == Some(Way::Append)
            && ways.of("condition") == Some(Way::Append)
            && self.condition.is_none()
            && self.exceptions.is_none()
    }
}

/// A rule or a change of one, before it is known which.
struct Read {
    name: String,
    /// Where the name stands.
    place: Place,
    /// Where the item starts.
    start: Place,
    source: Option<String>,
    parts: Parts,
    notes: Notes,
    watched: Option<Watched>,
    action: Option<Action>,
    /// Keys that have no meaning.
    unknown: Vec<String>,
}

impl Read {
    fn update(self, ways: Ways) -> Result<Item, Fault> {
        let Self { name, place, source, parts, notes, watched, action, start: _, unknown: _ } = self;
        if parts.appends_nothing(&ways) {
            return Err(Fault { place, problem: Problem::NothingAppended(excerpt(&name)) });
        }
        let update = RuleUpdate { name, source, ways, parts, notes, watched, action, place };
        Ok(Item::RuleUpdate(Box::new(update)))
    }

    fn definition(self) -> Result<Item, Fault> {
        let Self { name, place, start, source, parts, notes, watched, action, unknown } = self;
        let lacks = |key| {
            let instead = nearest(key, unknown.iter().map(String::as_str)).map(excerpt);
            missing(&start, key, &format!("rule `{}`", excerpt(&name)), instead)
        };
        let item = RuleItem {
            condition: parts.condition.ok_or_else(|| lacks("condition"))?,
            output: parts.output.ok_or_else(|| lacks("output"))?,
            desc: parts.desc.ok_or_else(|| lacks("desc"))?,
            priority: parts.priority.ok_or_else(|| lacks("priority"))?,
            exceptions: parts.exceptions.unwrap_or_default(),
            tags: parts.tags.unwrap_or_default(),
            source: source.unwrap_or_else(|| DEFAULT_SOURCE.to_owned()),
            enabled: parts.enabled.unwrap_or(true),
            warn_evttypes: parts.warn_evttypes.unwrap_or(true),
            skip_if_unknown_filter: parts.skip_if_unknown_filter.unwrap_or_default(),
            name,
            notes,
            watched,
            action,
            place,
        };
        Ok(Item::Rule(Box::new(item)))
    }
}

impl Reader<'_> {
    /// Reads a rule or a change of one.
    pub(in crate::rules) fn rule(&mut self, node: &Node, mut keys: Keys) -> Result<Item, Fault> {
        let (name, place) = self.name(node, "rule", |_| true)?;
        let ways = self.ways(&mut keys, &overrides::RULE)?;
        let source = self.source(&mut keys)?;
        self.capture(&mut keys, node)?;
        let appended = ways.as_ref().and_then(|ways| ways.of("exceptions")) == Some(Way::Append);
        let parts = self.parts(&mut keys, appended)?;
        let watched = self.watched(&mut keys)?;
        let action = self.action(&mut keys)?;
        let notes = self.notes(&mut keys)?;
        let start = keys.start.clone();
        self.unknown_keys(&keys, "rule", &KEYS);
        let unknown = keys.names().map(|(_, name)| name.to_owned()).collect();
        let read = Read { name, place, start, source, parts, notes, watched, action, unknown };
        match ways {
            Some(ways) => read.update(ways),
            None if read.parts.is_toggle() => {
                self.warn(node, Concern::Deprecated("a rule with nothing but `enabled`"));
                read.update(Ways::replacing("enabled"))
            }
            None => read.definition(),
        }
    }

    /// The source, if one is named; an empty one is none.
    fn source(&self, keys: &mut Keys) -> Result<Option<String>, Fault> {
        let Some(node) = keys.take("source").filter(|node| !is_nothing(node)) else { return Ok(None) };
        self.text(&node, "a source").map(str::to_owned).map(Some)
    }

    /// Checks the keys of captures, which nothing here makes.
    fn capture(&mut self, keys: &mut Keys, name: &Node) -> Result<(), Fault> {
        if self.flag(keys, "capture")? == Some(true) {
            self.warn(name, Concern::NoCapture(excerpt(scalar(name).unwrap_or_default())));
        }
        match keys.take("capture_duration") {
            Some(node) if scalar(&node).and_then(|text| text.parse::<u32>().ok()).is_none() => {
                Err(self.expected(&node, "a whole number of milliseconds"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn parts(&mut self, keys: &mut Keys, appended: bool) -> Result<Parts, Fault> {
        Ok(Parts {
            condition: keys.take("condition").map(|node| self.written(node)).transpose()?,
            exceptions: keys.take("exceptions").map(|node| self.exceptions(node, appended)).transpose()?,
            output: keys.take("output").map(|node| self.written(node)).transpose()?,
            desc: self.optional_text(keys, "desc", "a description")?,
            tags: keys.take("tags").map(|node| self.texts(&node, "a list of tags")).transpose()?,
            priority: keys.take("priority").map(|node| self.priority(&node)).transpose()?,
            enabled: self.flag(keys, "enabled")?,
            warn_evttypes: self.flag(keys, "warn_evttypes")?,
            skip_if_unknown_filter: self.flag(keys, "skip-if-unknown-filter")?,
        })
    }

    fn priority(&self, node: &Node) -> Result<Priority, Fault> {
        const EXPECTED: &str =
            "a priority: emergency, alert, critical, error, warning, notice, informational or debug";
        scalar(node).and_then(Priority::parse).ok_or_else(|| self.expected(node, EXPECTED))
    }
}
