//! Changes of earlier items: `override`, and `append: true` that came before it.

use super::reader::{Keys, Reader, scalar};
use super::source::Fault;
use super::yaml::{Node, excerpt};
use crate::rules::problem::{Concern, Problem};

/// How a key changes an earlier item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// What is given comes behind what is there.
    Append,
    /// What is given takes the place of what is there.
    Replace,
}

impl Way {
    const fn name(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Replace => "replace",
        }
    }

    fn read(node: &Node) -> Option<Self> {
        [Self::Append, Self::Replace].into_iter().find(|way| scalar(node) == Some(way.name()))
    }
}

/// How each key of an item changes the earlier one.
#[derive(Clone, Debug, Default)]
pub struct Ways(Vec<(&'static str, Way)>);

impl Ways {
    /// One key takes the place of what is there.
    pub fn replacing(key: &'static str) -> Self {
        Self(vec![(key, Way::Replace)])
    }

    /// How this key does, if it changes anything.
    pub fn of(&self, key: &str) -> Option<Way> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, way)| *way)
    }
}

/// What may be changed about one kind of item.
pub(in crate::rules) struct Changeable {
    kind: &'static str,
    append: &'static [&'static str],
    replace: &'static [&'static str],
    /// What `append: true` adds.
    flagged: &'static [&'static str],
    /// The keys as messages name them.
    append_named: &'static str,
    replace_named: &'static str,
}

/// Of lists.
pub(in crate::rules) const LIST: Changeable = Changeable {
    kind: "list",
    append: &["items"],
    replace: &["items"],
    flagged: &["items"],
    append_named: "`items`",
    replace_named: "`items`",
};

/// Of macros.
pub(in crate::rules) const MACRO: Changeable = Changeable {
    kind: "macro",
    append: &["condition"],
    replace: &["condition"],
    flagged: &["condition"],
    append_named: "`condition`",
    replace_named: "`condition`",
};

/// Of rules.
pub(in crate::rules) const RULE: Changeable = Changeable {
    kind: "rule",
    append: &["condition", "output", "desc", "tags", "exceptions"],
    replace: &[
        "condition",
        "output",
        "desc",
        "tags",
        "exceptions",
        "priority",
        "enabled",
        "capture",
        "capture_duration",
        "warn_evttypes",
        "skip-if-unknown-filter",
    ],
    flagged: &["condition", "exceptions"],
    append_named: "`condition`, `output`, `desc`, `tags` and `exceptions`",
    replace_named: "`condition`, `output`, `desc`, `tags`, `exceptions`, `priority`, `enabled`, `capture`, \
                    `capture_duration`, `warn_evttypes` and `skip-if-unknown-filter`",
};

impl Changeable {
    fn find(&self, key: &str, way: Way) -> Option<&'static str> {
        let keys = match way {
            Way::Append => self.append,
            Way::Replace => self.replace,
        };
        keys.iter().copied().find(|known| *known == key)
    }

    fn refuse(&self, key: &str, way: Way) -> Problem {
        let allowed = match way {
            Way::Append => self.append_named,
            Way::Replace => self.replace_named,
        };
        Problem::OverrideKey { key: excerpt(key), kind: self.kind, way: way.name(), allowed }
    }
}

impl Reader<'_> {
    /// Takes `override` and `append` out of an item; without either, or with nothing in them, the item is a
    /// definition.
    pub(in crate::rules) fn ways(
        &mut self,
        keys: &mut Keys,
        what: &Changeable,
    ) -> Result<Option<Ways>, Fault> {
        let flag = keys.find("append").cloned();
        let append = self.flag(keys, "append")?.unwrap_or_default();
        if let Some(node) = flag.filter(|_| append) {
            self.warn(&node, Concern::Deprecated("append"));
        }
        let overridden = match keys.take("override") {
            Some(node) => self.overrides(node, keys, what, append)?,
            None => Ways::default(),
        };
        Ok(match overridden {
            Ways(ways) if !ways.is_empty() => Some(Ways(ways)),
            Ways(_) if append => Some(self.flagged(keys, what)),
            Ways(_) => None,
        })
    }

    /// What `append: true` changes.
    fn flagged(&mut self, keys: &mut Keys, what: &Changeable) -> Ways {
        for key in what.replace.iter().filter(|key| !what.flagged.contains(key)) {
            if let Some(node) = keys.find(key).cloned() {
                self.warn(&node, Concern::NotAppended(key));
                keys.take(key);
            }
        }
        Ways(what.flagged.iter().map(|key| (*key, Way::Append)).collect())
    }

    fn overrides(&self, node: Node, keys: &Keys, what: &Changeable, append: bool) -> Result<Ways, Fault> {
        let place = node.place(self.source);
        let pairs = self.keys(node, "a mapping such as `condition: append`")?.rest();
        if append && !pairs.is_empty() {
            return Err(Fault { place, problem: Problem::AppendAndOverride });
        }
        let ways = pairs.iter().map(|(key, way)| self.way(key, way, keys, what));
        let ways = Ways(ways.collect::<Result<_, _>>()?);
        let not_named = |key: &&&'static str| ways.of(key).is_none() && keys.find(key).is_some();
        match what.replace.iter().filter(|_| !pairs.is_empty()).find(not_named) {
            Some(key) => {
                let place = keys.find(key).map_or(place, |node| node.place(self.source));
                Err(Fault { place, problem: Problem::KeyWithoutOverride(key) })
            }
            None => Ok(ways),
        }
    }

    /// One entry of `override`.
    fn way(
        &self,
        key: &Node,
        way: &Node,
        keys: &Keys,
        what: &Changeable,
    ) -> Result<(&'static str, Way), Fault> {
        let Some(way) = Way::read(way) else { return Err(self.expected(way, "`append` or `replace`")) };
        let name = scalar(key).unwrap_or_default();
        let Some(known) = what.find(name, way) else {
            return Err(key.fault(self.source, what.refuse(name, way)));
        };
        if keys.find(known).is_none() {
            return Err(key.fault(self.source, Problem::OverrideWithoutKey(known)));
        }
        Ok((known, way))
    }
}

#[cfg(test)]
#[path = "overrides_tests.rs"]
mod tests;
