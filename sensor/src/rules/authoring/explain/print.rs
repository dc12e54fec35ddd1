//! Explanations as text.

use std::fmt;

use super::{Explanation, Part, Reason, Step};
use crate::rules::comparison::Truth;
use crate::rules::value::Value;
use crate::rules::yaml::printable;

/// Most characters of a comparison or a value that are shown.
const LONGEST: usize = 120;

impl Explanation<'_> {
    /// Whether the rule matches and what decided that, line by line.
    pub fn summary(&self) -> Vec<String> {
        let mut lines = vec![self.headline()];
        lines.extend(self.deciding().iter().map(|reason| format!("  {reason}")));
        lines
    }

    /// The summary, and below it the whole condition with the truth of every part.
    pub fn report(&self) -> String {
        let mut lines = self.summary();
        lines.extend(self.remarks());
        lines.push("condition:".to_owned());
        tree(&self.step, 1, &mut lines);
        lines.push(String::new());
        lines.join("\n")
    }

    fn headline(&self) -> String {
        let name = printable(&self.rule.name);
        match (self.matches(), self.step.truth) {
            (true, _) if !self.rule.enabled => format!("rule `{name}` is disabled; it would match, because:"),
            (true, Truth::Open) => format!("rule `{name}` matches unless a value still comes, because:"),
            (false, Truth::Open) => {
                format!("rule `{name}` does not match unless a value still comes, because:")
            }
            (true, _) => format!("rule `{name}` matches, because:"),
            (false, _) => format!("rule `{name}` does not match, because:"),
        }
    }

    /// What keeps the rule from being judged at all.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if !self.rule.enabled {
            remarks.push("note: the rule is disabled, so it is never judged".to_owned());
        }
        if let Some(earlier) = self.earlier {
            remarks.push(format!(
                "note: rule `{}` comes before it and matches, too: only that one alerts, except with \
                 `--rule-matching all`",
                printable(&earlier.name)
            ));
        }
        if !self.rule.event_types().contains(self.event_type) {
            let types = self.rule.event_types().listed();
            let name = self.event_type.name();
            remarks.push(format!("note: `{name}` is not one of its event types: {types}"));
        }
        remarks
    }
}

/// Deepest level that is shown as one: a condition may have a thousand.
const DEEPEST: usize = 40;

fn tree(step: &Step, depth: usize, lines: &mut Vec<String>) {
    lines.push(format!("{}{}", "  ".repeat(depth.min(DEEPEST)), line(step)));
    for inner in step.inner.iter().filter(|_| step.negated().is_none()) {
        tree(inner, depth + 1, lines);
    }
}

/// The comparison, and the macros and negations that it stands in, the outermost first.
impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&line(self.step))?;
        let within: Vec<_> = self.within.iter().rev().map(|name| printable(name)).collect();
        if within.is_empty() { Ok(()) } else { write!(f, " (in {})", short(&within.join(" > "))) }
    }
}

/// A part with its truth. The negation of a comparison is one with it.
fn line(step: &Step) -> String {
    format!("{}: {}", word(step), words(step))
}

fn words(step: &Step) -> String {
    match (&step.part, step.negated()) {
        (Part::And, _) => "and".to_owned(),
        (Part::Or, _) => "or".to_owned(),
        (Part::Not, Some(negated)) => format!("not {}", words(negated)),
        (Part::Not, None) => "not".to_owned(),
        (Part::Macro(name), _) => format!("{}:", printable(name)),
        (Part::Check(text, seen), _) => format!("{} -- {}", comparison(text), shown(seen)),
        (Part::Constant(text), _) => format!("{} -- always so", short(text)),
    }
}

fn word(step: &Step) -> &'static str {
    match (step.truth, &step.part) {
        (Truth::True, _) => "true",
        (Truth::False, Part::Check(_, Value::Missing)) => "missing",
        (Truth::False, _) => "false",
        (Truth::Open, _) => "pending",
    }
}

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Missing => "the event has no such value".to_owned(),
        Value::Pending => "the value may still come".to_owned(),
        Value::Bool(_)
        | Value::Number(_)
        | Value::Decimal(_)
        | Value::Text(_)
        | Value::Ip(_)
        | Value::List(_) => {
            let mut bytes = Vec::new();
            value.print(&mut bytes);
            format!("it is `{}`", short(&String::from_utf8_lossy(&bytes)))
        }
    }
}

/// A comparison; of a long list the first members.
fn comparison(text: &str) -> String {
    let end = text.char_indices().nth(LONGEST).map(|(end, _)| end);
    let members = end.and_then(|end| text.get(..end)?.rsplit_once(", "));
    match members.filter(|_| text.ends_with(')')) {
        Some((members, _)) => format!("{}, ...)", printable(members)),
        None => short(text),
    }
}

/// On one line, without anything that acts on a terminal, and not too long.
fn short(text: &str) -> String {
    let mut short = printable(&text.chars().take(LONGEST).collect::<String>());
    if text.chars().nth(LONGEST).is_some() {
        short.push_str("...");
    }
    short
}
