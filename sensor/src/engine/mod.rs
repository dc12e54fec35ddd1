//! The stages put together: one thread takes records from the rings and hands events down to the end.

mod bench;
mod events;
mod held;
mod judge;
mod pipeline;
mod reload;
mod start;
mod summary;
mod wanted;

pub use reload::Loader;
pub(crate) use start::load_options;
pub use start::{Engine, StartError};
pub(crate) use wanted::{Use, use_of};

use crate::{cli::Output, rules::RuleSet};

/// What becomes of the events.
#[derive(Debug)]
pub enum Purpose {
    /// Every event is written.
    Events,
    /// Rules judge them, and alerts are written.
    Alerts(Box<RuleSet>, Output),
}
