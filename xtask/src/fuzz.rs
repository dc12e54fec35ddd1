//! `cargo xtask fuzz`: a short, bounded and repeatable run of every fuzz target, from the committed corpus.
//!
//! The targets are a crate of their own, `fuzz/`, built with the coverage counters that libFuzzer steers by; they reach
//! neither build scripts nor procedural macros, because the build is for an explicit target.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use crate::process::run;
use crate::progress::{note, step};
use crate::setup::{self, Need, Scratch};
use crate::workspace::Workspace;

/// Runs per target where nothing else is asked for: a few seconds each.
pub(crate) const RUNS: u32 = 20_000;
/// The same runs each time; to look further, ask for more of them.
const SEED: u32 = 1;
/// Largest input, in bytes: more than the longest of the corpus.
const MAX_INPUT: u32 = 8192;
/// Longest time for one target, far more than any needs.
const MAX_SECONDS: &str = "900";

/// The compiler's flags for coverage counters at the edges of every function.
const FLAGS: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=3",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Run the fuzz targets for a bounded number of inputs; an input that fails is kept in target/fuzz/artifacts.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask fuzz                              every target, a minute or two\n  \
    cargo xtask fuzz condition --runs 10000000    one target, for long\n  \
    cargo xtask fuzz condition --runs 1000000 --keep")]
pub(crate) struct Arguments {
    /// The targets; all of them by default.
    #[arg(value_name = "TARGET")]
    targets: Vec<Target>,
    /// Inputs to try, those of the corpus included.
    #[arg(long, default_value_t = RUNS)]
    runs: u32,
    /// Add inputs to the committed corpus that reach code which none of it reaches.
    #[arg(long)]
    keep: bool,
}

/// A fuzz target: what it feeds with inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Target {
    /// The condition of a rule.
    Condition,
    /// A whole rules file.
    RuleFile,
    /// The output of a rule.
    Output,
    /// Lists and their expansion.
    Lists,
    /// A file of tests for rules.
    TestFile,
    /// The body of a request to the Docker socket.
    GuardBody,
    /// What a client sends to the guard.
    Framing,
    /// Path and query of a request to the guard.
    Uri,
}

impl Target {
    /// All targets.
    pub(crate) const ALL: [Self; 8] = [
        Self::Condition,
        Self::RuleFile,
        Self::Output,
        Self::Lists,
        Self::TestFile,
        Self::GuardBody,
        Self::Framing,
        Self::Uri,
    ];

    /// Its name: that of its program, its corpus and its dictionary.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Condition => "condition",
            Self::RuleFile => "rule_file",
            Self::Output => "output",
            Self::Lists => "lists",
            Self::TestFile => "test_file",
            Self::GuardBody => "guard_body",
            Self::Framing => "framing",
            Self::Uri => "uri",
        }
    }
}

/// Builds the targets and runs those that were asked for. A failing target does not stop the next.
pub(crate) fn task(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    setup::ensure(workspace, &[Need::CxxCompiler])?;
    let fuzzer = Fuzzer::build(workspace)?;
    let wanted = if arguments.targets.is_empty() { &Target::ALL[..] } else { &arguments.targets };
    let mut failed = 0;
    for target in wanted {
        if let Err(error) = fuzzer.run(*target, arguments.runs, arguments.keep) {
            note(format_args!("error: {error:#}"));
            failed += 1;
        }
    }
    println!("{} fuzz targets, {failed} failed", wanted.len());
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The targets' programs.
#[derive(Debug)]
pub(crate) struct Fuzzer<'w> {
    workspace: &'w Workspace,
    /// Where the programs are.
    programs: PathBuf,
}

impl<'w> Fuzzer<'w> {
    /// Builds every target.
    pub(crate) fn build(workspace: &'w Workspace) -> Result<Self> {
        let directory = directory(workspace);
        let mut command = workspace.cargo();
        command.env("AYA_BUILD_SKIP", "1").env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
        command.args(["build", "--quiet", "--release", "--bins", "--target", &workspace.host]);
        command.arg("--manifest-path").arg(workspace.root.join("fuzz/Cargo.toml"));
        command.arg("--target-dir").arg(&directory);
        step("building the fuzz targets (release)", || run(&mut command))?;
        Ok(Self { workspace, programs: directory.join(&workspace.host).join("release") })
    }

    /// Runs one target. New inputs go to a scratch directory, and with `keep` the useful ones of them to the corpus.
    pub(crate) fn run(&self, target: Target, runs: u32, keep: bool) -> Result<()> {
        let name = target.name();
        let scratch = Scratch::new(self.workspace, &format!("fuzz-{name}"))?;
        let mut command = self.command(target)?;
        command.arg(format!("-runs={runs}")).arg(scratch.path()).arg(self.corpus(target));
        let log = directory(self.workspace).join(name).with_extension("log");
        step(format_args!("fuzzing {name}: {runs} runs"), || logged(&mut command, &log))?;
        if keep {
            run(self.command(target)?.arg("-merge=1").arg(self.corpus(target)).arg(scratch.path()))?;
        }
        Ok(())
    }

    fn corpus(&self, target: Target) -> PathBuf {
        self.workspace.root.join("fuzz/corpus").join(target.name())
    }

    /// The target's program and the limits that hold for every run.
    fn command(&self, target: Target) -> Result<Command> {
        let name = target.name();
        let artifacts = directory(self.workspace).join("artifacts");
        std::fs::create_dir_all(&artifacts).with_context(|| format!("creating {}", artifacts.display()))?;
        let dictionary = self.workspace.root.join("fuzz/dictionaries").join(name).with_extension("dict");
        // A process's peak of memory begins with that of who starts it, here a program that may be packing guests
        // meanwhile; so somebody small starts it, who ends it if it hangs, too.
        let mut command = Command::new("timeout");
        command.args(["--foreground", MAX_SECONDS]).arg(self.programs.join(name));
        command.arg(format!("-seed={SEED}")).arg(format!("-max_len={MAX_INPUT}"));
        command.args(["-rss_limit_mb=512", "-timeout=5", "-print_funcs=0"]);
        command
            .arg(option("dict", &dictionary))
            .arg(option("artifact_prefix", &artifacts.join(format!("{name}-"))));
        Ok(command)
    }
}

/// Runs `command` with its messages in a file, for there are many, and shows them if it fails.
fn logged(command: &mut Command, log: &Path) -> Result<()> {
    let file = File::create(log).with_context(|| format!("creating {}", log.display()))?;
    run(command.stderr(file)).inspect_err(|_| {
        let messages = std::fs::read(log).unwrap_or_default();
        eprintln!("{}", String::from_utf8_lossy(&messages));
    })
}

/// Everything the fuzzer makes is below this.
fn directory(workspace: &Workspace) -> PathBuf {
    workspace.target.join("fuzz")
}

fn option(name: &str, path: &Path) -> String {
    format!("-{name}={}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_target_has_a_program_a_dictionary_and_a_corpus() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fuzz");
        for target in Target::ALL {
            let name = target.name();
            assert_eq!(target.to_possible_value().unwrap().get_name(), name);
            assert!(fuzz.join(format!("targets/{name}.rs")).is_file(), "{name}");
            assert!(fuzz.join(format!("dictionaries/{name}.dict")).is_file(), "{name}");
            assert!(fuzz.join("corpus").join(name).read_dir().unwrap().count() > 0, "{name}");
        }
        let files = |part: &str| fuzz.join(part).read_dir().unwrap().count();
        assert_eq!([files("targets"), files("dictionaries"), files("corpus")], [Target::ALL.len(); 3]);
    }

    #[test]
    fn no_input_of_the_corpus_is_cut() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fuzz/corpus");
        let corpora = fuzz.read_dir().unwrap().flat_map(|corpus| corpus.unwrap().path().read_dir().unwrap());
        let sizes: BTreeSet<u64> = corpora.map(|input| input.unwrap().metadata().unwrap().len()).collect();
        assert!(sizes.last().is_some_and(|size| *size <= u64::from(MAX_INPUT)), "{:?}", sizes.last());
    }
}
