//! `cargo xtask upstream`: Falco's own rules, loaded by this engine, compared with what is known of them.

mod compare;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};

use crate::artifacts;
use crate::process::capture;
use crate::progress::{note, step};
use crate::test;
use crate::workspace::Workspace;
use compare::{Rules, Scope, differences};

/// Load Falco's rules files, each alone and all together, and compare every rule with its expected description.
///
/// The description says of each rule which fields it compares by which operators, how many comparisons, `and`, `or`
/// and `not` it has with macros put in, for which event types it is, and its tags, priority and output fields.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    cargo xtask upstream ../falco-rules --expect falco-rules.json --actions")]
pub(crate) struct Arguments {
    /// A checkout of the rules: the files are in it, or in `rules` and `archive` below it.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// The descriptions: a JSON array with an object for each rule.
    #[arg(long, value_name = "FILE")]
    expect: PathBuf,
    /// Do every attack of docs/attack-actions.md, too, and ask whether the rule for it raises its alert. Root.
    #[arg(long)]
    actions: bool,
}

/// The files in load order, and the level by which the descriptions name each.
const FILES: [(&str, &str); 4] = [
    ("stable", "falco_rules.yaml"),
    ("incubating", "falco-incubating_rules.yaml"),
    ("sandbox", "falco-sandbox_rules.yaml"),
    ("deprecated", "falco-deprecated_rules.yaml"),
];
/// How many of them define the macros that they share alike. The macros of the archived file are older, and where
/// it is loaded last they replace the others.
const ALIKE: usize = 3;

/// Loads, compares, and prints every difference.
pub(crate) fn task(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let expected = std::fs::read_to_string(&arguments.expect)
        .with_context(|| format!("reading {}", arguments.expect.display()))?;
    let expected = Rules::read(&expected).with_context(|| format!("in {}", arguments.expect.display()))?;
    let paths =
        FILES.map(|(_, file)| find(&arguments.directory, file)).into_iter().collect::<Result<Vec<_>>>()?;
    let program =
        step("building what describes rules (release)", || artifacts::example(workspace, "describe_rules"))?;
    let checks = checks(&paths);
    let count: usize = checks.iter().map(|check| check.differences(&program, &expected)).sum();
    println!(
        "{} rules in {} files, {} loads, {count} differences",
        expected.len(),
        FILES.len(),
        checks.len()
    );
    if arguments.actions {
        test::actions(workspace, &arguments.directory.canonicalize()?)?;
    }
    Ok(if count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Files that are loaded together, and what is compared then.
struct Check<'p> {
    name: &'static str,
    paths: &'p [PathBuf],
    levels: Vec<&'static str>,
    scope: Scope,
}

/// Each file alone, the files that share macros, and all.
fn checks(paths: &[PathBuf]) -> Vec<Check<'_>> {
    let alone = FILES.into_iter().zip(paths.chunks(1)).map(|((level, name), paths)| Check {
        name,
        paths,
        levels: vec![level],
        scope: Scope::Everything,
    });
    let together = |name, count: usize, scope| Check {
        name,
        paths: paths.get(..count).unwrap_or_default(),
        levels: FILES.iter().take(count).map(|(level, _)| *level).collect(),
        scope,
    };
    let mut checks: Vec<Check<'_>> = alone.collect();
    checks.push(together("the first three files together", ALIKE, Scope::Everything));
    checks.push(together("all files together", FILES.len(), Scope::ButConditions));
    checks
}

impl Check<'_> {
    /// Prints the differences between what loads and what is expected, and says how many there are.
    fn differences(&self, program: &Path, expected: &Rules) -> usize {
        let expected = expected.of_levels(&self.levels);
        let differences = match describe(program, self.paths) {
            Ok(found) => differences(&expected, &found, self.scope),
            Err(error) => vec![format!("does not load: {error:#}")],
        };
        for difference in &differences {
            println!("{}: {difference}", self.name);
        }
        note(format_args!("{}: {} rules, {} differences", self.name, expected.len(), differences.len()));
        differences.len()
    }
}

fn find(directory: &Path, file: &str) -> Result<PathBuf> {
    let places = ["", "rules", "archive"].map(|part| directory.join(part).join(file));
    let found = places.into_iter().find(|path| path.is_file());
    found.with_context(|| {
        format!("{} holds no {file}, nor does `rules` or `archive` in it", directory.display())
    })
}

fn describe(program: &Path, paths: &[PathBuf]) -> Result<Rules> {
    let printed = capture(Command::new(program).args(paths))?;
    let rules = Rules::read(&printed)?;
    ensure!(rules.len() > 0, "no rules in {} files", paths.len());
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_loaded_alone_and_all_are_loaded_together() {
        let paths = FILES.map(|(_, file)| PathBuf::from(file));
        let checks = checks(&paths);
        let sizes: Vec<usize> = checks.iter().map(|check| check.paths.len()).collect();
        assert_eq!(sizes, [1, 1, 1, 1, 3, 4]);
        assert!(checks.iter().all(|check| check.levels.len() == check.paths.len()));
        for (check, path) in checks.iter().zip(&paths) {
            assert_eq!(check.paths, std::slice::from_ref(path));
        }
    }
}
