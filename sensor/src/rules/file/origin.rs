//! Where the events of a rule come from, and what follows from it: which fields it may name and which keys it may have.

use super::rule_items::RuleItem;
use crate::rules::compile::Compiled;
use crate::rules::event_type::EventTypes;
use crate::rules::field::FieldRef;
use crate::rules::leaf::Leaves;
use crate::rules::output::Output;
use crate::rules::problem::Problem;

/// A source of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum Origin {
    /// What the kernel programs see.
    Syscall,
    /// Requests to the Docker socket.
    Docker,
}

/// What the names of the caller's fields begin with, which rules about requests may use besides `docker.`.
const OF_CALLERS: [&str; 9] =
    ["docker.", "proc.", "thread.", "user.", "group.", "container.", "k8s.", "vigie.", "evt."];
/// Fields that begin so and are of calls alone.
const OF_CALLS: [&str; 9] = [
    "vigie.fim.",
    "vigie.fd.",
    "vigie.compat",
    "vigie.io_uring",
    "evt.arg",
    "evt.rawarg",
    "evt.res",
    "evt.rawres",
    "evt.is_",
];

impl Origin {
    /// The source of this name.
    pub(in crate::rules) fn from_name(name: &str) -> Option<Self> {
        match name {
            "syscall" => Some(Self::Syscall),
            "docker" => Some(Self::Docker),
            _ => None,
        }
    }

    /// The event types of its events.
    pub(in crate::rules) fn event_types(self) -> EventTypes {
        match self {
            Self::Syscall => EventTypes::REQUESTS.complement(),
            Self::Docker => EventTypes::REQUESTS,
        }
    }

    /// Whether a rule's keys go with the source.
    pub(in crate::rules) fn check_keys(self, item: &RuleItem) -> Result<(), Problem> {
        match self {
            Self::Syscall if item.action.is_some() => Err(Problem::ActionElsewhere),
            Self::Docker if item.watched.is_some() => Err(Problem::WatchElsewhere),
            Self::Syscall | Self::Docker => Ok(()),
        }
    }

    /// Whether the fields of a rule go with the source.
    pub(in crate::rules) fn check_fields(
        self,
        condition: &Compiled,
        output: &Output,
        leaves: &Leaves,
    ) -> Result<(), Problem> {
        let mut refused = None;
        let mut check = |field: &FieldRef| {
            if refused.is_none() && !self.has(field.field.name) {
                refused = Some(field.field.name);
            }
        };
        output.fields().iter().for_each(|(_, field)| check(field));
        condition.condition.each_leaf(&mut |id| {
            if let Some(leaf) = leaves.get(id) {
                leaf.each_field(&mut check);
            }
        });
        match (self, refused) {
            (_, None) => Ok(()),
            (Self::Syscall, Some(field)) => Err(Problem::FieldOfDocker(field)),
            (Self::Docker, Some(field)) => Err(Problem::FieldOfCalls(field)),
        }
    }

    fn has(self, field: &str) -> bool {
        match self {
            Self::Syscall => !field.starts_with("docker."),
            Self::Docker => {
                let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| field.starts_with(prefix));
                begins(&OF_CALLERS) && !begins(&OF_CALLS)
            }
        }
    }
}
