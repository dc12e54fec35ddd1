//! The rules by which operations on watched files are told where no policy says it otherwise.

use std::fmt::Write;

use super::Operation;
use crate::rules::{LoadError, RuleSet};

/// All operations.
const ALL: [Operation; 9] = [
    Operation::Created,
    Operation::Modified,
    Operation::Renamed,
    Operation::Deleted,
    Operation::Mode,
    Operation::Owner,
    Operation::Attributes,
    Operation::Linked,
    Operation::Read,
];

/// Who did it, for every output.
const WHO: &str = "call=%evt.type user=%user.name uid=%user.uid login=%user.loginname session=%vigie.session.id \
                   process=%proc.name command=%proc.cmdline exe=%proc.exepath pid=%proc.pid parent=%proc.pname \
                   ancestors=%proc.aname container=%container.id name=%container.name \
                   image=%container.image.repository tag=%container.image.tag";

/// The name of the rule that tells of an operation.
pub fn name(operation: Operation) -> String {
    format!("File integrity: {}", operation.name())
}

/// One rule for each operation.
pub fn rules() -> Result<RuleSet, LoadError> {
    let mut text = String::new();
    for operation in ALL {
        let (rule, what) = (name(operation), operation.name());
        let (priority, tags) = (priority(operation), tags(operation));
        // Writing to a string cannot fail.
        write!(
            text,
            "- rule: '{rule}'\n  desc: A watched file was {what}.\n  condition: proc.pid exists\n  \
             output: 'Watched file {what} (file=%vigie.fim.path from=%vigie.fim.path_from {WHO})'\n  \
             priority: {priority}\n  warn_evttypes: false\n  tags: [file_integrity, host, container, {tags}]\n",
        )
        .unwrap_or_default();
    }
    RuleSet::load(&[("file integrity", text)]).map(|(rules, _)| rules)
}

fn priority(operation: Operation) -> &'static str {
    if operation == Operation::Read { "NOTICE" } else { "WARNING" }
}

/// Techniques of ATT&CK.
fn tags(operation: Operation) -> &'static str {
    match operation {
        Operation::Created | Operation::Renamed | Operation::Linked => "filesystem",
        Operation::Modified => "filesystem, mitre_impact, T1565.001",
        Operation::Deleted => "filesystem, mitre_impact, T1485",
        Operation::Mode | Operation::Owner | Operation::Attributes => {
            "filesystem, mitre_defense_evasion, T1222.002"
        }
        Operation::Read => "filesystem, mitre_collection, T1005",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_has_a_rule() {
        let rules = rules().unwrap();
        for operation in ALL {
            assert!(rules.rules().iter().any(|rule| rule.name == name(operation)), "{operation:?}");
        }
        assert_eq!(rules.rules().len(), ALL.len());
    }
}
