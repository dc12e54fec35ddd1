//! What `vigie rules` does.

mod catalogue;
mod coverage;
mod explain;
mod export;
mod test;

use std::path::PathBuf;

use super::CommandError;
use crate::{
    cli::{
        Exit,
        rules::{Check, Format, Rules},
    },
    observation::{feeders, is_fed_at_all},
    rules::{
        LoadError, Rule, RuleSet, Warning,
        cases::{self, Suite, unknown_rule},
        check, field,
        files::{self, Files},
        policies,
    },
    sink::print,
};

pub(super) use export::ExportError;

/// Runs a command to its end.
pub(super) fn run(command: &Rules) -> Result<Exit, CommandError> {
    match command {
        Rules::Check(options) => Ok(examine(options)),
        Rules::List(options) => catalogue::list(options),
        Rules::Show(options) => catalogue::show(options),
        Rules::Export { directory } => Ok(export::export(directory)?),
        Rules::Fields { prefix } => Ok(fields(prefix.as_deref())),
        Rules::Test(options) => test::run(options),
        Rules::Coverage(options) => coverage::run(options),
        Rules::Explain(options) => explain::run(options),
    }
}

/// Says what is wrong with rules.
fn examine(options: &Check) -> Exit {
    let report = check::check(&options.paths, feeders);
    print(&match options.format {
        Format::Text => report.text(),
        Format::Json => report.json(),
    });
    if report.passed() { Exit::Done } else { Exit::Rules }
}

/// Lists the fields of the language.
fn fields(prefix: Option<&str>) -> Exit {
    print(&field::table(prefix, is_fed_at_all));
    Exit::Done
}

/// The rules given, or else the default policies.
pub(super) fn load(paths: &[PathBuf]) -> Result<(RuleSet, Vec<Warning>), LoadError> {
    if paths.is_empty() { policies::load() } else { check::load(paths) }
}

/// Rules and their tests, or else the default policies and theirs. The tests name rules that exist.
fn load_with_tests(paths: &[PathBuf]) -> Result<(RuleSet, Suite), LoadError> {
    let files = if paths.is_empty() { defaults() } else { files::read(paths)? };
    let (rules, _) = RuleSet::load(&files.rules)?;
    let suite = cases::load(&files.tests)?;
    let faults = suite.unknown_rules(&rules);
    if faults.is_empty() { Ok((rules, suite)) } else { Err(LoadError { faults }) }
}

fn defaults() -> Files {
    let owned = |files: &[(&str, &str)]| {
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    };
    Files { rules: owned(policies::DEFAULT), tests: owned(policies::TESTS) }
}

/// The rule of this name.
fn find<'r>(rules: &'r RuleSet, name: &str) -> Result<&'r Rule, CommandError> {
    let found = rules.rules().iter().find(|rule| rule.name == name);
    found.ok_or_else(|| unknown_rule(name, rules).into())
}
