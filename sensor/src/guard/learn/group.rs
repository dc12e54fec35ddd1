//! Denied requests of one kind, put together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::Counts;
use crate::guard::audit::{Asker, Outcome, Record};

/// Most groups; beyond that nobody would read them.
const MAX_GROUPS: usize = 1000;
/// Most different values that are kept of one fact.
const MAX_VALUES: usize = 20;
/// The field of the ways to the host.
pub(super) const HOST_ACCESS: &str = "docker.host_access";

/// Where somebody asks from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum From {
    /// The host.
    Host,
    /// A container of this image.
    Image(String),
}

/// What the requests of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) exe: String,
    pub(super) from: From,
    pub(super) operation: String,
    /// Ways to the host that the request opens.
    pub(super) access: BTreeSet<String>,
}

/// Requests of one kind.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) count: u64,
    pub(super) first: String,
    pub(super) last: String,
    /// Rules that denied, with how often.
    pub(super) rules: BTreeMap<String, u64>,
    /// Users who asked.
    pub(super) users: Values,
    /// What was asked for, by field.
    pub(super) facts: BTreeMap<String, Values>,
}

/// Different values with how often each came.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) counts: BTreeMap<String, u64>,
    /// There were more, which are not kept.
    pub(super) more: bool,
}

/// All groups, in order of what they have in common.
#[derive(Debug, Default)]
pub(super) struct Groups(pub(super) BTreeMap<Key, Group>);

impl Groups {
    /// Takes a record, if it is one of a request that was denied.
    pub(super) fn take(&mut self, record: &Record, counts: &mut Counts) {
        if record.verdict != Outcome::Deny {
            return;
        }
        counts.denied = counts.denied.saturating_add(1);
        let full = self.0.len() >= MAX_GROUPS;
        let key = Key::of(record).filter(|key| !full || self.0.contains_key(key));
        match key {
            Some(key) => self.0.entry(key).or_default().add(record),
            None => counts.unlearnable = counts.unlearnable.saturating_add(1),
        }
    }
}

impl Key {
    /// `None` where a rule could not tell the caller from others, or there is no operation to allow.
    fn of(record: &Record) -> Option<Self> {
        record.rule.as_ref()?;
        let Asker { exe, container, image, .. } = &record.caller;
        let from = match (container.as_deref()?, image) {
            ("host", _) => From::Host,
            ("<unknown>", _) | (_, None) => return None,
            (_, Some(image)) => From::Image(image.clone()),
        };
        let access = match record.docker.get(HOST_ACCESS) {
            None => BTreeSet::new(),
            Some(Json::Array(ways)) => {
                ways.iter().map(|way| way.as_str().map(str::to_owned)).collect::<Option<_>>()?
            }
            Some(_) => return None,
        };
        let key = Self { exe: exe.clone()?, from, operation: record.operation.clone()?, access };
        let is_exact = key.texts().all(is_exact);
        is_exact.then_some(key)
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let image = if let From::Image(image) = &self.from { Some(image.as_str()) } else { None };
        [self.exe.as_str(), self.operation.as_str()]
            .into_iter()
            .chain(image)
            .chain(self.access.iter().map(String::as_str))
    }
}

/// Whether a text can be written into a rule: it is not empty, and was not bytes that the log had to replace.
pub(super) fn is_exact(text: &str) -> bool {
    !text.is_empty() && !text.contains(['\u{fffd}', '\0'])
}

impl Group {
    fn add(&mut self, record: &Record) {
        self.count = self.count.saturating_add(1);
        if self.first.is_empty() || record.time < self.first {
            self.first.clone_from(&record.time);
        }
        if record.time > self.last {
            self.last.clone_from(&record.time);
        }
        let rule = self.rules.entry(record.rule.clone().unwrap_or_default()).or_default();
        *rule = rule.saturating_add(1);
        self.users.add(record.caller.user.as_deref().unwrap_or("?"));
        for (name, fact) in record.docker.iter().filter(|(name, _)| *name != HOST_ACCESS) {
            self.facts.entry(name.clone()).or_default().add_json(fact);
        }
    }
}

impl Values {
    fn add(&mut self, value: &str) {
        if self.counts.len() >= MAX_VALUES && !self.counts.contains_key(value) {
            self.more = true;
            return;
        }
        let count = self.counts.entry(value.to_owned()).or_default();
        *count = count.saturating_add(1);
    }

    fn add_json(&mut self, value: &Json) {
        match value {
            Json::Null => {}
            Json::String(text) => self.add(text),
            Json::Array(elements) => elements.iter().for_each(|element| self.add_json(element)),
            Json::Bool(_) | Json::Number(_) | Json::Object(_) => self.add(&value.to_string()),
        }
    }

    fn total(&self) -> u64 {
        self.counts.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The values, if each of `requests` had one that is kept and can be written into a rule.
    pub(super) fn all_of(&self, requests: u64) -> Option<impl Iterator<Item = &str>> {
        let is_whole =
            !self.more && self.total() == requests && self.counts.keys().all(|text| is_exact(text));
        is_whole.then(|| self.counts.keys().map(String::as_str))
    }
}
