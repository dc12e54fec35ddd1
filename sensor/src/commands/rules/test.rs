//! `vigie rules test`.

use std::collections::BTreeSet;

use super::load_with_tests;
use crate::{
    cli::{Exit, rules::Test},
    commands::CommandError,
    rules::{
        RuleSet,
        cases::{Outcome, Suite},
        mutate,
    },
    sink::print,
};

/// Runs the tests, and says which failed and why.
pub(super) fn run(options: &Test) -> Result<Exit, CommandError> {
    let (rules, suite) = load_with_tests(&options.paths)?;
    let outcome = suite.run(&rules);
    print(&report(&suite, &outcome, options.verbose));
    match outcome.passed() {
        true if options.mutate => Ok(try_mutants(&rules, &suite)),
        true => Ok(Exit::Done),
        false => Ok(Exit::Failed),
    }
}

fn report(suite: &Suite, outcome: &Outcome, verbose: bool) -> String {
    let mut lines: Vec<String> = Vec::new();
    if verbose {
        let failed: BTreeSet<_> = outcome.failures.iter().map(|failure| &failure.place).collect();
        let passed = suite.cases.iter().filter(|case| !failed.contains(&case.place));
        lines.extend(passed.map(|case| format!("ok: {case}")));
    }
    lines.extend(outcome.failures.iter().map(ToString::to_string));
    lines.push(format!("{outcome}\n"));
    lines.join("\n")
}

/// Names the changes to rules that no test notices.
fn try_mutants(rules: &RuleSet, suite: &Suite) -> Exit {
    let trial = mutate::run(rules, suite);
    let mut lines: Vec<String> = trial.survivors.iter().map(ToString::to_string).collect();
    lines.push(format!("{trial}\n"));
    print(&lines.join("\n"));
    if trial.survivors.is_empty() { Exit::Done } else { Exit::Failed }
}
