//! Everything that can be wrong with, or odd about, a rules file.

use super::cases::problem::CaseProblem;
use super::field::{FieldError, did_you_mean};
use super::pattern::regex::RegexError;
use super::source::{MAX_FILE_SIZE, MAX_TOTAL_SIZE};

/// Asks whether a key that has no meaning is the one that is missing.
fn is_it(instead: Option<&str>) -> String {
    instead.map(|key| format!("; is `{key}` meant to be it?")).unwrap_or_default()
}

/// Why a rules file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The file is too large.
    #[error("the file has {size} bytes, and the limit is {MAX_FILE_SIZE}; split it")]
    FileTooLarge {
        /// Size of the file, in bytes.
        size: u64,
    },
    /// All files together are too large.
    #[error("the files up to here have more than {MAX_TOTAL_SIZE} bytes together; load fewer at once")]
    FilesTooLarge,
    /// A NUL character.
    #[error("a rules file cannot hold a NUL character")]
    Nul,
    /// The bytes are not UTF-8.
    #[error("a rules file must be UTF-8 text")]
    NotUtf8,
    /// The file cannot be read.
    #[error("cannot read it: {0}")]
    Unreadable(String),
    /// The path names neither a directory nor a rules file.
    #[error("expected a directory or a file ending in .yaml or .yml")]
    NotARulesFile,
    /// The YAML parser's complaint.
    #[error("not valid YAML: {0}")]
    Yaml(String),
    /// An alias, with which a small file could unfold to a huge one.
    #[error("YAML aliases are not accepted in rules files; write the value out, or use a list or a macro")]
    Alias,
    /// A custom tag.
    #[error("YAML tags are not accepted in rules files")]
    Tag,
    /// Too deep.
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
    /// Too many nodes.
    #[error("more than {0} YAML values; split the file")]
    TooManyNodes(usize),
    /// Too many characters that separate YAML tokens.
    #[error("more than {0} of the characters , [ ] {{ }} \" ' & * ! ? : #; split the file")]
    TooMuchPunctuation(usize),
    /// The same key twice.
    #[error("key `{0}` is given twice")]
    DuplicateKey(String),
    /// Another kind of YAML value was needed.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What was needed.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A key is missing.
    #[error("{item} needs the key `{key}`{}", is_it(instead.as_deref()))]
    MissingKey {
        /// What the item is.
        item: String,
        /// The key.
        key: &'static str,
        /// A key that is there, without a meaning, and much like it.
        instead: Option<String>,
    },
    /// The rules need a newer engine.
    #[error(
        "the rules need engine version {required}, and this is {engine}; update Vigie or use older rules"
    )]
    EngineTooOld {
        /// As required by the file.
        required: String,
        /// What Vigie is compatible with.
        engine: &'static str,
    },
    /// Rules are toggled that do not exist.
    #[error("no rule `{name}` comes before this{}", did_you_mean(suggestion.as_deref()))]
    UnknownRule {
        /// As written.
        name: String,
        /// The nearest rule.
        suggestion: Option<String>,
    },
    /// A rule is redefined for another source.
    #[error("rule `{0}` was defined before with another source")]
    SourceChanged(String),
    /// The condition or output does not follow the grammar.
    #[error("expected {expected}, found {found}")]
    Syntax {
        /// What the grammar allows here.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A backslash sequence that does not exist.
    #[error("unknown escape `\\{0}` in a quoted text; write `\\\\` for a backslash")]
    Escape(String),
    /// A field does not stand.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A file of tests does not stand.
    #[error(transparent)]
    Case(#[from] CaseProblem),
    /// A macro is unknown.
    #[error("unknown macro `{name}`{}", did_you_mean(suggestion.as_deref()))]
    UnknownMacro {
        /// As written.
        name: String,
        /// The nearest macro, list or field.
        suggestion: Option<String>,
    },
    /// A macro is defined after the one that uses it.
    #[error("macro `{0}` is defined after this macro; move it before")]
    MacroTooLate(String),
    /// A macro refers to itself.
    #[error("macro `{0}` refers to itself")]
    MacroLoop(String),
    /// More than is accepted.
    #[error("more than {limit} {what}")]
    TooMany {
        /// The limit.
        limit: usize,
        /// Of what, and what helps.
        what: &'static str,
    },
    /// Lists or macros unfold to too much.
    #[error("unfolds to more than {limit} {what}; use shorter lists or fewer nested macros")]
    TooLarge {
        /// The limit.
        limit: usize,
        /// Of what.
        what: &'static str,
    },
    /// The operator does not go with the field's type.
    #[error(
        "operator `{operator}` cannot be used with field `{field}`, which is a {kind}; expected {allowed}"
    )]
    OperatorType {
        /// As written.
        operator: &'static str,
        /// The field.
        field: String,
        /// Its type.
        kind: &'static str,
        /// What its type allows.
        allowed: &'static str,
    },
    /// The value does not go with the field's type.
    #[error("field `{field}` is a {kind}: expected {expected}, found `{found}`")]
    ValueType {
        /// The field.
        field: String,
        /// Its type.
        kind: &'static str,
        /// What its type allows.
        expected: &'static str,
        /// As written.
        found: String,
    },
    /// An output that ends in `%`.
    #[error("expected a field after `%`; the language has no way to print a percent sign")]
    LonePercent,
    /// A word before a bracket that is no transformer.
    #[error("unknown transformer `{name}`{}", did_you_mean(suggestion.as_deref()))]
    UnknownTransformer {
        /// As written.
        name: String,
        /// The nearest transformer.
        suggestion: Option<String>,
    },
    /// A constant that no value can be as long as.
    #[error("a value of more than {limit} bytes; no event holds one so long")]
    ValueTooLong {
        /// The limit.
        limit: usize,
    },
    /// There is nothing to append to or to replace.
    #[error("no {kind} `{name}` comes before this{}", did_you_mean(suggestion.as_deref()))]
    NoTarget {
        /// `list` or `macro`.
        kind: &'static str,
        /// As written.
        name: String,
        /// The nearest name.
        suggestion: Option<String>,
    },
    /// `append: true` together with `override`.
    #[error("`append: true` cannot be combined with `override`; name the keys in `override`")]
    AppendAndOverride,
    /// A key that cannot be overridden in this way.
    #[error("`{key}` of a {kind} cannot be overridden by `{way}`; {way} goes with {allowed}")]
    OverrideKey {
        /// As written.
        key: String,
        /// What the item is.
        kind: &'static str,
        /// `append` or `replace`.
        way: &'static str,
        /// The keys with which it goes.
        allowed: &'static str,
    },
    /// A key in `override` that is not given.
    #[error("`override` names `{0}`, and this item does not give it")]
    OverrideWithoutKey(&'static str),
    /// A key that is given but not named in `override`.
    #[error("`{0}` is given but not named in `override`; add `{0}: append` or `{0}: replace` there")]
    KeyWithoutOverride(&'static str),
    /// `append: true` with nothing to append.
    #[error("rule `{0}` appends neither a condition nor exceptions")]
    NothingAppended(String),
    /// An exception that cannot be used as it stands.
    #[error("exception `{name}`: expected {expected}, found {found}")]
    Exception {
        /// Its name.
        name: String,
        /// What was needed.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Two alternatives for one plugin.
    #[error("plugin `{0}` is named twice in one requirement")]
    PluginTwice(String),
    /// A key of Vigie that does not exist.
    #[error("no key of Vigie is called `{key}`{}", did_you_mean(*suggestion))]
    UnknownVigieKey {
        /// As written.
        key: String,
        /// The nearest key.
        suggestion: Option<&'static str>,
    },
    /// A rule of another source decides about requests.
    #[error("`action` is for rules with `source: docker`: only requests to the Docker socket can be denied")]
    ActionElsewhere,
    /// A rule about requests watches files.
    #[error("`vigie-watch` is not for rules with `source: docker`; write a rule of its own")]
    WatchElsewhere,
    /// A field of requests in a rule of another source.
    #[error("field `{0}` is for rules with `source: docker`")]
    FieldOfDocker(&'static str),
    /// A field that requests do not have.
    #[error(
        "rules with `source: docker` have no field `{0}`; they have those of the request and of its caller"
    )]
    FieldOfCalls(&'static str),
    /// A regular expression that cannot be used.
    #[error("not a usable regular expression: {0}")]
    Regex(#[from] RegexError),
    /// A tab where YAML needs blanks.
    #[error("a tab in the indentation; YAML is indented with blanks")]
    Tab,
}

/// What a rules file probably did not mean.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Concern {
    /// An item of no known kind.
    #[error("ignored: an item that is no rule, macro, list or version requirement")]
    UnknownItem,
    /// A key that has no meaning here.
    #[error("ignored: key `{key}` has no meaning in a {item}{}", did_you_mean(suggestion.as_deref()))]
    UnknownKey {
        /// As written.
        key: String,
        /// Kind of the item.
        item: &'static str,
        /// The nearest key.
        suggestion: Option<&'static str>,
    },
    /// A key of the language that is outdated.
    #[error("`{0}` is deprecated")]
    Deprecated(&'static str),
    /// Plugins cannot be loaded.
    #[error("plugin `{0}` is not available; its fields are unknown")]
    Plugin(String),
    /// The rule is for a source that does not exist here.
    #[error("rule `{rule}` skipped: there is no source `{wanted}`")]
    UnknownSource {
        /// The rule.
        rule: String,
        /// As written.
        wanted: String,
    },
    /// The rule said it may be skipped.
    #[error("rule `{rule}` skipped: {error}")]
    UnknownFilter {
        /// The rule.
        rule: String,
        /// Why it does not stand.
        error: FieldError,
    },
    /// Two definitions in one file.
    #[error("{kind} `{name}` is defined again in the same file; the last definition counts")]
    Redefined {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// Nothing refers to it.
    #[error("{kind} `{name}` is not used")]
    Unused {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A name with characters that names should not have.
    #[error("{kind} name `{name}` holds characters that cannot be written in a condition")]
    BadName {
        /// What it is.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The right side looks like a field.
    #[error("`{0}` is compared as text, though a field has this name")]
    TextLikeField(String),
    /// The right side is what a missing value prints as.
    #[error("comparing with `<NA>` never holds: a missing value satisfies no comparison; use `exists`")]
    ComparesNotAvailable,
    /// An event name that no event has.
    #[error("no event is called `{name}` in this version{}", did_you_mean(suggestion.as_deref()))]
    UnknownEvent {
        /// As written.
        name: String,
        /// The nearest event.
        suggestion: Option<&'static str>,
    },
    /// No event can match.
    #[error("rule `{0}` can never match: none of its event types is observed in this version")]
    NeverMatches(String),
    /// Nearly every event has to be judged.
    #[error(
        "rule `{0}` does not restrict evt.type to 100 event types or fewer, so nearly every event has to be judged by it"
    )]
    AllEventTypes(String),
    /// `append: true` beside keys that it does not append.
    #[error("ignored: `append: true` adds conditions and exceptions, not `{0}`; use `override`")]
    NotAppended(&'static str),
    /// An exception is appended to, with nothing.
    #[error("exception `{0}` is appended to without values")]
    AppendWithoutValues(String),
    /// Two exceptions of a rule have one name.
    #[error("exception `{0}` is given twice in this rule; give each its own name")]
    ExceptionRepeated(String),
    /// A pattern that a cheaper operator could match.
    #[error("the regular expression `{regex}` does no more than `{operator}` does, which is faster")]
    SimpleRegex {
        /// As written.
        regex: String,
        /// The simpler operator.
        operator: &'static str,
    },
    /// The right side looks like a transformer.
    #[error("`{0}` is compared as text, though it looks like a transformer; write it without quotes")]
    TextLikeTransformer(String),
    /// An earlier rule matches whatever this one does.
    #[error(
        "rule `{rule}` has the condition of rule `{earlier}`, so it never alerts where the first match counts"
    )]
    Shadowed {
        /// The rule.
        rule: String,
        /// The rule before it.
        earlier: String,
    },
    /// A newer plugin is required than the one that is built in.
    #[error("plugin `{name}` {required} is required; what is built in is like {built_in}")]
    PluginTooOld {
        /// The plugin.
        name: String,
        /// As written.
        required: String,
        /// What Vigie is compatible with.
        built_in: &'static str,
    },
    /// Captures are asked for.
    #[error("rule `{0}` asks for a capture of system calls, and there is none in this version")]
    NoCapture(String),
    /// The rule needs fields that are always missing.
    #[error("rule `{rule}` cannot fire here: none of its events feeds {fields}")]
    Unfed {
        /// The rule.
        rule: String,
        /// The fields, in backticks.
        fields: String,
    },
    /// Parts of the rule need fields that are always missing.
    #[error("rule `{rule}` asks for {fields}, which none of its events feeds: such a comparison never holds")]
    PartlyUnfed {
        /// The rule.
        rule: String,
        /// The fields, in backticks.
        fields: String,
    },
}
