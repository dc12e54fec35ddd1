//! The default policies and their tests, built into the program.

use super::rule_set::RuleSet;
use super::source::{LoadError, Warning};

/// The file of this name as its name and text.
macro_rules! file {
    ($file:expr) => {
        (concat!("policies/", $file), include_str!(concat!("../../../policies/", $file)))
    };
}

macro_rules! policies {
    ($($name:literal),+ $(,)?) => {
        /// The default policies as names and texts, in load order, which is the alphabetical one.
        pub const DEFAULT: &[(&str, &str)] = &[$(file!(concat!($name, ".yaml")),)+];

        /// The tests of the default policies, as names and texts in the same order.
        pub const TESTS: &[(&str, &str)] = &[$(file!(concat!($name, ".test.yaml")),)+];
    };
}

policies![
    "_common",
    "collection",
    "command_and_control",
    "credential_access",
    "defense_evasion",
    "discovery",
    "docker",
    "execution",
    "exfiltration",
    "impact",
    "initial_access",
    "lateral_movement",
    "persistence",
    "privilege_escalation",
];

/// Loads the default policies.
pub fn load() -> Result<(RuleSet, Vec<Warning>), LoadError> {
    RuleSet::load(DEFAULT)
}

#[cfg(test)]
#[path = "policies_tests.rs"]
mod tests;
