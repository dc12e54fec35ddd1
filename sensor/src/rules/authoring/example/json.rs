//! Events as `vigie events` writes them: maps of JSON from fields to values.

use serde_json::{Deserializer, Map, Value as Json};

use super::{Example, escaped, name, typed};
use crate::rules::cases::problem::CaseProblem;
use crate::rules::cases::{Event, Memory, no_event_type};
use crate::rules::field::FieldError;
use crate::rules::problem::Problem;
use crate::rules::source::{Fault, LoadError, Source};
use crate::rules::yaml::{excerpt, printable};

/// Makes an event of a map. Where a field is given in its escaped form too, that counts.
///
/// `unknown` is told of every field that does not exist, and says whether that is an error.
pub fn example(
    map: &Map<String, Json>,
    unknown: &mut impl FnMut(&str, FieldError) -> Result<(), Problem>,
) -> Result<Example, Problem> {
    let mut example = Example::default();
    let is_escaped = |name: &str| name.starts_with(escaped::PREFIX);
    let (lossless, plain): (Vec<_>, Vec<_>) = map.iter().partition(|(name, _)| is_escaped(name));
    for (written, value) in plain.into_iter().chain(lossless) {
        let stripped = written.strip_prefix(escaped::PREFIX);
        match name::parse(stripped.unwrap_or(written)) {
            Ok(field) => {
                super::bounded(value.as_array().map_or(0, Vec::len))?;
                let value = typed::from_json(&field, value, stripped.is_some())?;
                example.set(&field, value)?;
            }
            Err(error) => unknown(written, error)?,
        }
    }
    Ok(example)
}

/// Reads all events of a text, each a map of JSON. An unknown field is an error.
pub fn read(name: &str, text: &str) -> Result<Vec<Event>, LoadError> {
    let source = Source::new(name, text)?;
    let mut stream = Deserializer::from_str(&source.text).into_iter::<Json>();
    let (mut events, mut memory) = (Vec::new(), Memory::default());
    loop {
        let start = stream.byte_offset();
        let Some(json) = stream.next() else { return Ok(events) };
        let json = json.map_err(|error| syntax_fault(&source, &error))?;
        let at = start + source.text.get(start..).map_or(0, |rest| rest.len() - rest.trim_start().len());
        let event = event(&json).map_err(|problem| source.fault(at, problem))?;
        memory.add(&event.fields).map_err(|problem| source.fault(at, problem))?;
        events.push(event);
    }
}

fn syntax_fault(source: &Source, error: &serde_json::Error) -> Fault {
    let at = source.byte(error.line(), error.column());
    source.fault(at, CaseProblem::Json(printable(&error.to_string())).into())
}

fn event(json: &Json) -> Result<Event, Problem> {
    let Json::Object(map) = json else {
        let found = format!("`{}`", excerpt(&json.to_string()));
        return Err(Problem::Expected { expected: "a map from fields to values", found });
    };
    let fields = example(map, &mut |_, error| Err(error.into()))?;
    match fields.event_type() {
        Some(event_type) => Ok(Event { event_type, fields }),
        None => Err(no_event_type(&fields).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::field::Fields;
    use crate::rules::value::Value;

    fn value(event: &Event, field: &str) -> Value<'static> {
        event.fields.value(&name::parse(field).unwrap()).into_owned()
    }

    #[test]
    fn a_recorded_line_reads_back() {
        let text = r#"{"evt.type":"openat","fd.name":"/tmp/?","vigie.escaped.fd.name":"/tmp/\\xff","proc.pid":7,
            "proc.aname":["bash","sshd"],"evt.arg.fd":3,"evt.failed":false,"user.name":null}
            {"evt.type":"execve"}"#;
        let events = read("e", text).unwrap();
        assert_eq!(events.len(), 2);
        assert_eq!(value(&events[0], "fd.name"), Value::text(b"/tmp/\xff"));
        assert_eq!(value(&events[0], "proc.aname[2]"), Value::from("sshd"));
        assert_eq!(value(&events[0], "evt.arg.fd"), Value::from("3"));
        assert_eq!(value(&events[0], "evt.failed"), Value::Bool(false));
        assert_eq!(value(&events[0], "user.name"), Value::Missing);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let refused = |text: &str| read("e", text).unwrap_err().to_string();
        assert!(
            refused("{\"evt.type\":\"open\"}\n  {\"fd.nmae\":1}")
                .starts_with("e:2:3: error: unknown field `fd.nmae`")
        );
        assert!(refused("{\"evt.type\":").contains("error: not valid JSON"));
        assert!(refused("{\"evt.type\":\"open\",\"proc.pid\":\"x\"}").contains("`proc.pid` is a number"));
        assert!(refused("{\"evt.type\":\"opne\"}").contains("did you mean `open`?"));
        assert!(refused("{} 7").starts_with("e:1:1: error: the event needs the field `evt.type`"));
        assert!(refused("{\"evt.type\":\"open\",\"fd.name\":{}}").contains("expected a text"));
    }
}
