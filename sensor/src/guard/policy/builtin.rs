//! What is denied before any rule of a file is asked, and the rules by whose names that is told.

use std::fmt::Write as _;

use crate::rules::RuleSet;

/// A reason to deny that no file can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builtin {
    /// The endpoint is in no table.
    UnknownOperation,
    /// The body is not in its only spelling, or missing.
    UnreadBody,
    /// Rules ask about a container that the engine says nothing about.
    UnknownTarget,
    /// More mounts of the host than are looked at.
    TooManyMounts,
    /// The container that the engine made has more than was allowed.
    Drift,
}

impl Builtin {
    const ALL: [Self; 5] =
        [Self::UnknownOperation, Self::UnreadBody, Self::UnknownTarget, Self::TooManyMounts, Self::Drift];

    /// The name of its rule.
    pub(super) const fn rule(self) -> &'static str {
        match self {
            Self::UnknownOperation => "Unknown Docker operation",
            Self::UnreadBody => "Unreadable Docker request",
            Self::UnknownTarget => "Docker target that cannot be looked up",
            Self::TooManyMounts => "Docker request with too many mounts",
            Self::Drift => "Docker container other than allowed",
        }
    }

    /// Why, for the client.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::UnknownOperation => {
                "Vigie does not know this endpoint of the Docker API, and denies what it cannot judge."
            }
            Self::UnreadBody => {
                "The body is missing, or was not brought into the form in which it is judged."
            }
            Self::UnknownTarget => {
                "The engine could not say what the request is about, and rules depend on it."
            }
            Self::TooManyMounts => "More directories of the host are to be mounted than Vigie looks at.",
            Self::Drift => "The container that the engine made has more of the host than was allowed.",
        }
    }
}

/// The rules, for their alerts. They load as they are, which a test holds; without them there would be no alert, and
/// the verdict the same.
pub(super) fn rules() -> RuleSet {
    let mut text = String::new();
    for builtin in Builtin::ALL {
        // Writing to a text cannot fail.
        write!(
            text,
            "- rule: {}\n  desc: >\n    {}\n  source: docker\n  action: deny\n  condition: docker.operation exists\n  \
             output: >\n    {} (operation=%docker.operation method=%docker.method path=%docker.path \
             digest=%docker.digest user=%user.name uid=%user.uid login=%user.loginname \
             session=%vigie.session.id process=%proc.name pid=%proc.pid exe=%proc.exepath command=%proc.cmdline \
             parent=%proc.pname container=%container.id container_name=%container.name \
             image=%container.image.repository)\n  priority: Warning\n  \
             tags: [host, container, process, mitre_privilege_escalation, T1611]\n",
            builtin.rule(),
            builtin.reason(),
            builtin.rule(),
        )
        .unwrap_or_default();
    }
    RuleSet::load(&[("guard", text)]).map(|(rules, _)| rules).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_rule() {
        let rules = rules();
        for builtin in Builtin::ALL {
            let rule = rules.rules().iter().find(|rule| rule.name == builtin.rule()).unwrap();
            assert_eq!(rule.desc.trim(), builtin.reason());
        }
    }
}
