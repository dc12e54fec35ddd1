//! Demands for people, and for programs.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Access, Demand, Outcome, Scope, TextDemand, Texts};
use crate::rules::yaml::printable;

/// Most texts of one demand that are named to people.
const MOST: usize = 8;

/// What an event must have, as in `fd.name is /etc/shadow or begins with /etc/sudoers.d/; opened to read`; what may
/// be anything is left out, and `anything` stands for a demand of nothing.
impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NOTHING {
            return f.write_str("anything");
        }
        if self.is_impossible() {
            return f.write_str("nothing: no event can match");
        }
        let Self { path, program, name, access, outcome, scope } = self;
        let texts = [("fd.name", path), ("proc.exepath", program), ("proc.name", name)];
        let texts = texts.into_iter().filter_map(|(field, texts)| Some(format!("{field} {}", words(texts)?)));
        let possibilities = [access.words(), outcome.words(), scope.words()].into_iter().flatten();
        let said: Vec<_> = texts.chain(possibilities).collect();
        f.write_str(&said.join("; "))
    }
}

impl Demand {
    fn is_impossible(&self) -> bool {
        let Self { path, program, name, access, outcome, scope } = self;
        let none = Texts::OneOf(Vec::new());
        let no_text = [path, program, name].contains(&&none);
        no_text || *access == Access::NONE || *outcome == Outcome::NONE || *scope == Scope::NONE
    }
}

/// What a text must be; `None` for anything.
fn words(texts: &Texts) -> Option<String> {
    let Texts::OneOf(demands) = texts else { return None };
    let mut words: Vec<String> = demands.iter().take(MOST).map(ToString::to_string).collect();
    if let Some(more @ 1..) = demands.len().checked_sub(MOST) {
        words.push(format!("{more} more"));
    }
    Some(words.join(" or "))
}

impl fmt::Display for TextDemand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, text) = match self {
            Self::Is(text) => ("is", text),
            Self::StartsWith(text) => ("begins with", text),
            Self::EndsWith(text) => ("ends with", text),
            Self::Contains(text) => ("holds", text),
        };
        write!(f, "{verb} {}", printable(&String::from_utf8_lossy(text)))
    }
}

impl Access {
    fn words(self) -> Option<String> {
        let ways = [
            (Self::NEITHER, "neither to read nor to write"),
            (Self::READ, "to read"),
            (Self::WRITE, "to write"),
            (Self::READ_WRITE, "to read and write"),
        ];
        let asked = ways.into_iter().filter(|(way, _)| self.and(*way) != Self::NONE).map(|(_, words)| words);
        (self != Self::ANY).then(|| format!("opened {}", asked.collect::<Vec<_>>().join(" or ")))
    }
}

impl Outcome {
    fn words(self) -> Option<String> {
        (self != Self::ANY).then(|| if self == Self::FAILED { "failed" } else { "succeeded" }.to_owned())
    }
}

impl Scope {
    fn words(self) -> Option<String> {
        (self != Self::ANY)
            .then(|| if self == Self::HOST { "on the host" } else { "in a container" }.to_owned())
    }
}

/// An object with a member for each thing that is demanded: `fd.name`, `proc.exepath` and `proc.name` are lists of
/// `{"is": TEXT}`, `{"starts_with": TEXT}`, `{"ends_with": TEXT}` and `{"contains": TEXT}`, of which one has to hold;
/// `access`, `outcome` and `scope` are lists of what may be.
impl Serialize for Demand {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { path, program, name, access, outcome, scope } = self;
        let mut map = serializer.serialize_map(None)?;
        for (field, texts) in [("fd.name", path), ("proc.exepath", program), ("proc.name", name)] {
            if let Texts::OneOf(demands) = texts {
                map.serialize_entry(field, demands)?;
            }
        }
        if *access != Access::ANY {
            map.serialize_entry("access", &lower(access.names()))?;
        }
        if *outcome != Outcome::ANY {
            map.serialize_entry("outcome", &lower(outcome.names()))?;
        }
        if *scope != Scope::ANY {
            map.serialize_entry("scope", &lower(scope.names()))?;
        }
        map.end()
    }
}

fn lower(names: impl Iterator<Item = &'static str>) -> Vec<String> {
    names.map(str::to_ascii_lowercase).collect()
}

impl Serialize for TextDemand {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (verb, text) = match self {
            Self::Is(text) => ("is", text),
            Self::StartsWith(text) => ("starts_with", text),
            Self::EndsWith(text) => ("ends_with", text),
            Self::Contains(text) => ("contains", text),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(verb, &String::from_utf8_lossy(text))?;
        map.end()
    }
}
