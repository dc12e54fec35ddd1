//! All actions, by the tactic of ATT&CK that they belong to.

mod command_and_control;
mod credential_access;
mod defense_evasion;
mod execution;
mod impact;
mod persistence;
mod privilege_escalation;

use crate::action::Action;

/// A title and the actions below it.
type Group = (&'static str, &'static [Action]);

/// The groups in the order of the page.
pub(crate) const GROUPS: &[Group] = &[
    ("Execution", execution::ACTIONS),
    ("Persistence", persistence::ACTIONS),
    ("Privilege escalation", privilege_escalation::ACTIONS),
    ("Defense evasion", defense_evasion::ACTIONS),
    ("Credential access", credential_access::ACTIONS),
    ("Discovery, command and control", command_and_control::ACTIONS),
    ("Impact", impact::ACTIONS),
];

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Action> {
    GROUPS.iter().flat_map(|(_, actions)| actions.iter())
}
