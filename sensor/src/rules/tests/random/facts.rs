//! A random event.

use std::collections::BTreeMap;

use super::dice::Dice;
use crate::rules::example::Example;
use crate::rules::testing::event;
use crate::rules::value::Value;

pub(super) const TEXTS: [&str; 14] = [
    "",
    "a",
    "A",
    "ab",
    "ba",
    "b a",
    "/etc",
    "/etc/a",
    "/etc/ab/b",
    "/var/a b",
    "/var/AB",
    "x=(y)",
    "//etc//a",
    "etc/a",
];
pub(super) const TEXT_FIELDS: [&str; 4] = ["proc.name", "fd.name", "proc.cmdline", "container.name"];
pub(super) const NUMBER_FIELDS: [&str; 2] = ["proc.pid", "evt.rawres"];
pub(super) const ADDRESSES: [&str; 4] = ["10.0.0.1", "10.0.7.1", "192.168.1.5", "2001:db8::7"];
pub(super) const TYPES: [&str; 5] = ["open", "openat", "execve", "connect", "setns"];

/// What an event says of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    Missing,
    Pending,
    Truth(bool),
    Number(i64),
    Text(String),
    /// The elements of a list.
    List(Vec<String>),
    /// Alternatives.
    OneOf(Vec<Fact>),
    /// The addresses of both ends of a connection.
    Ends(Vec<&'static str>),
}

/// An event, as this test understands it.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) event_type: &'static str,
    fields: BTreeMap<&'static str, Fact>,
}

impl Facts {
    pub(super) fn random(dice: &mut Dice) -> Self {
        let mut fields = BTreeMap::new();
        for field in TEXT_FIELDS {
            fields.insert(field, some_text(dice));
        }
        if dice.once_in(4) {
            fields.insert("container.name", Fact::Pending);
        }
        for field in NUMBER_FIELDS {
            let number = i64::try_from(dice.below(5)).unwrap() - 2;
            fields.insert(field, if dice.once_in(6) { Fact::Missing } else { Fact::Number(number) });
        }
        let failed = [Fact::Missing, Fact::Truth(true), Fact::Truth(false)];
        fields.insert("evt.failed", failed[dice.below(3)].clone());
        let texts = |dice: &mut Dice| (0..dice.below(3)).map(|_| dice.pick(&TEXTS).to_owned()).collect();
        fields.insert("vigie.proc.argv", Fact::List(texts(dice)));
        let mut ancestors: Vec<Fact> = texts(dice).into_iter().map(Fact::Text).collect();
        if dice.once_in(8) {
            ancestors.push(Fact::Pending);
        }
        fields.insert("proc.aname", Fact::OneOf(ancestors));
        let ends = (0..2).map(|_| dice.pick(&ADDRESSES)).collect();
        fields.insert("fd.ip", if dice.once_in(5) { Fact::Missing } else { Fact::Ends(ends) });
        fields.insert("fd.net", fields["fd.ip"].clone());
        Self { event_type: dice.pick(&TYPES), fields }
    }

    pub(super) fn get(&self, field: &str) -> &Fact {
        self.fields.get(field).unwrap_or(&Fact::Missing)
    }

    /// The same event if what may still come never comes.
    pub(super) fn settled(&self) -> Self {
        let mut settled = self.clone();
        for fact in settled.fields.values_mut() {
            fact.settle();
        }
        settled
    }

    /// The event as the engine takes it.
    pub(super) fn example(&self) -> Example {
        let mut values: Vec<_> = self.fields.iter().map(|(name, fact)| (*name, fact.value())).collect();
        values.push(("evt.type", Value::from(self.event_type)));
        values.push(("evt.num", Value::Number(1)));
        event(&values)
    }
}

fn some_text(dice: &mut Dice) -> Fact {
    if dice.once_in(6) { Fact::Missing } else { Fact::Text(dice.pick(&TEXTS).to_owned()) }
}

impl Fact {
    fn settle(&mut self) {
        match self {
            Self::Pending => *self = Self::Missing,
            Self::OneOf(facts) => facts.iter_mut().for_each(Self::settle),
            Self::Missing
            | Self::Truth(_)
            | Self::Number(_)
            | Self::Text(_)
            | Self::List(_)
            | Self::Ends(_) => {}
        }
    }

    fn value(&self) -> Value<'static> {
        match self {
            Self::Missing => Value::Missing,
            Self::Pending => Value::Pending,
            Self::Truth(truth) => Value::Bool(*truth),
            Self::Number(number) => Value::Number(*number),
            Self::Text(text) => Value::Text(text.clone().into_bytes().into()),
            Self::List(texts) => {
                Value::List(texts.iter().map(|text| Value::Text(text.clone().into_bytes().into())).collect())
            }
            Self::Ends(ends) => Value::List(ends.iter().map(|end| Value::Ip(end.parse().unwrap())).collect()),
            Self::OneOf(facts) => Value::List(facts.iter().map(Self::value).collect()),
        }
    }
}
