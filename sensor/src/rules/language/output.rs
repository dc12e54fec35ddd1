//! The output of a rule: text with fields in it.

use super::calls;
use super::hints::each_field;
use super::syntax::SyntaxError;
use crate::rules::field::{FieldError, FieldRef, Fields, lookup, resolve};
use crate::rules::operand::Operand;
use crate::rules::problem::Problem;
use crate::rules::value::Value;

/// An output, ready to be rendered.
#[derive(Clone, Debug, Default)]
pub struct Output {
    parts: Vec<Part>,
    /// The fields in the order in which they first appear, each once, with their names as written.
    fields: Vec<(Box<str>, FieldRef)>,
    /// What transformers make of fields.
    calls: Vec<Operand>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(Box<str>),
    /// A value, and the width to which it is padded or cut, in characters.
    Value(Slot, Option<usize>),
}

/// Where a value of an output comes from.
#[derive(Clone, Copy, Debug)]
enum Slot {
    /// A place in [`Output::fields`].
    Field(usize),
    /// A place in [`Output::calls`].
    Call(usize),
}

/// The output of a rule for one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The text. It holds bytes of monitored programs as they are; whoever prints it has to escape them.
    pub text: Vec<u8>,
    /// The fields named in it and their values.
    pub fields: Vec<(Box<str>, Value<'static>)>,
    /// Whether a value may still come that now prints as `<NA>`.
    pub pending: bool,
}

/// Most different fields in one output; an alert is read by people.
const MAX_FIELDS: usize = 256;
/// Most stretches of text and fields in one output.
const MAX_PARTS: usize = 1024;
/// Largest width that a field may be padded to.
const MAX_WIDTH: usize = 4096;

impl Output {
    /// Parses an output. An error comes with its place in the text.
    pub fn parse(text: &str) -> Result<Self, (usize, Problem)> {
        let mut output = Self::default();
        // A leading star asks for output even if values are missing, and that is always done.
        let mut at = usize::from(text.starts_with('*'));
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let literal = rest.find('%').unwrap_or(rest.len());
            if literal > 0 {
                output.parts.push(Part::Text(rest.get(..literal).unwrap_or_default().into()));
                at += literal;
            } else {
                at += output.token(rest).map_err(|(inside, problem)| (at + inside, problem))?;
            }
        }
        Ok(output)
    }

    /// Reads one `%field` or `%transformer(field)`; gives its length. An error comes with its place in the token.
    fn token(&mut self, token: &str) -> Result<usize, (usize, Problem)> {
        let whole = |problem| (0, problem);
        let after = token.get(1..).unwrap_or_default();
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (width, text) = after.split_at(digits);
        let width = if width.is_empty() { None } else { Some(parse_width(width).map_err(whole)?) };
        let name_length = text.find(|c| c != '.' && !super::cursor::is_word(c)).unwrap_or(text.len());
        let (name, behind) = text.split_at(name_length);
        let name = name.trim_end_matches('.');
        let before = 1 + digits;
        if name.is_empty() {
            return Err(whole(Problem::LonePercent));
        }
        if behind.starts_with('(') && !name.contains('.') {
            let length = self.call(text, width).map_err(|error| (before + error.at, error.problem))?;
            return Ok(before + length);
        }
        if name == "container.info" {
            // An obsolete place holder for what the engine should add.
            return Ok(before + name.len());
        }
        let (length, field) = longest_field(text, name).map_err(|error| whole(error.into()))?;
        let index = self.field(text.get(..length).unwrap_or_default(), &field).map_err(whole)?;
        self.push(Slot::Field(index), width).map_err(whole)?;
        Ok(before + length)
    }

    /// Reads a transformer; its fields become fields of the output as they are.
    fn call(&mut self, text: &str, width: Option<usize>) -> Result<usize, SyntaxError> {
        let (written, length) = calls::leading(text)?;
        let here = |problem| SyntaxError { at: 0, problem };
        self.calls.push(Operand::compile(&written)?);
        let mut names = Vec::new();
        each_field(&written, &mut |field| names.push(field));
        for name in names {
            let field = resolve(&name.name, name.argument.as_deref());
            let field = field.map_err(|error| SyntaxError { at: name.at, problem: error.into() })?;
            self.field(&name.to_string(), &field).map_err(here)?;
        }
        self.push(Slot::Call(self.calls.len() - 1), width).map_err(here)?;
        Ok(length)
    }

    /// The place of a field among those of the output.
    fn field(&mut self, written: &str, field: &FieldRef) -> Result<usize, Problem> {
        let place = self.place_of(written, field);
        if place >= MAX_FIELDS {
            return Err(Problem::TooMany { limit: MAX_FIELDS, what: "fields in one output" });
        }
        Ok(place)
    }

    fn push(&mut self, slot: Slot, width: Option<usize>) -> Result<(), Problem> {
        if self.parts.len() >= MAX_PARTS {
            return Err(Problem::TooMany { limit: MAX_PARTS, what: "parts in one output, texts and fields" });
        }
        self.parts.push(Part::Value(slot, width));
        Ok(())
    }

    /// Adds another output behind this one and a blank.
    pub fn append(&mut self, more: &Self) {
        let Self { parts, fields, calls } = more;
        let first_call = self.calls.len();
        self.calls.extend_from_slice(calls);
        let places: Vec<_> = fields.iter().map(|(name, field)| self.place_of(name, field)).collect();
        self.parts.push(Part::Text(" ".into()));
        self.parts.extend(parts.iter().map(|part| match part {
            Part::Value(Slot::Call(call), width) => Part::Value(Slot::Call(first_call + call), *width),
            Part::Value(Slot::Field(at), width) => {
                Part::Value(Slot::Field(places.get(*at).copied().unwrap_or_default()), *width)
            }
            Part::Text(text) => Part::Text(text.clone()),
        }));
    }

    /// Where a field stands among those of the output, which it joins if need be.
    fn place_of(&mut self, name: &str, field: &FieldRef) -> usize {
        self.fields.iter().position(|(_, other)| other == field).unwrap_or_else(|| {
            self.fields.push((name.into(), field.clone()));
            self.fields.len() - 1
        })
    }

    /// Fills the fields in.
    pub fn render<F: Fields + ?Sized>(&self, fields: &F) -> Rendered {
        let values: Vec<_> = self.fields.iter().map(|(_, field)| fields.value(field)).collect();
        let made: Vec<_> = self.calls.iter().map(|call| call.value(fields)).collect();
        let mut text = Vec::with_capacity(256);
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.extend_from_slice(literal.as_bytes()),
                Part::Value(slot, width) => {
                    let value = match slot {
                        Slot::Field(index) => values.get(*index),
                        Slot::Call(index) => made.get(*index),
                    };
                    print(value.unwrap_or(&Value::Missing), *width, &mut text);
                }
            }
        }
        let pending = values.iter().chain(&made).any(Value::is_pending);
        let named = self.fields.iter().map(|(name, _)| name.clone());
        let fields = named.zip(values.into_iter().map(Value::into_owned)).collect();
        Rendered { text, fields, pending }
    }

    /// The fields it names, and their names as written.
    pub fn fields(&self) -> &[(Box<str>, FieldRef)] {
        &self.fields
    }
}

fn parse_width(digits: &str) -> Result<usize, Problem> {
    digits.parse().ok().filter(|width| *width <= MAX_WIDTH).ok_or_else(|| Problem::Syntax {
        expected: format!("a width of at most {MAX_WIDTH}"),
        found: format!("`{}`", crate::rules::yaml::excerpt(digits)),
    })
}

/// The longest beginning of `text` that is a field: what follows it, such as a full stop, is text again.
///
/// `name` is the run of characters at the start of `text` that names can hold.
fn longest_field(text: &str, name: &str) -> Result<(usize, FieldRef), FieldError> {
    const LONGEST: usize = 256;
    if let Some(key) = text.get(name.len()..).and_then(|behind| behind.strip_prefix('['))
        && let Some(end) = key.find(']')
    {
        let key_text = key.get(..end).unwrap_or_default().trim_matches(['"', '\'']);
        match resolve(name, Some(key_text)) {
            Ok(field) => return Ok((name.len() + end + 2, field)),
            Err(FieldError::ArgumentRefused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    if let Some(whole) = lookup(name, None) {
        return whole.map(|field| (name.len(), field));
    }
    let mut shorter = (1..name.len().min(LONGEST)).rev();
    let beginning = shorter.find_map(|length| Some((length, lookup(name.get(..length)?, None)?.ok()?)));
    beginning.map_or_else(|| resolve(name, None).map(|field| (name.len(), field)), Ok)
}

fn print(value: &Value<'_>, width: Option<usize>, text: &mut Vec<u8>) {
    let start = text.len();
    value.print(text);
    if let Some(width) = width {
        fit(text, start, width);
    }
}

/// Pads with blanks or cuts what was printed since `start`, counting characters and not bytes.
fn fit(text: &mut Vec<u8>, start: usize, width: usize) {
    let printed = text.get(start..).unwrap_or_default();
    // Every byte that does not continue a UTF-8 character counts as one.
    let mut starts = printed.iter().enumerate().filter(|(_, byte)| **byte & 0xc0 != 0x80);
    if let Some((cut, _)) = starts.nth(width) {
        text.truncate(start + cut);
        return;
    }
    let characters = printed.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    text.resize(text.len() + width.saturating_sub(characters), b' ');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::event;

    fn rendered(text: &str) -> String {
        let event = event(&[
            ("proc.name", Value::from("cat")),
            ("proc.pid", Value::Number(7)),
            ("evt.failed", Value::Bool(false)),
            ("container.name", Value::Pending),
            ("proc.aname[2]", Value::from("sshd")),
            ("proc.aname", Value::List(vec![Value::from("bash"), Value::from("sshd")])),
            ("evt.arg[flags]", Value::from("O_RDONLY")),
            ("fd.name", Value::from("/é/ü")),
        ]);
        let output = Output::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        String::from_utf8(output.render(&event).text).unwrap()
    }

    fn refused(text: &str) -> (usize, String) {
        let (at, problem) = Output::parse(text).unwrap_err();
        (at, problem.to_string())
    }

    #[test]
    fn fields_of_every_kind_are_filled_in() {
        assert_eq!(rendered("a %proc.name (%proc.pid) failed=%evt.failed."), "a cat (7) failed=false.");
        assert_eq!(rendered("%proc.cwd %container.name"), "<NA> <NA>");
        assert_eq!(rendered("%proc.aname[2] %proc.aname"), "sshd (bash,sshd)");
        assert_eq!(
            rendered("%evt.arg.flags %evt.arg[flags] %evt.arg['flags']"),
            "O_RDONLY O_RDONLY O_RDONLY"
        );
        assert_eq!(rendered("%evt.arg.flags."), "O_RDONLY.");
    }

    #[test]
    fn the_longest_field_counts_and_the_rest_is_text() {
        assert_eq!(rendered("%proc.name. %proc.names %proc.name.x"), "cat. cats cat.x");
        assert_eq!(rendered("%proc.name[%proc.pid]"), "cat[7]");
        assert_eq!(rendered("%proc.name%proc.pid"), "cat7");
    }

    #[test]
    fn a_star_and_an_obsolete_place_holder_vanish() {
        assert_eq!(rendered("*x %container.info y"), "x  y");
        assert_eq!(rendered("a*"), "a*");
    }

    #[test]
    fn widths_pad_and_cut_characters() {
        assert_eq!(rendered("[%5proc.name|%2proc.name|%3proc.name]"), "[cat  |ca|cat]");
        assert_eq!(rendered("[%2fd.name|%5fd.name]"), "[/é|/é/ü ]");
    }

    #[test]
    fn broken_outputs_are_refused_where_they_break() {
        assert_eq!(refused("100%").0, 3);
        assert!(refused("a % b").1.contains("expected a field after `%`"));
        assert_eq!(
            refused("a %proc.nmae b"),
            (2, "unknown field `proc.nmae`; did you mean `proc.name`?".to_owned())
        );
        assert_eq!(refused("a %tolwer(proc.name)").0, 3);
        assert!(refused("a %tolwer(proc.name)").1.contains("did you mean `tolower`?"));
        assert_eq!(refused("a %4tolower(proc.name"), (21, "expected `,` or `)`, found the end".to_owned()));
        assert!(refused("%val(proc.name)").1.contains("on the right of an operator"));
        assert!(refused("%99999proc.name").1.contains("width"));
        assert!(refused("%evt.arg").1.contains("needs an argument"));
        assert!(refused("%proc.aname[x]").1.contains("expected a number in brackets"));
        assert_eq!(refused(&format!("%{}", "x".repeat(1_000_000))).0, 0);
        let many: Vec<_> = (0..1000).map(|n| format!("%proc.aname[{n}]")).collect();
        assert!(refused(&many.concat()).1.contains("more than 256 fields in one output"));
        assert!(refused(&"%proc.name".repeat(2000)).1.contains("1024 parts in one output"));
        assert!(refused(&format!("%{}", "len(".repeat(10_000))).1.contains("nested deeper than 100"));
    }

    #[test]
    fn a_transformer_reports_the_fields_in_it_as_they_are() {
        let output =
            Output::parse("%toupper(proc.name) [%8tolower(fd.name)] %concat(proc.name, ' ', proc.pname)!")
                .unwrap();
        let names: Vec<_> = output.fields().iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["proc.name", "fd.name", "proc.pname"]);
        let event = event(&[
            ("proc.name", Value::from("cat")),
            ("fd.name", Value::from("/A")),
            ("proc.pname", Value::from("sh")),
        ]);
        let rendered = output.render(&event);
        assert_eq!(String::from_utf8(rendered.text).unwrap(), "CAT [/a      ] cat sh!");
        assert_eq!(rendered.fields[1].1, Value::from("/A"));
    }

    #[test]
    fn an_appended_output_follows_behind_a_blank_with_its_fields() {
        let mut output = Output::parse("%proc.name %toupper(proc.name)").unwrap();
        output.append(&Output::parse("f=%4fd.name %tolower(fd.name) p=%proc.name").unwrap());
        output.append(&Output::parse("last").unwrap());
        let rendered =
            output.render(&event(&[("proc.name", Value::from("cat")), ("fd.name", Value::from("/A"))]));
        assert_eq!(String::from_utf8(rendered.text).unwrap(), "cat CAT f=/A   /a p=cat last");
        assert_eq!(
            rendered.fields,
            [("proc.name".into(), Value::from("cat")), ("fd.name".into(), Value::from("/A"))]
        );
    }

    #[test]
    fn each_field_is_reported_once_under_its_written_name() {
        let event = event(&[("proc.name", Value::from("a")), ("container.name", Value::Pending)]);
        let output = Output::parse("%proc.name %proc.aname[2] %proc.name %container.name").unwrap();
        let rendered = output.render(&event);
        let names: Vec<_> = rendered.fields.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["proc.name", "proc.aname[2]", "container.name"]);
        assert!(rendered.pending);
        assert_eq!(output.fields().len(), 3);
    }
}
