//! A YAML tree that remembers where every value stands, and bounds on what it may hold.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::source::{Fault, Place, Source};
use crate::rules::problem::Problem;

/// Deepest nesting of values; the language needs five.
pub const MAX_DEPTH: usize = 32;
/// Most values in a file; one costs about a hundred bytes of memory.
pub const MAX_NODES: usize = 100_000;
/// Most keys in one mapping; no item of the language has more than twenty.
pub const MAX_KEYS: usize = 256;

/// Most characters that can end one YAML token and begin another.
///
/// The YAML parser holds all tokens of a collection in brackets, as long as that could be a key, and one takes
/// about two hundred bytes: this is what bounds its memory.
pub const MAX_PUNCTUATION: usize = 150_000;

/// One YAML value and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it starts.
    pub start: Mark,
}

/// A position as the YAML parser gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The kinds of YAML value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A text, number, truth value or nothing: what it means is up to who reads it.
    Scalar {
        /// The text.
        text: String,
        /// How it was written.
        style: Style,
    },
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the file; keys are scalars and unique.
    Mapping(Vec<(Node, Node)>),
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Bare.
    Plain,
    /// In quotes of either sort.
    Quoted,
    /// As a block with a header line.
    Block,
}

impl Node {
    /// Its place.
    pub fn place(&self, source: &Source) -> Place {
        Place { file: source.file.clone(), line: self.start.line, column: self.start.column }
    }

    /// An error at its start.
    pub fn fault(&self, source: &Source, problem: Problem) -> Fault {
        Fault { place: self.place(source), problem }
    }

    /// How many values it is made of, itself included. Values are never deeper than [`MAX_DEPTH`].
    pub fn count(&self) -> usize {
        match &self.kind {
            NodeKind::Scalar { .. } => 1,
            NodeKind::Sequence(nodes) => 1 + nodes.iter().map(Self::count).sum::<usize>(),
            NodeKind::Mapping(pairs) => {
                1 + pairs.iter().map(|(key, value)| key.count() + value.count()).sum::<usize>()
            }
        }
    }

    /// What it is, for messages.
    pub fn describe(&self) -> String {
        match &self.kind {
            NodeKind::Scalar { text, .. } if text.is_empty() => "nothing".to_owned(),
            NodeKind::Scalar { text, .. } => format!("`{}`", excerpt(text)),
            NodeKind::Sequence(_) => "a sequence".to_owned(),
            NodeKind::Mapping(_) => "a mapping".to_owned(),
        }
    }
}

/// The first characters of a text, on one line, for messages.
pub(crate) fn excerpt(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut short = printable(&text.chars().take(LONGEST).collect::<String>());
    if text.chars().nth(LONGEST).is_some() {
        short.push_str("...");
    }
    short
}

/// The text with everything escaped that could drive a terminal, break a line or hide.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\'' | '"' | '\\') {
            out.push(c);
        } else {
            out.extend(c.escape_debug());
        }
    }
    out
}

/// Reads every document of a file.
pub fn parse(source: &Source) -> Result<Vec<Node>, Fault> {
    if let Some(at) = excess_punctuation(&source.text) {
        return Err(source.fault(at, Problem::TooMuchPunctuation(MAX_PUNCTUATION)));
    }
    match read(source, &source.text) {
        Err(fault) if is_outdented_bracket(source, &fault) => read(source, &indented(&source.text)),
        read => read,
    }
}

fn read(source: &Source, text: &str) -> Result<Vec<Node>, Fault> {
    let mut builder = Builder { source, open: Vec::new(), documents: Vec::new(), nodes: 0 };
    for step in Parser::new_from_str(text) {
        let (event, span) = step.map_err(|error| {
            let mark = error.marker();
            let at = Mark { line: mark.line().max(1), column: mark.col() + 1 };
            invalid(source, at, error.info(), builder.open_bracket())
        })?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

/// The YAML parser's complaint, at its cause: of a tab the parser names the value that comes before, and of a bracket
/// that is never closed only what it stumbles over next.
fn invalid(source: &Source, at: Mark, info: &str, bracket: Option<(char, Mark)>) -> Fault {
    let tab = if info.contains("tab") { tab_in_indentation(source, at.line) } else { None };
    let (at, problem) = match tab {
        Some(at) => (at, Problem::Tab),
        None => (at, Problem::Yaml(printable(info) + &closed(bracket))),
    };
    let place = Place { file: source.file.clone(), line: at.line, column: at.column };
    Fault { place, problem }
}

/// Asks whether a bracket that is open is closed.
fn closed(bracket: Option<(char, Mark)>) -> String {
    let ask = |(bracket, at): (char, Mark)| {
        format!("; is the `{bracket}` of line {}, column {} closed?", at.line, at.column)
    };
    bracket.map(ask).unwrap_or_default()
}

/// The first tab in the indentation of this line or a later one.
fn tab_in_indentation(source: &Source, line: usize) -> Option<Mark> {
    let text = source.text.get(source.byte(line, 1)..)?;
    let columns = text.lines().map(|line| {
        let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..indentation).and_then(|blanks| blanks.find('\t'))
    });
    let (lines, column) = columns.enumerate().find_map(|(line, column)| Some((line, column?)))?;
    Some(Mark { line: line + lines, column: column + 1 })
}

/// Whether the YAML parser stumbled over a closing bracket that stands no further right than the key of its list.
///
/// YAML asks for more, but Falco reads such files and the rules that come with it have such brackets.
fn is_outdented_bracket(source: &Source, fault: &Fault) -> bool {
    let line = source.text.get(source.byte(fault.place.line, 1)..).unwrap_or_default();
    matches!(&fault.problem, Problem::Yaml(info) if info.contains("invalid indentation"))
        && line.trim_start_matches(' ').starts_with([']', '}'])
}

/// The text with every line of nothing but closing brackets moved to the right, where no indentation forbids them.
fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if is_closing(line) {
            out.push_str(&" ".repeat(MAX_DEPTH));
        }
        out.push_str(line);
    }
    out
}

fn is_closing(line: &str) -> bool {
    let brackets = line.split('#').next().unwrap_or_default().trim();
    !brackets.is_empty() && brackets.chars().all(|c| matches!(c, ']' | '}' | ',' | ' '))
}

/// Where the text goes beyond [`MAX_PUNCTUATION`].
fn excess_punctuation(text: &str) -> Option<usize> {
    let mut last = b'\n';
    let separates = |(_, byte): &(usize, u8)| {
        // A line of hash signs is one comment.
        let repeated = *byte == b'#' && last == b'#';
        last = *byte;
        !repeated && b",[]{}\"'&*!?:#".contains(byte)
    };
    text.bytes().enumerate().filter(separates).nth(MAX_PUNCTUATION).map(|(at, _)| at)
}

/// A collection whose end has not been seen.
enum Open {
    Sequence(Vec<Node>, Mark),
    Mapping(Vec<(Node, Node)>, Option<Node>, Mark),
}

/// Turns the parser's events into nodes without recursion, so that depth costs no stack.
struct Builder<'s> {
    source: &'s Source,
    open: Vec<Open>,
    documents: Vec<Node>,
    nodes: usize,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let start = mark(span);
        match event {
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Alias(_) => Err(self.fault(start, Problem::Alias)),
            Event::Scalar(text, style, _, tag) => {
                self.accept(start, tag.as_ref())?;
                let kind = self.scalar(start, text, style)?;
                self.close(Node { kind, start })
            }
            Event::SequenceStart(_, tag) => {
                self.accept(start, tag.as_ref())?;
                self.open.push(Open::Sequence(Vec::new(), start));
                Ok(())
            }
            Event::MappingStart(_, tag) => {
                self.accept(start, tag.as_ref())?;
                self.open.push(Open::Mapping(Vec::new(), None, start));
                Ok(())
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
        }
    }

    /// The innermost bracket that is open, if the innermost collection is in brackets.
    fn open_bracket(&self) -> Option<(char, Mark)> {
        let (Open::Sequence(_, at) | Open::Mapping(_, _, at)) = self.open.last()?;
        let first = self.source.text.get(self.source.byte(at.line, at.column)..)?.chars().next()?;
        matches!(first, '[' | '{').then_some((first, *at))
    }

    fn fault(&self, at: Mark, problem: Problem) -> Fault {
        let place = Place { file: self.source.file.clone(), line: at.line, column: at.column };
        Fault { place, problem }
    }

    /// Checks the bounds before a node is kept.
    fn accept(&mut self, at: Mark, tag: Option<&Cow<'_, Tag>>) -> Result<(), Fault> {
        self.nodes += 1;
        if tag.is_some_and(|tag| !tag.is_yaml_core_schema()) {
            return Err(self.fault(at, Problem::Tag));
        }
        if self.nodes > MAX_NODES {
            return Err(self.fault(at, Problem::TooManyNodes(MAX_NODES)));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.fault(at, Problem::TooDeep(MAX_DEPTH)));
        }
        Ok(())
    }

    fn scalar(&self, at: Mark, text: Cow<'_, str>, style: ScalarStyle) -> Result<NodeKind, Fault> {
        // An escape in double quotes can write what the file's text must not hold.
        if text.contains('\0') {
            return Err(self.fault(at, Problem::Nul));
        }
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        Ok(NodeKind::Scalar { text: text.into_owned(), style })
    }

    fn end(&mut self) -> Result<(), Fault> {
        let node = match self.open.pop() {
            Some(Open::Sequence(nodes, start)) => Node { kind: NodeKind::Sequence(nodes), start },
            Some(Open::Mapping(pairs, _, start)) => Node { kind: NodeKind::Mapping(pairs), start },
            None => return Ok(()),
        };
        self.close(node)
    }

    /// Puts a finished node where it belongs.
    fn close(&mut self, node: Node) -> Result<(), Fault> {
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some(Open::Sequence(nodes, _)) => nodes.push(node),
            Some(Open::Mapping(pairs, waiting, _)) => {
                if let Some(key) = waiting.take() {
                    pairs.push((key, node));
                } else {
                    let NodeKind::Scalar { text, .. } = &node.kind else {
                        let found = node.describe();
                        return Err(self.fault(node.start, Problem::Expected { expected: "a key", found }));
                    };
                    if pairs.len() >= MAX_KEYS {
                        let problem = Problem::TooMany { limit: MAX_KEYS, what: "keys in one mapping" };
                        return Err(self.fault(node.start, problem));
                    }
                    if is_taken(pairs, text) {
                        let problem = Problem::DuplicateKey(excerpt(text));
                        return Err(self.fault(node.start, problem));
                    }
                    *waiting = Some(node);
                }
            }
        }
        Ok(())
    }
}

fn is_taken(pairs: &[(Node, Node)], key: &str) -> bool {
    pairs.iter().any(|(other, _)| matches!(&other.kind, NodeKind::Scalar { text, .. } if text == key))
}

fn mark(span: Span) -> Mark {
    Mark { line: span.start.line().max(1), column: span.start.col() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> String {
        parse(&Source::new("a.yaml", text).unwrap()).unwrap_err().to_string()
    }

    #[test]
    fn values_know_their_places() {
        let source = Source::new("a.yaml", "# c\n- rule: ä b\n  tags: [x, 'y']\n").unwrap();
        let documents = parse(&source).unwrap();
        let NodeKind::Sequence(items) = &documents[0].kind else { panic!("{documents:?}") };
        let NodeKind::Mapping(pairs) = &items[0].kind else { panic!("{items:?}") };
        assert_eq!(pairs[0].1.place(&source).to_string(), "a.yaml:2:9");
        let NodeKind::Sequence(tags) = &pairs[1].1.kind else { panic!("{pairs:?}") };
        assert_eq!(tags[1].place(&source).to_string(), "a.yaml:3:13");
        assert_eq!(tags[1].kind, NodeKind::Scalar { text: "y".to_owned(), style: Style::Quoted });
    }

    #[test]
    fn aliases_tags_and_double_keys_are_refused() {
        assert!(fault("- &a [x]\n- *a\n").starts_with("a.yaml:2:3: error: YAML aliases are not accepted"));
        assert!(fault("- !exec rm\n").contains("a.yaml:1:3: error: YAML tags"));
        assert_eq!(fault("- a: 1\n  b: 2\n  a: 3\n"), "a.yaml:3:3: error: key `a` is given twice");
        assert!(fault("- [a]: 1\n").contains("expected a key, found a sequence"));
        assert!(fault("- \"a\\0b\"\n").contains("NUL"));
    }

    #[test]
    fn broken_yaml_names_its_place() {
        assert!(fault("- rule: [a\n").starts_with("a.yaml:"), "{}", fault("- rule: [a\n"));
        let tab = fault("- a: 1\n- b: c\n\td: e\n");
        assert_eq!(tab, "a.yaml:3:1: error: a tab in the indentation; YAML is indented with blanks");
        assert!(fault("- a: 1\n  \tb: c\n").starts_with("a.yaml:2:3: error: a tab"));
    }

    #[test]
    fn a_closing_bracket_may_stand_below_its_key() {
        for closing in ["  ]", "]", "  ] # end", " ],"] {
            let text = format!("- list: l\n  items: [\n    \"a\",\n    \"b\"\n{closing}\n\n- macro: m\n");
            let parsed = parse(&Source::new("a.yaml", &text).unwrap());
            if closing.ends_with(',') {
                assert!(parsed.is_err());
                continue;
            }
            let documents = parsed.unwrap_or_else(|fault| panic!("{text}{fault}"));
            let NodeKind::Sequence(items) = &documents[0].kind else { panic!("{documents:?}") };
            assert_eq!((items.len(), items[1].start), (2, Mark { line: 7, column: 3 }));
        }
        assert!(fault("- a: 1\n b: 2\n").contains("a.yaml:2:"));
    }

    #[test]
    fn excerpts_cannot_drive_a_terminal() {
        assert_eq!(excerpt("a\x1b[2J\n'b'\u{202e}"), "a\\u{1b}[2J\\n'b'\\u{202e}");
        assert_eq!(excerpt(&"x".repeat(41)), format!("{}...", "x".repeat(40)));
    }

    #[test]
    fn bombs_hit_a_limit() {
        for (opening, count) in [("[", 100_000), ("- ", 100_000), ("{a: ", 50_000), ("? ", 50_000)] {
            let message = fault(&opening.repeat(count));
            assert!(
                message.contains("nested deeper than 32") || message.contains("not valid YAML"),
                "{message}"
            );
        }
        assert!(fault(&"- a\n".repeat(MAX_NODES + 1)).contains("more than 100000 YAML values"));
        let flow = fault(&format!("[{}]", "a,".repeat(MAX_PUNCTUATION)));
        assert!(flow.starts_with("a.yaml:1:300001: error: more than 150000 of the characters"), "{flow}");
        let banner = format!("{}\n- a\n", "#".repeat(MAX_PUNCTUATION * 2));
        assert!(parse(&Source::new("a.yaml", &banner).unwrap()).is_ok());
        let keys: String = (0..=MAX_KEYS).map(|n| ["k", &n.to_string(), ": 1\n"].concat()).collect();
        assert!(fault(&keys).contains("more than 256 keys"));
    }
}
