//! `vigie rules coverage`.

use super::load_with_tests;
use crate::{
    cli::{Exit, rules::Coverage},
    commands::CommandError,
    rules::coverage,
    sink::print,
};

/// Says which comparisons the tests never made true, or never false.
pub(super) fn run(options: &Coverage) -> Result<Exit, CommandError> {
    let (rules, suite) = load_with_tests(&options.paths)?;
    let coverage = coverage::measure(&rules, &suite);
    let mut lines: Vec<String> = coverage.gaps.iter().map(ToString::to_string).collect();
    lines.push(format!("{coverage}\n"));
    print(&lines.join("\n"));
    Ok(if coverage.gaps.is_empty() { Exit::Done } else { Exit::Failed })
}
