//! From YAML to the items of a rules file: rules, macros, lists and version requirements.

use super::overrides::{self, Way};
use super::reader::{Keys, Reader, is_nothing};
pub use super::rule_items::{RuleItem, RuleUpdate};
use super::source::{Fault, Place, Source, Warning};
use super::version::Version;
use super::written::Written;
use super::yaml::{Node, NodeKind, excerpt};
use crate::rules::problem::Concern;

/// One item of a rules file.
#[derive(Debug)]
pub enum Item {
    /// A list of values.
    List(ListItem),
    /// A named condition.
    Macro(MacroItem),
    /// A rule.
    Rule(Box<RuleItem>),
    /// A change of an earlier rule.
    RuleUpdate(Box<RuleUpdate>),
    /// The version of the engine that the file needs, which is met.
    EngineVersion(Version),
}

/// A list as it was read.
#[derive(Debug)]
pub struct ListItem {
    /// Its name.
    pub name: String,
    /// Its items as written.
    pub items: Vec<String>,
    /// How it changes an earlier list, if it does.
    pub way: Option<Way>,
    /// Where its name stands.
    pub place: Place,
}

/// A macro as it was read.
#[derive(Debug)]
pub struct MacroItem {
    /// Its name.
    pub name: String,
    /// Its condition.
    pub condition: Written,
    /// How it changes an earlier macro, if it does.
    pub way: Option<Way>,
    /// Where its name stands.
    pub place: Place,
}

/// Reads all items of a file from its YAML documents.
pub fn read(source: &Source, documents: Vec<Node>, warnings: &mut Vec<Warning>) -> Result<Vec<Item>, Fault> {
    let mut reader = Reader { source, warnings };
    let mut items = Vec::new();
    for document in documents {
        for node in reader.document(document)? {
            items.extend(reader.item(node)?);
        }
    }
    Ok(items)
}

impl Reader<'_> {
    fn document(&self, document: Node) -> Result<Vec<Node>, Fault> {
        if is_nothing(&document) {
            return Ok(Vec::new());
        }
        let nodes =
            self.elements(document, "a list of rules, macros and lists (lines that begin with `- `)")?;
        Ok(nodes.into_iter().filter(|node| !is_nothing(node)).collect())
    }

    fn item(&mut self, node: Node) -> Result<Option<Item>, Fault> {
        let start = Node { kind: NodeKind::Sequence(Vec::new()), ..node };
        let mut keys = self.keys(node, "an item such as `rule: NAME`")?;
        if let Some(required) = keys.take("required_engine_version") {
            self.unknown_keys(&keys, "version requirement", &["required_engine_version"]);
            return self.engine_version(&required).map(Item::EngineVersion).map(Some);
        }
        if let Some(required) = keys.take("required_plugin_versions") {
            self.unknown_keys(&keys, "version requirement", &["required_plugin_versions"]);
            return self.plugins(required).map(|()| None);
        }
        if let Some(name) = keys.take("list") {
            return self.list(&name, keys).map(Item::List).map(Some);
        }
        if let Some(name) = keys.take("macro") {
            return self.macro_item(&name, keys).map(Item::Macro).map(Some);
        }
        if let Some(name) = keys.take("rule") {
            return self.rule(&name, keys).map(Some);
        }
        self.warn(&start, Concern::UnknownItem);
        Ok(None)
    }

    fn list(&mut self, name: &Node, mut keys: Keys) -> Result<ListItem, Fault> {
        let (name, place) = self.name(name, "list", is_bare_name)?;
        let ways = self.ways(&mut keys, &overrides::LIST)?;
        let items = keys.required("items", &format!("list `{}`", excerpt(&name)))?;
        let items = self.texts(&items, "a list of texts and numbers")?;
        self.unknown_keys(&keys, "list", &["list", "items", "append", "override"]);
        Ok(ListItem { name, items, way: ways.and_then(|ways| ways.of("items")), place })
    }

    fn macro_item(&mut self, name: &Node, mut keys: Keys) -> Result<MacroItem, Fault> {
        let (name, place) = self.name(name, "macro", is_identifier)?;
        let ways = self.ways(&mut keys, &overrides::MACRO)?;
        let condition = keys.required("condition", &format!("macro `{}`", excerpt(&name)))?;
        let condition = self.written(condition)?;
        self.unknown_keys(&keys, "macro", &["macro", "condition", "append", "override"]);
        Ok(MacroItem { name, condition, way: ways.and_then(|ways| ways.of("condition")), place })
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(crate::rules::cursor::is_word)
}

fn is_bare_name(name: &str) -> bool {
    name.chars().all(crate::rules::cursor::is_bare)
}
