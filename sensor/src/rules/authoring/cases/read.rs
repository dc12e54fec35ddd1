//! From YAML to tests.

use std::collections::{HashMap, HashSet};

use super::keys::{Keys, elements, name, text, wrong};
use super::problem::CaseProblem;
use super::{Case, Event, Expected, MAX_EVENTS, Memory, Run, Suite};
use crate::rules::event_type;
use crate::rules::example::{Example, escaped, name as field_name, typed};
use crate::rules::field::{FieldRef, nearest};
use crate::rules::problem::Problem;
use crate::rules::source::{Fault, LoadError, Source};
use crate::rules::value::Value;
use crate::rules::yaml::{self, Node, NodeKind, Style, excerpt, printable};

/// What a test may say.
const TEST_KEYS: [&str; 6] = ["test", "like", "fields", "each", "events", "rules"];
/// What a named event may say.
const EVENT_KEYS: [&str; 3] = ["event", "like", "fields"];
/// What an event of a test with several may say.
const PART_KEYS: [&str; 2] = ["like", "fields"];
/// How a value that may still come is written.
const PENDING: &str = "<pending>";

/// Reads file after file; an event that one names is known in the next.
#[derive(Debug, Default)]
pub(super) struct Reader {
    named: HashMap<String, Example>,
    suite: Suite,
    faults: Vec<Fault>,
    events: usize,
    memory: Memory,
}

impl Reader {
    /// Reads one file.
    pub(super) fn file(&mut self, name: &str, text: &str) {
        if let Err(fault) = self.documents(name, text) {
            self.faults.push(fault);
        }
    }

    /// The tests, or what is wrong with them.
    pub(super) fn finish(mut self) -> Result<Suite, LoadError> {
        if self.faults.is_empty() {
            return Ok(self.suite);
        }
        self.faults.truncate(LoadError::MAX_FAULTS);
        Err(LoadError { faults: self.faults })
    }

    fn documents(&mut self, name: &str, text: &str) -> Result<(), Fault> {
        const EXPECTED: &str = "a list of tests and events (lines that begin with `- test:` or `- event:`)";
        let source = Source::new(name, text)?;
        let mut sentences = HashSet::new();
        for document in &yaml::parse(&source)? {
            if is_nothing(document) {
                continue;
            }
            for node in elements(document, &source, EXPECTED)? {
                if let Err(fault) = self.item(&source, node, &mut sentences) {
                    self.faults.push(fault);
                }
                if self.faults.len() >= LoadError::MAX_FAULTS {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn item(&mut self, source: &Source, node: &Node, sentences: &mut HashSet<String>) -> Result<(), Fault> {
        const EXPECTED: &str = "an item such as `test: SENTENCE` or `event: NAME`";
        let keys = Keys::of(node, source, EXPECTED)?;
        match (keys.get("test"), keys.get("event")) {
            (Some(sentence), None) => {
                let sentence_text = name(sentence, source, "a sentence")?;
                if !sentences.insert(sentence_text.to_owned()) {
                    self.faults.push(taken(sentence, source, "test"));
                }
                self.test(source, keys, sentence)
            }
            (None, Some(name)) => self.named_event(source, keys, name),
            (Some(_), Some(event)) => Err(event.fault(source, CaseProblem::Together("test", "event").into())),
            (None, None) => Err(wrong(node, source, EXPECTED)),
        }
    }

    fn named_event(&mut self, source: &Source, keys: Keys<'_>, name_node: &Node) -> Result<(), Fault> {
        self.faults.extend(keys.unknown(source, "an event", &EVENT_KEYS));
        let name = name(name_node, source, "a name")?;
        let example = self.example(source, keys)?;
        if self.named.insert(name.to_owned(), example).is_some() {
            self.faults.push(taken(name_node, source, "event"));
        }
        Ok(())
    }

    fn test(&mut self, source: &Source, keys: Keys<'_>, sentence: &Node) -> Result<(), Fault> {
        self.faults.extend(keys.unknown(source, "a test", &TEST_KEYS));
        let rules = Self::expected(source, keys, sentence)?;
        let before = self.faults.len();
        let runs = match keys.get("events") {
            Some(events) => vec![self.several(source, keys, events)?],
            None => self.variations(source, keys)?,
        };
        self.events = runs.iter().fold(self.events, |sum, run| sum.saturating_add(run.events.len()));
        if self.events > MAX_EVENTS {
            return Err(sentence.fault(source, CaseProblem::TooManyEvents(MAX_EVENTS).into()));
        }
        if self.faults.len() == before {
            let (name, place) = (text(sentence).to_owned(), sentence.place(source));
            self.suite.cases.push(Case { name, place, rules, runs });
        }
        Ok(())
    }

    fn expected(source: &Source, keys: Keys<'_>, sentence: &Node) -> Result<Vec<Expected>, Fault> {
        const EXPECTED: &str = "a list of rule names; `[]` for none";
        let Some(rules) = keys.get("rules") else {
            let item = format!("test `{}`", excerpt(text(sentence)));
            return Err(keys.node.fault(source, Problem::MissingKey { item, key: "rules", instead: None }));
        };
        let rule = |node: &Node| {
            let name = name(node, source, "the name of a rule")?.to_owned();
            Ok(Expected { name, place: node.place(source) })
        };
        elements(rules, source, EXPECTED)?.iter().map(rule).collect()
    }

    /// The events that are judged one after the other.
    fn several(&mut self, source: &Source, keys: Keys<'_>, events: &Node) -> Result<Run, Fault> {
        for other in ["like", "fields", "each"] {
            if keys.get(other).is_some() {
                return Err(events.fault(source, CaseProblem::Together("events", other).into()));
            }
        }
        let mut run = Run { variation: None, events: Vec::new() };
        for node in elements(events, source, "a list of events")? {
            let keys = Keys::of(node, source, "an event: `fields`, and `like` if it builds upon another")?;
            self.faults.extend(keys.unknown(source, "an event", &PART_KEYS));
            let example = self.example(source, keys)?;
            run.events.extend(self.event(source, node, example));
        }
        Ok(run)
    }

    /// One run as the test says, or one for each value that it varies.
    fn variations(&mut self, source: &Source, keys: Keys<'_>) -> Result<Vec<Run>, Fault> {
        let base = self.example(source, keys)?;
        let Some(each) = keys.get("each") else {
            let events = self.event(source, keys.node, base).into_iter().collect();
            return Ok(vec![Run { variation: None, events }]);
        };
        let mut runs = Vec::new();
        for (name, node, values) in Keys::of(each, source, "fields with lists of values")?.iter() {
            for value in elements(values, source, "a list of values, one for each run")? {
                let mut example = base.clone();
                self.field(source, &mut example, (name, node, value));
                self.memory.add(&example).map_err(|problem| value.fault(source, problem))?;
                let variation = Some(format!("{}: {}", printable(name), written(value)));
                let events = self.event(source, value, example).into_iter().collect();
                runs.push(Run { variation, events });
            }
        }
        Ok(runs)
    }

    /// What `like` and `fields` say.
    fn example(&mut self, source: &Source, keys: Keys<'_>) -> Result<Example, Fault> {
        let mut example = match keys.get("like") {
            Some(like) => self.like(source, like)?,
            None => Example::default(),
        };
        if let Some(fields) = keys.get("fields") {
            self.fields(source, &mut example, fields)?;
        }
        self.memory.add(&example).map_err(|problem| keys.node.fault(source, problem))?;
        Ok(example)
    }

    fn like(&self, source: &Source, like: &Node) -> Result<Example, Fault> {
        let wanted = name(like, source, "the name of an event")?;
        self.named.get(wanted).cloned().ok_or_else(|| {
            let suggestion = nearest(wanted, self.names().into_iter()).map(str::to_owned);
            let problem = CaseProblem::UnknownExample { name: excerpt(wanted), suggestion };
            like.fault(source, problem.into())
        })
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.named.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn fields(&mut self, source: &Source, example: &mut Example, fields: &Node) -> Result<(), Fault> {
        for field in Keys::of(fields, source, "a map from fields to values")?.iter() {
            self.field(source, example, field);
        }
        Ok(())
    }

    fn field(&mut self, source: &Source, example: &mut Example, field: (&str, &Node, &Node)) {
        if let Err(fault) = set(source, example, field) {
            self.faults.push(fault);
        }
    }

    /// The event, if it has a type.
    fn event(&mut self, source: &Source, node: &Node, fields: Example) -> Option<Event> {
        let event_type = fields.event_type();
        if event_type.is_none() {
            self.faults.push(node.fault(source, no_event_type(&fields).into()));
        }
        event_type.map(|event_type| Event { event_type, fields })
    }
}

/// Reads maps from fields to values, each of which is an event.
pub(super) fn events(name: &str, text: &str) -> Result<Vec<Event>, LoadError> {
    const EXPECTED: &str = "a map from fields to values";
    let source = Source::new(name, text)?;
    let mut reader = Reader::default();
    let mut events = Vec::new();
    let documents = yaml::parse(&source)?;
    let several = |document| elements(document, &source, EXPECTED).unwrap_or(std::slice::from_ref(document));
    for node in documents.iter().filter(|node| !is_nothing(node)).flat_map(several) {
        let mut example = Example::default();
        reader.fields(&source, &mut example, node)?;
        reader.memory.add(&example).map_err(|problem| node.fault(&source, problem))?;
        events.extend(reader.event(&source, node, example));
    }
    reader.finish().map(|_| events)
}

/// Why an event cannot be judged.
pub(crate) fn no_event_type(fields: &Example) -> CaseProblem {
    match fields.event_type_name() {
        None => CaseProblem::NoEventType,
        Some(name) => {
            let suggestion = event_type::nearest_name(name).map(str::to_owned);
            CaseProblem::UnknownEventType { name: excerpt(name), suggestion }
        }
    }
}

fn set(
    source: &Source,
    example: &mut Example,
    (name, key, value): (&str, &Node, &Node),
) -> Result<(), Fault> {
    let is_escaped = name.strip_prefix(escaped::PREFIX);
    let field =
        field_name::parse(is_escaped.unwrap_or(name)).map_err(|error| key.fault(source, error.into()))?;
    let value_of = |problem| value.fault(source, problem);
    let typed = typed_value(&field, value, is_escaped.is_some()).map_err(value_of)?;
    example.set(&field, typed).map_err(value_of)
}

fn typed_value(field: &FieldRef, node: &Node, is_escaped: bool) -> Result<Value<'static>, Problem> {
    match &node.kind {
        NodeKind::Scalar { text, style: Style::Plain } if is_null(text) => Ok(Value::Missing),
        NodeKind::Scalar { text, style: Style::Plain } if text == PENDING => Ok(Value::Pending),
        NodeKind::Scalar { text, .. } if is_escaped => typed::from_escaped(field, text),
        NodeKind::Scalar { text, .. } => typed::from_text(field, text),
        NodeKind::Sequence(nodes) => nodes
            .iter()
            .map(|node| typed_value(field, node, is_escaped))
            .collect::<Result<_, _>>()
            .map(Value::List),
        NodeKind::Mapping(_) => Err(typed::mismatch(field, "a mapping")),
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null")
}

fn is_nothing(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Scalar { text, style: Style::Plain } if is_null(text))
}

/// A value as the file writes it, roughly.
fn written(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar { text, .. } if text.is_empty() => "~".to_owned(),
        NodeKind::Scalar { text, .. } => excerpt(text),
        NodeKind::Sequence(nodes) => {
            let elements: Vec<_> = nodes.iter().map(written).collect();
            format!("[{}]", elements.join(", "))
        }
        NodeKind::Mapping(_) => "a mapping".to_owned(),
    }
}

fn taken(node: &Node, source: &Source, kind: &'static str) -> Fault {
    node.fault(source, CaseProblem::Taken { kind, name: excerpt(text(node)) }.into())
}
