//! What a rule tells the people who get its alerts: keys that Vigie adds to the language.

use super::reader::{Keys, Reader, nearest_key};
use super::source::Fault;
use super::yaml::excerpt;
use crate::rules::problem::Problem;

/// What a rule tells the people who get its alerts. Falco ignores the keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// `vigie-why`: why what it finds matters.
    pub why: Option<String>,
    /// `vigie-tuning`: how to adapt it to a site.
    pub tuning: Option<String>,
    /// `vigie-blind-spots`: what it does not see.
    pub blind_spots: Option<String>,
    /// `vigie-references`: where to read more.
    pub references: Vec<String>,
}

/// What all keys of Vigie begin with.
const PREFIX: &str = "vigie-";
/// The keys of Vigie on rules.
pub(in crate::rules) const KEYS: [&str; 4] =
    ["vigie-why", "vigie-tuning", "vigie-blind-spots", "vigie-references"];

/// All keys that begin so.
const ALL: [&str; 5] = [KEYS[0], KEYS[1], KEYS[2], KEYS[3], super::watched::KEY];

impl Notes {
    /// Takes over what `later` says; what it does not mention stays.
    pub(in crate::rules) fn update(&mut self, later: Self) {
        let Self { why, tuning, blind_spots, references } = later;
        self.why = why.or(self.why.take());
        self.tuning = tuning.or(self.tuning.take());
        self.blind_spots = blind_spots.or(self.blind_spots.take());
        if !references.is_empty() {
            self.references = references;
        }
    }
}

impl Reader<'_> {
    /// Takes the keys of Vigie out; one that does not exist is an error, for nothing else can have been meant.
    pub(in crate::rules) fn notes(&self, keys: &mut Keys) -> Result<Notes, Fault> {
        let references = match keys.take("vigie-references") {
            Some(node) => self.texts(&node, "a list of texts")?,
            None => Vec::new(),
        };
        let notes = Notes {
            why: self.note(keys, "vigie-why")?,
            tuning: self.note(keys, "vigie-tuning")?,
            blind_spots: self.note(keys, "vigie-blind-spots")?,
            references,
        };
        match keys.names().find(|(_, name)| name.starts_with(PREFIX)) {
            Some((node, name)) => {
                let problem =
                    Problem::UnknownVigieKey { key: excerpt(name), suggestion: nearest_key(name, &ALL) };
                Err(node.fault(self.source, problem))
            }
            None => Ok(notes),
        }
    }

    fn note(&self, keys: &mut Keys, key: &str) -> Result<Option<String>, Fault> {
        let text = self.optional_text(keys, key, "a text")?;
        Ok(text.map(|text| text.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleSet;

    fn load(keys: &str) -> Result<Notes, String> {
        let rule = "- rule: r\n  desc: d\n  condition: evt.type = open\n  output: o\n  priority: info\n";
        let (rules, warnings) =
            RuleSet::load(&[("f", format!("{rule}{keys}"))]).map_err(|error| error.to_string())?;
        assert_eq!(warnings, []);
        Ok(rules.rules()[0].notes.clone())
    }

    #[test]
    fn notes_are_read_without_warnings() {
        let notes = load(
            "  vigie-why: >\n    because\n    of this\n  vigie-tuning: t\n  vigie-blind-spots: b\n  vigie-references: [x, y]\n",
        );
        let wanted = Notes {
            why: Some("because of this".to_owned()),
            tuning: Some("t".to_owned()),
            blind_spots: Some("b".to_owned()),
            references: vec!["x".to_owned(), "y".to_owned()],
        };
        assert_eq!(notes, Ok(wanted));
        assert_eq!(load(""), Ok(Notes::default()));
    }

    #[test]
    fn wrong_types_and_names_are_errors_with_their_place() {
        for (keys, wanted) in [
            ("  vigie-why: [x]\n", "f:6:14: error: expected a text, found a sequence"),
            ("  vigie-tuning:\n", "error: expected a text, found nothing"),
            ("  vigie-references: x\n", "f:6:21: error: expected a list of texts, found `x`"),
            ("  vigie-references: [[x]]\n", "f:6:22: error: expected a text or a number, found a sequence"),
            (
                "  vigie-wy: x\n",
                "f:6:3: error: no key of Vigie is called `vigie-wy`; did you mean `vigie-why`?",
            ),
            ("  vigie-colour: x\n", "f:6:3: error: no key of Vigie is called `vigie-colour`"),
        ] {
            let message = load(keys).unwrap_err();
            assert!(message.contains(wanted), "{keys}: {message}");
        }
    }

    #[test]
    fn a_later_change_of_the_rule_may_change_its_notes() {
        let notes = load(
            "  vigie-why: a\n  vigie-tuning: t\n- rule: r\n  vigie-tuning: u\n  tags: [x]\n  override: {tags: append}\n",
        );
        let notes = notes.unwrap();
        assert_eq!((notes.why.as_deref(), notes.tuning.as_deref()), (Some("a"), Some("u")));
    }
}
