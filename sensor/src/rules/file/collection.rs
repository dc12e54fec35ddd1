//! What the items of all files add up to, before anything is compiled.

use std::collections::HashMap;

use super::items::{Item, ListItem, MacroItem, RuleItem, RuleUpdate};
use super::load::MAX_RULES;
use super::overrides::Way;
use super::source::{Fault, Place, Warning};
use super::version::Version;
use super::yaml::excerpt;
use crate::rules::field::nearest;
use crate::rules::lists::Lists;
use crate::rules::macros::Macros;
use crate::rules::problem::{Concern, Problem};

/// The items of all files, the later definitions in the place of the earlier ones.
#[derive(Debug, Default)]
pub(in crate::rules) struct Collection {
    pub(in crate::rules) lists: Lists,
    pub(in crate::rules) macros: Macros,
    pub(in crate::rules) rules: Vec<RuleItem>,
    rule_by_name: HashMap<String, usize>,
    /// YAML values of all files so far.
    pub(super) values: usize,
    /// Comparisons and names of macros in all conditions so far.
    pub(super) terms: usize,
    /// Comparisons of all rules so far, macros put in.
    pub(super) checks: usize,
    /// The newest engine version that a file requires.
    pub(in crate::rules) required_engine: Option<Version>,
    pub(in crate::rules) warnings: Vec<Warning>,
}

impl Collection {
    /// Adds one item.
    pub(in crate::rules) fn add(&mut self, item: Item) -> Result<(), Fault> {
        match item {
            Item::List(list) => self.list(list),
            Item::Macro(one) => self.macro_item(one),
            Item::Rule(rule) => self.rule(*rule),
            Item::RuleUpdate(update) => self.update(*update),
            Item::EngineVersion(version) => {
                self.required_engine = self.required_engine.max(Some(version));
                Ok(())
            }
        }
    }

    pub(in crate::rules) fn warn(&mut self, place: Place, concern: Concern) {
        self.warnings.push(Warning { place, concern });
    }

    /// Warns of a second definition in the same file; in another file it is how rules are adapted.
    fn redefined(&mut self, kind: &'static str, name: &str, earlier: Option<Place>, place: &Place) {
        if earlier.is_some_and(|earlier| earlier.file == place.file) {
            self.warn(place.clone(), Concern::Redefined { kind, name: excerpt(name) });
        }
    }

    fn list(&mut self, item: ListItem) -> Result<(), Fault> {
        let ListItem { name, items, way, place } = item;
        let earlier = self.lists.place(&name).cloned();
        if way.is_some() && earlier.is_none() {
            return Err(no_target("list", &name, nearest(&name, self.lists.names()), place));
        }
        match way {
            Some(Way::Append) => self.lists.append(&name, items),
            Some(Way::Replace) => self.lists.define(&name, items, place),
            None => {
                self.redefined("list", &name, earlier, &place);
                self.lists.define(&name, items, place);
            }
        }
        Ok(())
    }

    fn macro_item(&mut self, item: MacroItem) -> Result<(), Fault> {
        let MacroItem { name, condition, way, place } = item;
        let earlier = self.macros.find(&name).map(|(_, earlier)| earlier.place.clone());
        if way.is_some() && earlier.is_none() {
            return Err(no_target("macro", &name, nearest(&name, self.macros.names()), place));
        }
        match way {
            Some(Way::Append) => self.macros.append(&name, &condition),
            Some(Way::Replace) => self.macros.define(&name, condition, place),
            None => {
                self.redefined("macro", &name, earlier, &place);
                self.macros.define(&name, condition, place);
            }
        }
        Ok(())
    }

    fn find(&mut self, name: &str) -> Option<&mut RuleItem> {
        let index = *self.rule_by_name.get(name)?;
        self.rules.get_mut(index)
    }

    fn rule(&mut self, rule: RuleItem) -> Result<(), Fault> {
        let Some(earlier) = self.find(&rule.name) else {
            if self.rules.len() >= MAX_RULES {
                let problem = Problem::TooMany { limit: MAX_RULES, what: "rules" };
                return Err(Fault { place: rule.place, problem });
            }
            self.rule_by_name.insert(rule.name.clone(), self.rules.len());
            self.rules.push(rule);
            return Ok(());
        };
        same_source(earlier, Some(&rule.source), &rule.place)?;
        let (name, place) = (rule.name.clone(), rule.place.clone());
        let earlier = std::mem::replace(earlier, rule);
        self.redefined("rule", &name, Some(earlier.place), &place);
        Ok(())
    }

    fn update(&mut self, update: RuleUpdate) -> Result<(), Fault> {
        if let Some(rule) = self.find(&update.name) {
            same_source(rule, update.source.as_deref(), &update.place)?;
            return rule.update(update);
        }
        let names = self.rules.iter().map(|rule| &*rule.name);
        let suggestion = nearest(&update.name, names).map(str::to_owned);
        let problem = Problem::UnknownRule { name: excerpt(&update.name), suggestion };
        Err(Fault { place: update.place, problem })
    }
}

fn same_source(earlier: &RuleItem, source: Option<&str>, place: &Place) -> Result<(), Fault> {
    if source.is_none_or(|source| source == earlier.source) {
        return Ok(());
    }
    Err(Fault { place: place.clone(), problem: Problem::SourceChanged(excerpt(&earlier.name)) })
}

fn no_target(kind: &'static str, name: &str, suggestion: Option<&str>, place: Place) -> Fault {
    let suggestion = suggestion.map(str::to_owned);
    Fault { place, problem: Problem::NoTarget { kind, name: excerpt(name), suggestion } }
}
