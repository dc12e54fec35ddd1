//! `cargo xtask upstream`: Falco's own rules, loaded by this engine, compared with what is known of them.

mod compare;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};

use crate::artifacts;
use crate::process::capture;
use crate::progress::{note, step};
use crate::workspace::Workspace;
use compare::{Rules, differences};

/// Load Falco's rules files, each alone and all together, and compare every rule with its expected description.
///
/// The description says of each rule which fields it compares by which operators, how many comparisons, `and`, `or`
/// and `not` it has with macros put in, for which event types it is, and its tags, priority and output fields.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    cargo xtask upstream ../falco-rules --expect falco-rules.json")]
pub(crate) struct Arguments {
    /// A checkout of the rules: the files are in it, or in `rules` and `archive` below it.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// The descriptions: a JSON array with an object for each rule.
    #[arg(long, value_name = "FILE")]
    expect: PathBuf,
}

/// The maintained files in load order, and the level by which the descriptions name each.
const FILES: [(&str, &str); 4] = [
    ("stable", "falco_rules.yaml"),
    ("incubating", "falco-incubating_rules.yaml"),
    ("sandbox", "falco-sandbox_rules.yaml"),
    ("deprecated", "falco-deprecated_rules.yaml"),
];

/// Loads, compares, and prints every difference.
pub(crate) fn task(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let expected = std::fs::read_to_string(&arguments.expect)
        .with_context(|| format!("reading {}", arguments.expect.display()))?;
    let expected = Rules::read(&expected).with_context(|| format!("in {}", arguments.expect.display()))?;
    let program =
        step("building what describes rules (release)", || artifacts::example(workspace, "describe_rules"))?;
    let mut paths = Vec::new();
    let mut count = 0;
    for (level, file) in FILES {
        let path = find(&arguments.directory, file)?;
        count += check(file, &program, std::slice::from_ref(&path), &expected.of_level(level));
        paths.push(path);
    }
    count += check("all files together", &program, &paths, &expected);
    println!("{} rules in {} files, {count} differences", expected.len(), FILES.len());
    Ok(if count == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn find(directory: &Path, file: &str) -> Result<PathBuf> {
    let places = ["", "rules", "archive"].map(|part| directory.join(part).join(file));
    let found = places.into_iter().find(|path| path.is_file());
    found.with_context(|| {
        format!("{} holds no {file}, nor does `rules` or `archive` in it", directory.display())
    })
}

/// Prints the differences between what loads and what is expected, and how many there are.
fn check(what: &str, program: &Path, paths: &[PathBuf], expected: &Rules) -> usize {
    let differences = match describe(program, paths) {
        Ok(found) => differences(expected, &found),
        Err(error) => vec![format!("does not load: {error:#}")],
    };
    for difference in &differences {
        println!("{what}: {difference}");
    }
    note(format_args!("{what}: {} rules expected, {} differences", expected.len(), differences.len()));
    differences.len()
}

fn describe(program: &Path, paths: &[PathBuf]) -> Result<Rules> {
    let printed = capture(Command::new(program).args(paths))?;
    let rules = Rules::read(&printed)?;
    ensure!(rules.len() > 0, "no rules in {} files", paths.len());
    Ok(rules)
}
