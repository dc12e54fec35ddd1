//! The stages put together: one thread takes records from the rings and hands events down to the end.

mod bench;
mod companion;
mod events;
mod held;
mod integrity;
mod judge;
mod only;
mod pipeline;
mod reload;
mod start;
mod summary;
mod wanted;

pub use companion::Companion;
pub use reload::Loader;
pub(crate) use start::load_options;
pub use start::{Engine, StartError};
pub(crate) use wanted::{Use, use_of};

pub use events::OnRequest;
pub use only::Only;

use crate::{
    cli::Output,
    rules::{EventTypes, Field, RuleSet},
    watch::Target,
};

/// What becomes of the events.
#[derive(Debug)]
pub enum Purpose {
    /// Every event of these types is written, with these fields among those that are written on request only.
    Events(Vec<OnRequest>, EventTypes),
    /// Rules judge them, and alerts are written, also on what is done to these files.
    Alerts(Box<RuleSet>, Output, Vec<Target>),
}

/// Fields whose values are in a program's environment.
const OF_ENVIRONMENT: [&str; 3] = ["proc.env", "proc.aenv", "vigie.proc.env_truncated"];

impl Purpose {
    /// Whether a rule, an output or the written events have a field of the environment.
    fn asks_for_environment(&self) -> bool {
        match self {
            Self::Events(with, _) => with.iter().any(|field| OF_ENVIRONMENT.contains(&field.name())),
            Self::Alerts(rules, ..) => asks_for_environment(rules),
        }
    }
}

/// Whether a rule or an output has a field of the environment.
fn asks_for_environment(rules: &RuleSet) -> bool {
    rules.asks_for(|field: &Field| OF_ENVIRONMENT.contains(&field.name))
}
