//! The default policies, built into the program.

use super::rule_set::RuleSet;
use super::source::{LoadError, Warning};

macro_rules! policies {
    ($($file:literal),+ $(,)?) => {
        /// The default policies as names and texts, in load order, which is the alphabetical one.
        pub const DEFAULT: &[(&str, &str)] =
            &[$((concat!("policies/", $file), include_str!(concat!("../../../policies/", $file))),)+];
    };
}

policies![
    "_common.yaml",
    "command_and_control.yaml",
    "credential_access.yaml",
    "defense_evasion.yaml",
    "execution.yaml",
    "persistence.yaml",
    "privilege_escalation.yaml",
];

/// The tests of the default policies, as names and texts.
pub const TESTS: &[(&str, &str)] = &[];

/// Loads the default policies.
pub fn load() -> Result<(RuleSet, Vec<Warning>), LoadError> {
    RuleSet::load(DEFAULT)
}

#[cfg(test)]
#[path = "policies_tests.rs"]
mod tests;
