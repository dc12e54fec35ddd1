//! What an action is.

use anyhow::Result;

use crate::stage::{Doer, Stage};

/// Where an action is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Host,
    Container,
    /// A container with all rights.
    Privileged,
}

impl Place {
    /// As the page says it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Container => "container",
            Self::Privileged => "privileged container",
        }
    }
}

/// One attack, how it is done, and which rules have to notice.
pub(crate) struct Action {
    /// Its name, as the generator of events that comes with Falco has it.
    pub(crate) name: &'static str,
    /// What is done, in one phrase.
    pub(crate) does: &'static str,
    pub(crate) place: Place,
    /// `proc.name` of the process that the rules name; empty where the kernel chooses it.
    pub(crate) by: &'static str,
    /// The rule that Falco ships for it.
    pub(crate) upstream: &'static str,
    /// The default policies' rules, all of which have to notice.
    pub(crate) ours: &'static [&'static str],
    /// Does it, to its end.
    pub(crate) perform: fn(&Stage) -> Result<Doer>,
}
