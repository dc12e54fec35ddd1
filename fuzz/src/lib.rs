//! What the fuzz targets share: an event to judge, and what must hold of everything that loads or is refused.

use std::sync::LazyLock;

use bytes::BytesMut;
use sensor::guard::framing::{Framing, MAX_HEAD, Part, Violation};
use sensor::guard::{Json, Operation, Target, body, operation, shape};
use sensor::rules::cases;
use sensor::rules::parser;
use sensor::rules::syntax::Tree;
use sensor::rules::{EventType, FieldRef, Fields, LoadError, Matching, RuleSet, Scratch, Type, Value};

/// An event in which every field has some value of its kind, or none has.
#[derive(Clone, Copy, Debug)]
struct Event {
    empty: bool,
}

impl Fields for Event {
    fn value(&self, field: &FieldRef) -> Value<'_> {
        let kind = field.field.kind;
        let value = match kind.of {
            _ if self.empty => return Value::Missing,
            Type::Bool => Value::Bool(true),
            Type::Number | Type::Port => Value::Number(4),
            Type::Ip | Type::Net => Value::Ip([10, 0, 0, 1].into()),
            _ => Value::text(b"/etc/../a b"),
        };
        if kind.list { Value::List(vec![value.clone(), value]) } else { value }
    }
}

/// Loads a rules file. What loads judges events; what does not is refused with places that are in the file.
pub fn load(text: &str) {
    match RuleSet::load(&[("fuzz.yaml", text)]) {
        Ok((rules, warnings)) => {
            for warning in warnings {
                drop(warning.to_string());
            }
            judge(&rules.with_matching(Matching::All));
        }
        Err(error) => refused(text, &error),
    }
}

fn refused(text: &str, error: &LoadError) {
    assert!(!error.faults.is_empty(), "an error without a fault");
    assert!(!error.to_string().is_empty(), "an error without a message");
    // YAML ends lines with LF, CR LF and CR; the end of the file is on a line of its own.
    let lines = text.matches(['\n', '\r']).count() + 2;
    for fault in &error.faults {
        let line = fault.place.line;
        assert!((1..=lines).contains(&line), "line {line} of {lines}: {fault}");
    }
}

/// Judges events of every type, renders the outputs of what matches, and reads every comparison again.
fn judge(rules: &RuleSet) {
    let mut scratch = Scratch::default();
    for event_type in EventType::all() {
        for event in [Event { empty: false }, Event { empty: true }] {
            for rule in rules.evaluate(event_type, &event, &mut scratch).matches {
                assert!(rule.event_types().contains(event_type), "{} is not for {event_type:?}", rule.name);
                drop(rule.render_output(&event));
            }
        }
    }
    rules.leaves().iter().for_each(|(_, leaf)| reads_again(&leaf.to_string()));
}

/// The written form of a comparison means the same comparison.
fn reads_again(text: &str) {
    match parser::parse(text) {
        Ok(Tree::Check(check)) => assert_eq!(check.to_string(), text),
        other => panic!("{text:?} is no comparison any more: {other:?}"),
    }
}

/// An output that parses is rendered, and one that does not is refused at a place in it.
pub fn output(text: &str) {
    match sensor::rules::output::Output::parse(text) {
        Ok(output) => {
            for empty in [false, true] {
                drop(output.render(&Event { empty }));
            }
        }
        Err((at, problem)) => {
            assert!(text.get(at..).is_some(), "byte {at} of {} is no place", text.len());
            drop(problem.to_string());
        }
    }
}

/// The rules that test files are run against.
static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    let text = "- rule: r\n  desc: d\n  output: o %fd.name\n  priority: info\n  \
                condition: evt.type in (openat, execve) and (fd.name startswith /etc or proc.aname in (bash))\n";
    RuleSet::load(&[("fuzz.yaml", text)]).expect("the rule loads").0
});

/// A file of tests that is read can be run, and what is refused has a place in the file.
pub fn test_file(text: &str) {
    match cases::load(&[("fuzz.yaml", text)]) {
        Ok(suite) => {
            suite.unknown_rules(&RULES).iter().for_each(|fault| drop(fault.to_string()));
            let outcome = suite.run(&RULES);
            assert_eq!(outcome.passed(), outcome.failed() == 0);
        }
        Err(error) => refused(text, &error),
    }
}

/// The body of a request is refused, or has one spelling that is read as the same, and in which no field is hidden from
/// those who look for it by its name.
pub fn guard_body(input: &[u8]) {
    let line = input.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let body = input.get(line.len() + 1..).unwrap_or_default();
    let Some(operation) = operation_of(&String::from_utf8_lossy(line)) else { return };
    match body::read(operation, body.to_vec()) {
        Ok(Some(read)) => {
            let bytes = read.json.to_bytes();
            assert_eq!(Json::parse(&bytes).as_ref(), Ok(&read.json), "another value");
            assert!(body::is_canonical(operation, Some(&read.json)), "another spelling");
            let again = body::read(operation, bytes).expect("what was written is read");
            assert_eq!(again.map(|again| (again.json, again.dropped)), Some((read.json, Vec::new())));
        }
        Ok(None) => {}
        Err(error) => assert!(!error.to_string().is_empty(), "an error without a message"),
    }
    if let (Some(shape), Ok(json)) = (operation.shape, Json::parse(body)) {
        let again = shape::canonical(shape, json.clone());
        let is_same = again.is_ok_and(|again| again.json == json && again.dropped.is_empty());
        assert_eq!(shape::is_canonical(shape, &json), is_same, "two opinions of one spelling");
    }
    if let Ok(json) = Json::parse(body) {
        assert_eq!(Json::parse(&json.to_bytes()), Ok(json), "another value");
    }
}

fn operation_of(line: &str) -> Option<&'static Operation> {
    let (method, path) = line.split_once(' ')?;
    let segments = path.split('/').skip(1).map(str::to_owned).collect();
    let target = Target { version: None, segments, query: Vec::new() };
    operation::find(&method.parse().ok()?, &target)
}

/// What a connection's bytes mean: a text for each request, and what is wrong with what follows.
type Meaning = (Vec<String>, Option<Violation>);

/// Bytes mean the same however they are cut, what is kept of them is bounded, and what is refused stays so.
pub fn framing(bytes: &[u8]) {
    let Some((size, bytes)) = bytes.split_first() else { return };
    let whole = read(std::iter::once(bytes));
    assert_eq!(read(bytes.chunks(usize::from(*size).max(1))), whole, "cut into pieces of {size}");
}

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Meaning {
    let (mut framing, mut buffer, mut requests) = (Framing::default(), BytesMut::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match framing.next(&mut buffer) {
                Ok(None) => break,
                Ok(Some(Part::Head(head))) => requests.push(format!("{head:?}")),
                Ok(Some(Part::Data(data))) => {
                    assert!(!data.is_empty(), "an empty piece of a body");
                    if let Some(request) = requests.last_mut() {
                        request.push_str(&data.escape_ascii().to_string());
                    }
                }
                Ok(Some(Part::End)) => requests.push("end".to_owned()),
                Err(violation) => {
                    assert_eq!(
                        framing.next(&mut buffer).err(),
                        Some(violation),
                        "it is let through after all"
                    );
                    assert!(violation.status().is_client_error() || violation.status().is_server_error());
                    return (requests, Some(violation));
                }
            }
        }
        assert!(buffer.len() <= MAX_HEAD, "{} bytes are kept", buffer.len());
    }
    (requests, None)
}

/// What is read of a target is read again from what is written, and nothing in it would be decoded again.
pub fn uri(text: &str) {
    let Ok(target) = Target::parse(text) else { return };
    for segment in &target.segments {
        assert!(!matches!(segment.as_str(), "" | "." | ".."), "{segment:?} in {text:?}");
        assert!(!segment.contains(['/', '\0']), "{segment:?} in {text:?}");
    }
    let uri = target.to_uri();
    assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri:?}");
    assert_eq!(Target::parse(&uri).as_ref(), Ok(&target), "{text:?} was written as {uri:?}");
}
