//! `vigie rules list` and `vigie rules show`.

use super::{find, load, load_with_tests};
use crate::{
    cli::{
        Exit,
        rules::{Format, List, Show},
    },
    commands::CommandError,
    rules::catalogue,
    sink::print,
};

/// Names the rules.
pub(super) fn list(options: &List) -> Result<Exit, CommandError> {
    let (rules, _) = load(&options.paths)?;
    print(&match options.format {
        Format::Text => catalogue::list_text(&rules),
        Format::Json => catalogue::list_json(&rules),
    });
    Ok(Exit::Done)
}

/// Shows one rule.
pub(super) fn show(options: &Show) -> Result<Exit, CommandError> {
    let (rules, tests) = load_with_tests(&options.paths)?;
    print(&catalogue::show(find(&rules, &options.rule)?, &rules, &tests));
    Ok(Exit::Done)
}
