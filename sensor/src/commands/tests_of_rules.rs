//! `vigie rules test`.

use std::{collections::BTreeSet, path::PathBuf};

use super::CommandError;
use crate::{
    cli::{Exit, Test},
    rules::{
        LoadError, RuleSet,
        cases::{self, Outcome, Suite},
        files::{self, Files},
        policies,
    },
    sink::print,
};

/// Runs the tests, and says which failed and why.
pub(super) fn run(options: &Test) -> Result<Exit, CommandError> {
    let (rules, suite) = load(&options.paths)?;
    let outcome = suite.run(&rules);
    print(&report(&suite, &outcome, options.verbose));
    Ok(if outcome.passed() { Exit::Done } else { Exit::Failed })
}

/// Loads rules and their tests. The tests name rules that exist.
pub(super) fn load(paths: &[PathBuf]) -> Result<(RuleSet, Suite), LoadError> {
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

fn report(suite: &Suite, outcome: &Outcome, verbose: bool) -> String {
    let mut lines: Vec<String> = outcome.failures.iter().map(ToString::to_string).collect();
    if verbose {
        let failed: BTreeSet<_> = outcome.failures.iter().map(|failure| &failure.place).collect();
        let passed = suite.cases.iter().filter(|case| !failed.contains(&case.place));
        lines.splice(0..0, passed.map(|case| format!("ok: {case}")));
    }
    lines.push(format!("{outcome}\n"));
    lines.join("\n")
}
