//! Random conditions against random events: the engine, with its index by event type and its constants folded
//! at load, agrees with a second, naive reading of the language.

use super::event_type::EventTypes;
use super::rule_set::{Matching, RuleSet, Scratch};
use super::testing::{MapEvent, event};
use super::value::Value;

/// A small deterministic generator of numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let index = self.below(choices.len().try_into().unwrap());
        choices[usize::try_from(index).unwrap()]
    }
}

const NAMES: [&str; 4] = ["a", "ab", "b", "ba"];

/// A condition as the test understands it.
#[derive(Debug)]
enum Naive {
    And(Vec<Naive>),
    Or(Vec<Naive>),
    Not(Box<Naive>),
    Type(Vec<&'static str>, bool),
    Number(&'static str, i64),
    Name(&'static str, &'static str),
    Negative,
}

fn random(dice: &mut Random, depth: u64) -> Naive {
    let kind = if depth == 0 { 3 + dice.below(6) } else { dice.below(9) };
    let several = |dice: &mut Random| (0..2 + dice.below(2)).map(|_| random(dice, depth - 1)).collect();
    match kind {
        0 => Naive::And(several(dice)),
        1 => Naive::Or(several(dice)),
        2 => Naive::Not(Box::new(random(dice, depth - 1))),
        3 => Naive::Type(vec![dice.pick(&["open", "execve"])], true),
        4 => Naive::Type(vec!["open", "creat"], false),
        5 => Naive::Number(
            dice.pick(&["<", "<=", ">", ">=", "=", "!="]),
            i64::try_from(dice.below(3)).unwrap(),
        ),
        6 => Naive::Negative,
        _ => Naive::Name(
            dice.pick(&["=", "!=", "contains", "startswith", "endswith", "in"]),
            dice.pick(&NAMES),
        ),
    }
}

impl Naive {
    /// Writes it in the rule language, with brackets only where they are needed or as the dice like it.
    fn write(&self, dice: &mut Random, parent: u8) -> String {
        let (level, text) = match self {
            Self::Or(terms) => (1, join(terms, dice, 1, " or ")),
            Self::And(terms) => (2, join(terms, dice, 2, "\n    and ")),
            Self::Not(term) => (3, format!("not {}", term.write(dice, 3))),
            Self::Type(types, true) => (4, format!("evt.type={}", types[0])),
            Self::Type(types, false) => (4, format!("evt.type in ({})", types.join(","))),
            Self::Number(operator, number) => (4, format!("proc.pid {operator} {number}")),
            Self::Name("in", name) => (4, format!("proc.name in (zz, {name})")),
            Self::Name(operator, name) => (4, format!("proc.name {operator} '{name}'")),
            Self::Negative => (4, "evt.num<=0".to_owned()),
        };
        if level < parent || dice.below(4) == 0 { format!("( {text})") } else { text }
    }

    fn holds(&self, event: &str, name: Option<&str>, pid: Option<i64>) -> bool {
        match self {
            Self::And(terms) => terms.iter().all(|term| term.holds(event, name, pid)),
            Self::Or(terms) => terms.iter().any(|term| term.holds(event, name, pid)),
            Self::Not(term) => !term.holds(event, name, pid),
            Self::Type(types, _) => types.contains(&event),
            Self::Number(operator, number) => pid.is_some_and(|pid| match *operator {
                "<" => pid < *number,
                "<=" => pid <= *number,
                ">" => pid > *number,
                ">=" => pid >= *number,
                "=" => pid == *number,
                _ => pid != *number,
            }),
            Self::Name(operator, wanted) => name.is_some_and(|name| match *operator {
                "=" | "in" => name == *wanted,
                "!=" => name != *wanted,
                "contains" => name.contains(wanted),
                "startswith" => name.starts_with(wanted),
                _ => name.ends_with(wanted),
            }),
            Self::Negative => false,
        }
    }
}

fn join(terms: &[Naive], dice: &mut Random, level: u8, word: &str) -> String {
    // A term of the same kind would melt into this one: the same meaning, but it is written with brackets.
    let written: Vec<_> = terms.iter().map(|term| term.write(dice, level + 1)).collect();
    written.join(word)
}

fn facts(name: Option<&'static str>, pid: Option<i64>) -> MapEvent {
    event(&[
        ("proc.name", name.map_or(Value::Missing, Value::from)),
        ("proc.pid", pid.map_or(Value::Missing, Value::Number)),
        ("evt.num", Value::Number(1)),
    ])
}

#[test]
fn the_engine_agrees_with_a_naive_reading() {
    let mut dice = Random(0x5eed_1234_5678_9abc);
    let mut conditions = Vec::new();
    let mut items = Vec::new();
    for index in 0..400 {
        let condition = random(&mut dice, 4);
        let written = condition.write(&mut dice, 0);
        items.push(format!(
            "- rule: r{index}\n  desc: d\n  condition: >\n    {written}\n  output: o\n  priority: info\n"
        ));
        conditions.push(condition);
    }
    let (rules, _) = RuleSet::load(&[("f", items.concat())]).unwrap_or_else(|error| panic!("{error}"));
    let rules = rules.with_matching(Matching::All);
    let (mut held, mut indexed) = (0, 0);
    for event in EventTypes::OBSERVED.iter() {
        for name in [None, Some("a"), Some("ab"), Some("b"), Some("ba"), Some("c")] {
            for pid in [None, Some(0), Some(1), Some(2)] {
                let matches = rules.evaluate(event, &facts(name, pid), &mut Scratch::default()).matches;
                let found: Vec<_> = matches.iter().map(|rule| rule.name.clone()).collect();
                let naive = conditions.iter().enumerate().filter(|(_, c)| c.holds(event.name(), name, pid));
                let wanted: Vec<_> = naive.map(|(index, _)| format!("r{index}")).collect();
                assert_eq!(found, wanted, "{event:?} {name:?} {pid:?}");
                held += found.len();
            }
        }
        indexed += rules.rules().iter().filter(|rule| rule.event_types().contains(event)).count();
    }
    // The comparison means something only if there are matches, and an index that leaves rules out.
    assert!(held > 10_000, "{held}");
    assert!(indexed < 400 * 15 * 9 / 10, "{indexed}");
    assert!(rules.rules().iter().any(|rule| rule.event_types() != EventTypes::ALL));
}
