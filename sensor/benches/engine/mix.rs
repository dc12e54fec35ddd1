//! The events that the engine is measured with: a build host's, with a part of them in containers.
//!
//! `mix.jsonl` holds what was recorded on such a host, reduced to about 450 different events, and connects written by
//! hand in the same form. Lines of one kind are processes; lines of the other are events, each with its process and
//! the number of recorded events that it stands for. A field that the registry does not know is left out.

use std::net::IpAddr;

use anyhow::{Context as _, Result, anyhow};
use sensor::rules::field::{self, Argument, TABLE};
use sensor::rules::{EventType, FieldArgument, FieldRef, Fields, Kind, Type, Value};
use serde_json::{Map, Value as Json};

const LINES: &str = include_str!("mix.jsonl");

/// Of a hundred events, those that are opens, execs and connects.
const SHARES: [(Family, u64); 3] = [(Family::Open, 70), (Family::Exec, 25), (Family::Connect, 5)];

/// What an event is about, as far as the shares are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Open,
    Exec,
    Connect,
}

/// An event in memory: a value is found by its field's id, in a few instructions.
#[derive(Clone, Debug)]
pub(crate) struct MixEvent {
    /// Its type.
    pub(crate) event_type: EventType,
    family: Family,
    weight: u64,
    /// For every field of the registry the place of its value, which is 0 for a value that is missing.
    places: Box<[u16]>,
    values: Vec<Value<'static>>,
    /// The fields with an argument; few of them, so they are searched.
    with_argument: Vec<(FieldRef, Value<'static>)>,
}

impl Fields for MixEvent {
    fn value(&self, wanted: &FieldRef) -> Value<'_> {
        if wanted.argument.is_some() {
            let found = self
                .with_argument
                .iter()
                .find(|(field, _)| field.field.id == wanted.field.id && field.argument == wanted.argument);
            return found.map_or(Value::Missing, |(_, value)| borrowed(value));
        }
        let place = self.places.get(wanted.field.id).copied().unwrap_or_default();
        self.values.get(usize::from(place)).map_or(Value::Missing, borrowed)
    }
}

/// The value without a copy of its text; a list is made anew, as a typed event would.
fn borrowed<'a>(value: &'a Value<'static>) -> Value<'a> {
    match value {
        Value::Text(text) => Value::text(text),
        Value::List(elements) => Value::List(elements.iter().map(borrowed).collect()),
        Value::Missing
        | Value::Pending
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Decimal(_)
        | Value::Ip(_) => value.clone(),
    }
}

impl MixEvent {
    fn new(event_type: EventType, weight: u64) -> Result<Self> {
        let name = event_type.name();
        let family = match name {
            "connect" => Family::Connect,
            _ if name.starts_with("exec") => Family::Exec,
            _ => Family::Open,
        };
        let places = vec![0; TABLE.len()].into_boxed_slice();
        let values = vec![Value::Missing];
        let mut event = Self { event_type, family, weight, places, values, with_argument: Vec::new() };
        event.set("evt.type", &Json::from(name))?;
        Ok(event)
    }

    fn add(&mut self, fields: &Map<String, Json>) -> Result<()> {
        fields.iter().try_for_each(|(name, json)| {
            self.set(name, json).with_context(|| format!("the field `{name}` of the mix"))
        })
    }

    /// Sets the field of this name, and the n-th of it where the field takes an index.
    fn set(&mut self, name: &str, json: &Json) -> Result<()> {
        let Ok(field) = field::resolve(name, None) else { return Ok(()) };
        let value = value(json, field.field.kind)?;
        if field.argument.is_some() {
            self.with_argument.push((field, value));
            return Ok(());
        }
        if field.field.argument == Argument::OptionalIndex {
            self.set_elements(&field, &value);
        }
        let place = u16::try_from(self.values.len()).context("too many fields")?;
        if let Some(known) = self.places.get_mut(field.field.id) {
            *known = place;
        }
        self.values.push(value);
        Ok(())
    }

    /// The first ancestor is number 1.
    fn set_elements(&mut self, field: &FieldRef, value: &Value<'static>) {
        let Value::List(elements) = value else { return };
        for (index, element) in (1_u32..).zip(elements) {
            let argument = Some(FieldArgument::Index(index));
            self.with_argument.push((FieldRef { field: field.field, argument }, element.clone()));
        }
    }
}

fn value(json: &Json, kind: Kind) -> Result<Value<'static>> {
    match json {
        Json::Bool(truth) => Ok(Value::Bool(*truth)),
        Json::Number(number) => number.as_i64().map(Value::Number).context("expected a whole number"),
        Json::String(text) if matches!(kind.of, Type::Ip | Type::Net) => {
            let address: IpAddr =
                text.parse().with_context(|| format!("expected an address, found `{text}`"))?;
            Ok(Value::Ip(address))
        }
        Json::String(text) => Ok(Value::Text(text.clone().into_bytes().into())),
        Json::Array(elements) => {
            elements.iter().map(|element| value(element, kind)).collect::<Result<_>>().map(Value::List)
        }
        Json::Null | Json::Object(_) => Err(anyhow!("expected a value, found `{json}`")),
    }
}

/// The events, and the order in which they come.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    events: Vec<MixEvent>,
    order: Vec<u16>,
}

impl Mix {
    /// A mix of `count` events, the same one each time. Types that the engine does not know are left out.
    pub(crate) fn new(count: usize) -> Result<Self> {
        let events = events()?;
        let mut dice = Dice(0x5eed_0bad_cafe_f00d);
        let weights = SHARES.map(|(family, share)| weigh(&events, family, share));
        let order = (0..count).filter_map(|_| pick(&weights, &mut dice)).collect();
        Ok(Self { events, order })
    }

    /// The events, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &MixEvent> {
        self.order.iter().filter_map(|index| self.events.get(usize::from(*index)))
    }
}

/// The events of one family, by places, each with the sum of the weights up to it, and the family's share.
struct Weighed {
    share: u64,
    sums: Vec<(u64, u16)>,
}

fn weigh(events: &[MixEvent], family: Family, share: u64) -> Weighed {
    let mut sum = 0;
    let mut sums = Vec::new();
    for (index, event) in (0_u16..).zip(events).filter(|(_, event)| event.family == family) {
        sum += event.weight;
        sums.push((sum, index));
    }
    Weighed { share: if sums.is_empty() { 0 } else { share }, sums }
}

fn pick(families: &[Weighed], dice: &mut Dice) -> Option<u16> {
    let mut at = dice.below(families.iter().map(|family| family.share).sum());
    let family = families.iter().find(|family| {
        let found = at < family.share;
        at = at.saturating_sub(family.share);
        found
    })?;
    let at = dice.below(family.sums.last()?.0);
    let place = family.sums.partition_point(|(sum, _)| *sum <= at);
    family.sums.get(place).map(|(_, index)| *index)
}

fn events() -> Result<Vec<MixEvent>> {
    let mut processes = Vec::new();
    let mut events = Vec::new();
    for (number, line) in (1..).zip(LINES.lines()) {
        let line: Json = serde_json::from_str(line).with_context(|| format!("line {number} of the mix"))?;
        if line.get("event").is_some() {
            events.extend(event(&line, &processes).with_context(|| format!("line {number} of the mix"))?);
        } else {
            processes.push(line);
        }
    }
    Ok(events)
}

/// The event of a line; `None` if the engine does not know its type.
fn event(line: &Json, processes: &[Json]) -> Result<Option<MixEvent>> {
    let name = line.get("event").and_then(Json::as_str).context("expected the name of an event type")?;
    let Some(event_type) = EventType::from_name(name) else { return Ok(None) };
    let weight = line.get("weight").and_then(Json::as_u64).context("expected a weight")?;
    let process = line.get("process").and_then(Json::as_u64).and_then(|index| usize::try_from(index).ok());
    let process = process.and_then(|index| processes.get(index)).context("expected an earlier process")?;
    let mut event = MixEvent::new(event_type, weight)?;
    event.add(fields(process)?)?;
    event.add(fields(line)?)?;
    Ok(Some(event))
}

fn fields(line: &Json) -> Result<&Map<String, Json>> {
    line.get("fields").and_then(Json::as_object).context("expected fields")
}

/// A small deterministic generator of numbers (xorshift).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number less than `limit`, or 0 if that is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11).checked_rem(limit).unwrap_or_default()
    }
}
