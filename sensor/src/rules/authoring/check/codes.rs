//! Falco's codes for what can be wrong with rules.

use crate::rules::problem::{Concern, Problem};

/// A code and what it means.
pub(super) type Code = (&'static str, &'static str);

const FILE_READ: Code = ("LOAD_ERR_FILE_READ", "File read error");
const YAML_PARSE: Code = ("LOAD_ERR_YAML_PARSE", "YAML parse error");
const YAML_VALIDATE: Code = ("LOAD_ERR_YAML_VALIDATE", "Error validating internal structure of YAML file");
const COMPILE_CONDITION: Code = ("LOAD_ERR_COMPILE_CONDITION", "Error compiling condition");
const COMPILE_OUTPUT: Code = ("LOAD_ERR_COMPILE_OUTPUT", "Error compiling output");
const VALIDATE: Code = ("LOAD_ERR_VALIDATE", "Error validating rule/macro/list/exception objects");

/// The code of an error. Falco tells errors of conditions from those of outputs; an unknown field is one of the
/// condition here in both.
pub(super) fn of_problem(problem: &Problem) -> Code {
    if matches!(
        problem,
        Problem::FileTooLarge { .. }
            | Problem::FilesTooLarge
            | Problem::NotUtf8
            | Problem::Unreadable(_)
            | Problem::NotARulesFile
    ) {
        FILE_READ
    } else if matches!(
        problem,
        Problem::Nul
            | Problem::Yaml(_)
            | Problem::Alias
            | Problem::Tag
            | Problem::TooDeep(_)
            | Problem::TooManyNodes(_)
            | Problem::TooMuchPunctuation(_)
            | Problem::DuplicateKey(_)
    ) {
        YAML_PARSE
    } else if matches!(problem, Problem::Expected { .. } | Problem::MissingKey { .. } | Problem::Case(_)) {
        YAML_VALIDATE
    } else if matches!(
        problem,
        Problem::EngineTooOld { .. } | Problem::UnknownRule { .. } | Problem::SourceChanged(_)
    ) {
        VALIDATE
    } else if matches!(problem, Problem::LonePercent) {
        COMPILE_OUTPUT
    } else {
        COMPILE_CONDITION
    }
}

/// The code of a warning; those that Falco does not know go under its code for extensions.
pub(super) fn of_concern(concern: &Concern) -> Code {
    if matches!(concern, Concern::UnknownItem | Concern::UnknownKey { .. }) {
        ("LOAD_UNKNOWN_ITEM", "Unknown rules file item")
    } else if matches!(concern, Concern::Deprecated(_)) {
        ("LOAD_DEPRECATED_ITEM", "Used deprecated item")
    } else if matches!(concern, Concern::UnknownSource { .. }) {
        ("LOAD_UNKNOWN_SOURCE", "Unknown event source")
    } else if matches!(concern, Concern::UnknownFilter { .. }) {
        ("LOAD_UNKNOWN_FILTER", "Unknown field or event-type in condition or output")
    } else if matches!(concern, Concern::Unused { kind: "macro", .. }) {
        ("LOAD_UNUSED_MACRO", "Unused macro")
    } else if matches!(concern, Concern::Unused { .. }) {
        ("LOAD_UNUSED_LIST", "Unused list")
    } else if matches!(concern, Concern::BadName { kind: "macro", .. }) {
        ("LOAD_INVALID_MACRO_NAME", "Invalid macro name")
    } else if matches!(concern, Concern::BadName { .. }) {
        ("LOAD_INVALID_LIST_NAME", "Invalid list name")
    } else if matches!(concern, Concern::ComparesNotAvailable) {
        ("LOAD_UNSAFE_NA_CHECK", "Unsafe <NA> comparison in condition")
    } else if matches!(concern, Concern::AllEventTypes(_)) {
        ("LOAD_NO_EVTTYPE", "Condition has no event-type restriction")
    } else if matches!(concern, Concern::TextLikeField(_)) {
        ("LOAD_COMPILE_CONDITION", "Warning in rule condition")
    } else {
        ("LOAD_WARNING_EXTENSION", "Warning in extension item")
    }
}
