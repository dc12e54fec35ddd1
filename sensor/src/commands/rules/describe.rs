//! `vigie rules list` and `vigie rules show`.

use super::{find, load, load_with_tests};
use crate::{
    cli::{
        Exit,
        rules::{Format, List, Show},
    },
    commands::CommandError,
    rules::describe,
    sink::print,
};

/// Names the rules.
pub(super) fn list(options: &List) -> Result<Exit, CommandError> {
    let (rules, _) = load(&options.paths)?;
    print(&match options.format {
        Format::Text => describe::list_text(&rules),
        Format::Json => describe::list_json(&rules),
    });
    Ok(Exit::Done)
}

/// Shows one rule.
pub(super) fn show(options: &Show) -> Result<Exit, CommandError> {
    let (rules, tests) = load_with_tests(&options.paths)?;
    print(&describe::show(find(&rules, &options.rule)?, &rules, &tests));
    Ok(Exit::Done)
}
