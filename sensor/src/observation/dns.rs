//! Fields of DNS messages.

use super::{Observation, Rows, number, or_missing, owned};
use crate::{
    dns::{Data, Message, class_name, code_name, type_name},
    rules::value::Value,
};

pub(super) const ROWS: Rows = &[
    ("vigie.dns.type", |o, _| message(o, |m| if m.is_answer { "answer".into() } else { "query".into() })),
    ("vigie.dns.id", |o, _| message(o, |m| number(m.id))),
    ("vigie.dns.question.name", |o, _| message(o, |m| Value::text(&m.question))),
    ("vigie.dns.question.type", |o, _| message(o, |m| owned(type_name(m.kind)))),
    ("vigie.dns.question.class", |o, _| message(o, |m| owned(class_name(m.class)))),
    ("vigie.dns.response_code", |o, _| answer(o, |m| owned(code_name(m.code)))),
    ("vigie.dns.answers", |o, _| {
        answer(o, |m| Value::List(m.answers.iter().map(|a| said(&a.data)).collect()))
    }),
];

fn message<'o>(observation: &'o Observation<'_>, value: impl FnOnce(&'o Message) -> Value<'o>) -> Value<'o> {
    or_missing(observation.socket().and_then(|(_, socket)| socket.dns.as_deref()), value)
}

fn answer<'o>(observation: &'o Observation<'_>, value: impl FnOnce(&'o Message) -> Value<'o>) -> Value<'o> {
    message(observation, |message| if message.is_answer { value(message) } else { Value::Missing })
}

/// What a record says; of one that is not understood its type.
fn said(data: &Data) -> Value<'_> {
    match data {
        Data::Address(address) => owned(address.to_string()),
        Data::Name(name) => Value::text(name),
        Data::Other(kind) => owned(type_name(*kind)),
    }
}
