//! What can be wrong with a file of tests, beside its YAML and its fields.

use crate::rules::field::did_you_mean;

/// Why a file of tests is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseProblem {
    /// The JSON parser's complaint.
    #[error("not valid JSON: {0}")]
    Json(String),
    /// A key that has no meaning here.
    #[error("key `{key}` has no meaning in {item}{}", did_you_mean(suggestion.as_deref()))]
    UnknownKey {
        /// As written.
        key: String,
        /// Kind of the item.
        item: &'static str,
        /// The nearest key.
        suggestion: Option<String>,
    },
    /// Two keys that exclude each other.
    #[error("`{0}` and `{1}` cannot stand together")]
    Together(&'static str, &'static str),
    /// An event that was not named before.
    #[error("no event `{name}` comes before this{}", did_you_mean(suggestion.as_deref()))]
    UnknownExample {
        /// As written.
        name: String,
        /// The nearest event.
        suggestion: Option<String>,
    },
    /// A name that is taken.
    #[error("{kind} `{name}` was defined before")]
    Taken {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// An event without a type cannot be judged.
    #[error("the event needs the field `evt.type`")]
    NoEventType,
    /// No event has such a type.
    #[error("no event is called `{name}` in this version{}", did_you_mean(suggestion.as_deref()))]
    UnknownEventType {
        /// As written.
        name: String,
        /// The nearest one.
        suggestion: Option<String>,
    },
    /// A rule that does not exist.
    #[error("unknown rule `{name}`{}", did_you_mean(suggestion.as_deref()))]
    UnknownRule {
        /// As written.
        name: String,
        /// The nearest rule.
        suggestion: Option<String>,
    },
    /// A rule that is never judged.
    #[error("rule `{0}` is disabled, so that no event matches it")]
    DisabledRule(String),
    /// More events than a suite may hold.
    #[error("more than {0} events in all tests; leave some out")]
    TooManyEvents(usize),
    /// A file of tests where rules are wanted.
    #[error("a file of tests holds no rules; `vigie rules test` runs it")]
    NotRules,
}
