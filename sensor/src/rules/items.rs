//! From YAML to the items of a rules file: rules, macros, lists and version requirements.

use super::priority::Priority;
use super::problem::{Concern, Problem};
use super::source::{Fault, Place, Source, Warning};
use super::version;
use super::written::Written;
use super::yaml::{self, Node, NodeKind, excerpt};

/// One item of a rules file.
#[derive(Debug)]
pub enum Item {
    /// A list of values.
    List {
        /// Its name.
        name: String,
        /// Its items as written.
        items: Vec<String>,
        /// Where its name stands.
        place: Place,
    },
    /// A named condition.
    Macro {
        /// Its name.
        name: String,
        /// Its condition.
        condition: Written,
        /// Where its name stands.
        place: Place,
    },
    /// A rule.
    Rule(Box<RuleItem>),
    /// An earlier rule is switched on or off.
    Toggle {
        /// Its name.
        name: String,
        /// On or off.
        enabled: bool,
        /// Where its name stands.
        place: Place,
    },
}

/// A rule as it was read.
#[derive(Debug)]
pub struct RuleItem {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub desc: String,
    /// When it matches.
    pub condition: Written,
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
    /// Keys that the Falco language does not know, with their values.
    pub extra: Vec<(String, Node)>,
    /// Where its name stands.
    pub place: Place,
}

/// Reads all items of a file.
pub fn read(source: &Source, warnings: &mut Vec<Warning>) -> Result<Vec<Item>, Fault> {
    let mut reader = Reader { source, warnings };
    let mut items = Vec::new();
    for document in yaml::parse(source)? {
        for node in reader.document(document)? {
            items.extend(reader.item(node)?);
        }
    }
    Ok(items)
}

struct Reader<'s> {
    source: &'s Source,
    warnings: &'s mut Vec<Warning>,
}

/// The keys and values of an item, taken out one by one.
struct Keys {
    pairs: Vec<(Node, Node)>,
    start: Node,
}

impl Keys {
    fn take(&mut self, key: &str) -> Option<Node> {
        let at = self.pairs.iter().position(|(name, _)| scalar(name) == Some(key))?;
        Some(self.pairs.remove(at).1)
    }
}

fn scalar(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Scalar { text, .. } => Some(text),
        NodeKind::Sequence(_) | NodeKind::Mapping(_) => None,
    }
}

/// Keys of the language that would change what a rule means, and are not acted upon yet.
const RULE_KEYS_LATER: [&str; 3] = ["exceptions", "override", "append"];
/// Keys of the language that a rule can do without.
const RULE_KEYS_IGNORED: [&str; 2] = ["capture", "capture_duration"];
const RULE_KEYS: [&str; 10] = [
    "rule",
    "desc",
    "condition",
    "output",
    "priority",
    "tags",
    "source",
    "enabled",
    "warn_evttypes",
    "skip-if-unknown-filter",
];

impl Reader<'_> {
    fn expected(&self, node: &Node, expected: &'static str) -> Fault {
        node.fault(self.source, Problem::Expected { expected, found: node.describe() })
    }

    fn warn(&mut self, node: &Node, concern: Concern) {
        self.warnings.push(Warning { place: node.place(self.source), concern });
    }

    fn document(&self, document: Node) -> Result<Vec<Node>, Fault> {
        match document.kind {
            NodeKind::Sequence(nodes) => Ok(nodes),
            NodeKind::Scalar { ref text, .. } if text.is_empty() || text == "~" || text == "null" => {
                Ok(Vec::new())
            }
            NodeKind::Scalar { .. } | NodeKind::Mapping(_) => {
                Err(self
                    .expected(&document, "a list of rules, macros and lists (lines that begin with `- `)"))
            }
        }
    }

    fn item(&mut self, node: Node) -> Result<Option<Item>, Fault> {
        let start = Node { kind: NodeKind::Sequence(Vec::new()), ..node };
        let NodeKind::Mapping(pairs) = node.kind else {
            return Err(self.expected(&node, "an item such as `rule: NAME`"));
        };
        let mut keys = Keys { pairs, start };
        if let Some(required) = keys.take("required_engine_version") {
            self.engine_version(&required)?;
            return Ok(None);
        }
        if let Some(required) = keys.take("required_plugin_versions") {
            self.plugins(&required)?;
            return Ok(None);
        }
        if let Some(name) = keys.take("list") {
            return self.list(&name, keys).map(Some);
        }
        if let Some(name) = keys.take("macro") {
            return self.macro_item(&name, keys).map(Some);
        }
        if let Some(name) = keys.take("rule") {
            return self.rule(&name, keys).map(Some);
        }
        self.warn(&keys.start, Concern::UnknownItem);
        Ok(None)
    }

    fn engine_version(&self, required: &Node) -> Result<(), Fault> {
        let text = scalar(required).and_then(version::required);
        let Some(version) = text else {
            return Err(self.expected(required, "a number, or a version such as 0.50.0"));
        };
        if version::is_met(version) {
            return Ok(());
        }
        let required_text = excerpt(scalar(required).unwrap_or_default());
        let problem = Problem::EngineTooOld { required: required_text, engine: version::ENGINE_TEXT };
        Err(required.fault(self.source, problem))
    }

    fn plugins(&mut self, required: &Node) -> Result<(), Fault> {
        let NodeKind::Sequence(plugins) = &required.kind else {
            return Err(self.expected(required, "a list of plugins"));
        };
        for plugin in plugins {
            let NodeKind::Mapping(pairs) = &plugin.kind else {
                return Err(self.expected(plugin, "a plugin's `name` and `version`"));
            };
            let name =
                pairs.iter().find(|(key, _)| scalar(key) == Some("name")).and_then(|(_, name)| scalar(name));
            // What this plugin adds in Falco is built in.
            if let Some(name) = name.filter(|name| *name != "container") {
                self.warn(plugin, Concern::Plugin(excerpt(name)));
            }
        }
        Ok(())
    }

    fn list(&mut self, name: &Node, mut keys: Keys) -> Result<Item, Fault> {
        let (text, place) = self.name(name, "list", is_bare_name)?;
        self.refuse_later(&keys, &["override", "append"])?;
        let items = self.required(&mut keys, "items", "list", &text)?;
        let items = self.texts(&items, "a list of texts and numbers")?;
        self.unknown_keys(&keys, "list", &["items"]);
        Ok(Item::List { name: text, items, place })
    }

    fn macro_item(&mut self, name: &Node, mut keys: Keys) -> Result<Item, Fault> {
        let (text, place) = self.name(name, "macro", is_identifier)?;
        self.refuse_later(&keys, &["override", "append"])?;
        let condition = self.required(&mut keys, "condition", "macro", &text)?;
        let condition = self.written(condition)?;
        self.unknown_keys(&keys, "macro", &["condition"]);
        Ok(Item::Macro { name: text, condition, place })
    }

    fn rule(&mut self, name: &Node, mut keys: Keys) -> Result<Item, Fault> {
        let (text, place) = self.name(name, "rule", |_| true)?;
        self.refuse_later(&keys, &RULE_KEYS_LATER)?;
        let enabled = self.flag(&mut keys, "enabled", true)?;
        if enabled.1 && keys.pairs.is_empty() {
            self.warn(name, Concern::Deprecated("a rule with nothing but `enabled`"));
            return Ok(Item::Toggle { name: text, enabled: enabled.0, place });
        }
        let condition = self.required(&mut keys, "condition", "rule", &text)?;
        let output = self.required(&mut keys, "output", "rule", &text)?;
        let desc = self.required(&mut keys, "desc", "rule", &text)?;
        let priority = self.required(&mut keys, "priority", "rule", &text)?;
        let source = keys.take("source");
        let tags = keys.take("tags");
        let item = RuleItem {
            condition: self.written(condition)?,
            output: self.written(output)?,
            desc: self.text(&desc, "a description")?.to_owned(),
            priority: self.priority(&priority)?,
            source: match &source {
                Some(source) => self.text(source, "a source")?.to_owned(),
                None => "syscall".to_owned(),
            },
            tags: tags.map_or_else(|| Ok(Vec::new()), |tags| self.texts(&tags, "a list of tags"))?,
            enabled: enabled.0,
            warn_evttypes: self.flag(&mut keys, "warn_evttypes", true)?.0,
            skip_if_unknown_filter: self.flag(&mut keys, "skip-if-unknown-filter", false)?.0,
            extra: self.extra(keys),
            name: text,
            place,
        };
        Ok(Item::Rule(Box::new(item)))
    }

    fn name(
        &mut self,
        node: &Node,
        kind: &'static str,
        fits: fn(&str) -> bool,
    ) -> Result<(String, Place), Fault> {
        let name = self.text(node, "a name")?.to_owned();
        if !fits(&name) {
            self.warn(node, Concern::BadName { kind, name: excerpt(&name) });
        }
        Ok((name, node.place(self.source)))
    }

    fn refuse_later(&self, keys: &Keys, later: &[&str]) -> Result<(), Fault> {
        let mut found = keys.pairs.iter().map(|(key, _)| key);
        match found.find(|key| scalar(key).is_some_and(|key| later.contains(&key))) {
            Some(key) => {
                let problem = Problem::NotSupported(format!("the key {}", key.describe()));
                Err(key.fault(self.source, problem))
            }
            None => Ok(()),
        }
    }

    fn required(&self, keys: &mut Keys, key: &'static str, kind: &str, name: &str) -> Result<Node, Fault> {
        keys.take(key).ok_or_else(|| {
            let item = format!("{kind} `{}`", excerpt(name));
            keys.start.fault(self.source, Problem::MissingKey { item, key })
        })
    }

    /// A scalar that is not empty.
    fn text<'n>(&self, node: &'n Node, expected: &'static str) -> Result<&'n str, Fault> {
        scalar(node).filter(|text| !text.trim().is_empty()).ok_or_else(|| self.expected(node, expected))
    }

    fn texts(&self, node: &Node, expected: &'static str) -> Result<Vec<String>, Fault> {
        let NodeKind::Sequence(nodes) = &node.kind else { return Err(self.expected(node, expected)) };
        let text =
            |node| scalar(node).map(str::to_owned).ok_or_else(|| self.expected(node, "a text or a number"));
        nodes.iter().map(text).collect()
    }

    fn written(&self, node: Node) -> Result<Written, Fault> {
        self.text(&node, "a text")?;
        match node.kind {
            NodeKind::Scalar { text, style } => {
                Ok(Written { source: self.source.clone(), text, start: node.start, style })
            }
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => Err(self.expected(&node, "a text")),
        }
    }

    fn priority(&self, node: &Node) -> Result<Priority, Fault> {
        const EXPECTED: &str =
            "a priority: emergency, alert, critical, error, warning, notice, informational or debug";
        scalar(node).and_then(Priority::parse).ok_or_else(|| self.expected(node, EXPECTED))
    }

    /// A truth value, and whether it was given.
    fn flag(&self, keys: &mut Keys, key: &str, default: bool) -> Result<(bool, bool), Fault> {
        let Some(node) = keys.take(key) else { return Ok((default, false)) };
        match scalar(&node).map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "yes" | "on") => Ok((true, true)),
            Some("false" | "no" | "off") => Ok((false, true)),
            Some(_) | None => Err(self.expected(&node, "`true` or `false`")),
        }
    }

    fn extra(&mut self, keys: Keys) -> Vec<(String, Node)> {
        let mut extra = Vec::new();
        for (key, value) in keys.pairs {
            let name = scalar(&key).unwrap_or_default().to_owned();
            if RULE_KEYS_IGNORED.contains(&&*name) || name.starts_with("vigie") {
                self.warn(&key, Concern::KeyNotSupported(excerpt(&name)));
            } else {
                self.unknown_key(&key, "rule", &RULE_KEYS);
            }
            extra.push((name, value));
        }
        extra
    }

    fn unknown_keys(&mut self, keys: &Keys, item: &'static str, known: &[&'static str]) {
        for (key, _) in &keys.pairs {
            self.unknown_key(key, item, known);
        }
    }

    fn unknown_key(&mut self, key: &Node, item: &'static str, known: &[&'static str]) {
        let name = scalar(key).unwrap_or_default();
        let suggestion = super::field::nearest(name, known.iter().copied());
        let suggestion = known.iter().copied().find(|known| Some(*known) == suggestion);
        self.warn(key, Concern::UnknownKey { key: excerpt(name), item, suggestion });
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(super::cursor::is_word)
}

fn is_bare_name(name: &str) -> bool {
    name.chars().all(super::cursor::is_bare)
}
