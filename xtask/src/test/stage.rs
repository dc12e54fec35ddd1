//! The stages of the test command: what each needs and what each runs.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use clap::ValueEnum;

use super::totals::Totals;
use crate::artifacts;
use crate::fuzz::{self, Fuzzer, Target};
use crate::guest::{Guest, Kernel};
use crate::process::{line, run, watch};
use crate::progress::note;
use crate::setup::Need;
use crate::vm::{self, echo};
use crate::workspace::Workspace;

/// The integration tests that need root; all others are unit tests as far as this command is concerned.
const ROOT_TESTS: [&str; 7] = ["live", "docker", "guard", "runtimes", "quiet", "actions", "installed"];

/// What the names of the live tests begin with in which strace is a witness.
const ORACLE: &str = "oracle::";

/// Userspace crates: everything but the kernel programs, which have a target of their own.
const HOST_CRATES: [&str; 3] = ["--workspace", "--exclude", "sensor-ebpf"];

/// One stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Stage {
    /// Formatting.
    Fmt,
    /// Lints of the userspace crates and the fuzz targets.
    Clippy,
    /// Lints of the kernel programs.
    ClippyEbpf,
    /// Tests that need neither root nor a kernel.
    Unit,
    /// Every fuzz target for a bounded number of inputs.
    Fuzz,
    /// Live tests on this kernel, as root.
    Live,
    /// Tests with Docker's containers, as root.
    Docker,
    /// Hostile clients of the guard, and Docker's through it, as root.
    Guard,
    /// Tests with containers of containerd, of CRI and of podman, as root.
    Runtimes,
    /// Work that strace is a second witness of, as root.
    Oracle,
    /// Ordinary work, which must not raise alerts, as root.
    Quiet,
    /// Attacks, each of which must raise its alerts, as root.
    Actions,
    /// Live tests on 6.1, of what comes from the kernel.
    #[value(name = "guest-6.1")]
    Guest6_1,
    /// A selection of the live tests on 6.12.
    #[value(name = "guest-6.12")]
    Guest6_12,
    /// Live tests on 6.1, of what the engine makes of what comes from the kernel.
    #[value(name = "guest-6.1-engine")]
    Engine6_1,
    /// The guard installed on a host with systemd and Docker, on 6.1.
    #[value(name = "guest-6.1-installed")]
    Installed6_1,
    /// The subset `smoke` on 5.10.
    #[value(name = "guest-5.10")]
    Guest5_10,
    /// The subset `smoke` on 7.2.
    #[value(name = "guest-7.2")]
    Guest7_2,
}

/// What a guest runs of the live tests.
#[derive(Clone, Copy, Debug)]
enum Selection {
    /// Tests whose names contain one of these.
    Of(&'static [&'static [&'static str]]),
    /// All others.
    AllBut(&'static [&'static [&'static str]]),
}

impl Selection {
    /// What libtest is told.
    fn arguments(self) -> Vec<String> {
        match self {
            Self::Of(lists) => lists.concat().into_iter().map(str::to_owned).collect(),
            Self::AllBut(lists) => {
                lists.concat().into_iter().flat_map(|name| ["--skip".to_owned(), name.to_owned()]).collect()
            }
        }
    }
}

/// A guest stage's kernel, and the tests it runs.
type GuestPlan = (Kernel, Selection);

/// Those of what comes from the kernel, without those of what the engine makes of it.
const OF_THE_KERNEL: &[&str] = &[
    "smoke",
    "file::",
    "process::",
    "network::",
    "credential::",
    "kernel::",
    "compat::",
    "container::",
    "lockdown::",
];
/// Those that are done on one kernel more.
const SELECTED: &[&str] = &["smoke", "container::", "lockdown::"];
/// Those of which strace is a witness.
const WITNESSED: &[&str] = &[ORACLE];
/// Those of what is the same in both tiers, and so are done on the host alone.
const OF_NO_TIER: &[&str] = &["bad_input::", "replay::"];

impl Stage {
    /// All stages, quickest to fail first; of the guests the longest first.
    pub(super) const ALL: [Self; 18] = [
        Self::Fmt,
        Self::Clippy,
        Self::ClippyEbpf,
        Self::Unit,
        Self::Fuzz,
        Self::Live,
        Self::Docker,
        Self::Guard,
        Self::Runtimes,
        Self::Oracle,
        Self::Quiet,
        Self::Actions,
        Self::Guest6_1,
        Self::Guest6_12,
        Self::Engine6_1,
        Self::Installed6_1,
        Self::Guest5_10,
        Self::Guest7_2,
    ];

    /// The name, as on the command line.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::ClippyEbpf => "clippy-ebpf",
            Self::Unit => "unit",
            Self::Fuzz => "fuzz",
            Self::Live => "live",
            Self::Docker => "docker",
            Self::Guard => "guard",
            Self::Runtimes => "runtimes",
            Self::Oracle => "oracle",
            Self::Quiet => "quiet",
            Self::Actions => "actions",
            Self::Guest6_1 => "guest-6.1",
            Self::Engine6_1 => "guest-6.1-engine",
            Self::Installed6_1 => "guest-6.1-installed",
            Self::Guest6_12 => "guest-6.12",
            Self::Guest5_10 => "guest-5.10",
            Self::Guest7_2 => "guest-7.2",
        }
    }

    /// The heading.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Fmt => "formatting",
            Self::Clippy => "lints of the userspace crates and the fuzz targets",
            Self::ClippyEbpf => "lints of the kernel programs",
            Self::Unit => "unit tests",
            Self::Fuzz => "fuzz targets",
            Self::Live => "live tests on this kernel",
            Self::Docker => "tests with Docker's containers",
            Self::Guard => "the guard of Docker's socket",
            Self::Runtimes => "tests with other runtimes' containers",
            Self::Oracle => "what strace tells is what Vigie sees",
            Self::Quiet => "ordinary work stays quiet",
            Self::Actions => "attacks raise alerts",
            Self::Guest6_1 => "live tests of what comes from the kernel on 6.1",
            Self::Engine6_1 => "live tests of the engine on kernel 6.1",
            Self::Installed6_1 => "the guard installed on a host with systemd, kernel 6.1",
            Self::Guest6_12 => "a selection of the live tests on kernel 6.12",
            Self::Guest5_10 => "smoke tests on kernel 5.10",
            Self::Guest7_2 => "smoke tests on kernel 7.2",
        }
    }

    /// Whether it needs root: to load kernel programs, or to start container engines.
    pub(super) fn needs_root(self) -> bool {
        matches!(
            self,
            Self::Live
                | Self::Docker
                | Self::Guard
                | Self::Runtimes
                | Self::Oracle
                | Self::Quiet
                | Self::Actions
        )
    }

    /// Whether it keeps every processor busy by itself.
    pub(super) fn is_build(self) -> bool {
        matches!(self, Self::Fmt | Self::Clippy | Self::ClippyEbpf | Self::Unit)
    }

    /// What must be set up.
    pub(super) fn needs(self) -> Vec<Need> {
        match self {
            Self::Fmt | Self::Clippy | Self::Unit => Vec::new(),
            Self::Fuzz => vec![Need::CxxCompiler],
            Self::ClippyEbpf => vec![Need::Build],
            Self::Live => vec![Need::Build, Need::NameServer],
            Self::Docker | Self::Quiet => vec![Need::Build, Need::Docker, Need::Daemons],
            Self::Guard => vec![Need::Build, Need::Docker, Need::HttpClient, Need::Witnesses],
            Self::Runtimes => vec![Need::Build, Need::Docker, Need::Runtimes],
            Self::Oracle => vec![Need::Build, Need::Workload],
            Self::Actions => vec![Need::Build, Need::Docker, Need::Daemons, Need::Attacks],
            Self::Installed6_1 => vec![Need::Build, Need::Docker, Need::Init, Need::Guest(Kernel::V6_1)],
            Self::Engine6_1 | Self::Guest6_1 | Self::Guest6_12 | Self::Guest5_10 | Self::Guest7_2 => {
                let guest = self.guest().map(|(kernel, _)| Need::Guest(kernel));
                [Need::Build, Need::Workload].into_iter().chain(guest).collect()
            }
        }
    }

    /// Whether it runs in an emulated machine.
    pub(super) fn is_guest(self) -> bool {
        self == Self::Installed6_1 || self.guest().is_some()
    }

    fn guest(self) -> Option<GuestPlan> {
        match self {
            Self::Engine6_1 => {
                Some((Kernel::V6_1, Selection::AllBut(&[OF_THE_KERNEL, WITNESSED, OF_NO_TIER])))
            }
            Self::Guest6_1 => Some((Kernel::V6_1, Selection::Of(&[OF_THE_KERNEL, WITNESSED]))),
            Self::Guest6_12 => Some((Kernel::V6_12, Selection::Of(&[SELECTED]))),
            Self::Guest5_10 => Some((Kernel::V5_10, Selection::Of(&[&["smoke"]]))),
            Self::Guest7_2 => Some((Kernel::V7_2, Selection::Of(&[&["smoke"]]))),
            Self::Fmt
            | Self::Clippy
            | Self::ClippyEbpf
            | Self::Unit
            | Self::Fuzz
            | Self::Live
            | Self::Docker
            | Self::Guard
            | Self::Runtimes
            | Self::Oracle
            | Self::Quiet
            | Self::Actions
            | Self::Installed6_1 => None,
        }
    }

    /// Runs it, adding to `totals` what its test programs report.
    pub(super) fn run(self, workspace: &Workspace, totals: &mut Totals) -> Result<()> {
        match self {
            Self::Fmt => fmt(workspace, "Cargo.toml").and_then(|()| fmt(workspace, "fuzz/Cargo.toml")),
            Self::Clippy => clippy(workspace).and_then(|()| clippy_fuzz(workspace)),
            Self::ClippyEbpf => {
                clippy_ebpf(workspace, &[]).and_then(|()| clippy_ebpf(workspace, &["--all-features"]))
            }
            Self::Unit => unit(workspace, totals),
            Self::Fuzz => fuzz(workspace, totals),
            // Those of the oracle need more than the others, so they are a stage of their own.
            Self::Live => on_host(workspace, "live", &["--skip", ORACLE], &[], totals),
            Self::Oracle => on_host(workspace, "live", &[ORACLE], &[], totals),
            Self::Docker | Self::Guard | Self::Runtimes | Self::Quiet | Self::Actions => {
                on_host(workspace, self.name(), &[], &[], totals)
            }
            Self::Engine6_1 | Self::Guest6_1 | Self::Guest6_12 | Self::Guest5_10 | Self::Guest7_2 => {
                match self.guest() {
                    Some((kernel, selection)) => {
                        let guest = vm::live_tests(workspace, kernel, None, &selection.arguments())?;
                        in_guest(workspace, &guest, totals)
                    }
                    None => Ok(()),
                }
            }
            Self::Installed6_1 => {
                let guest = vm::installed_tests(workspace, Kernel::V6_1, None, &[])?;
                in_guest(workspace, &guest, totals)
            }
        }
    }
}

fn fmt(workspace: &Workspace, manifest: &str) -> Result<()> {
    run(workspace.cargo().args(["fmt", "--all", "--check", "--manifest-path", manifest]))
}

/// The kernel programs are not built for checking the userspace crates.
fn host_cargo(workspace: &Workspace, verb: &str) -> Command {
    let mut command = workspace.cargo();
    command.env("AYA_BUILD_SKIP", "1").arg(verb).args(HOST_CRATES);
    command
}

fn clippy(workspace: &Workspace) -> Result<()> {
    run(host_cargo(workspace, "clippy").args(["--all-targets", "--", "-D", "warnings"]))
}

/// The fuzz targets are a workspace of their own; what they depend on was checked for the others already.
fn clippy_fuzz(workspace: &Workspace) -> Result<()> {
    let mut command = workspace.cargo();
    command.env("AYA_BUILD_SKIP", "1").args(["clippy", "--manifest-path", "fuzz/Cargo.toml"]);
    command.arg("--target-dir").arg(&workspace.target);
    run(command.args(["--lib", "--bins", "--", "-D", "warnings"]))
}

/// In a target directory of its own: build scripts of common crates look at `RUSTC_BOOTSTRAP`, and sharing one with
/// the other stages would compile those crates anew each time.
fn clippy_ebpf(workspace: &Workspace, features: &[&str]) -> Result<()> {
    let mut command = workspace.cargo();
    command.env("RUSTC_BOOTSTRAP", "1").env("CARGO_ENCODED_RUSTFLAGS", "--cfg=bpf_target_arch=\"x86_64\"");
    command.args(["clippy", "--package=sensor-ebpf", "--target=bpfel-unknown-none", "-Zbuild-std=core"]);
    command.arg("--target-dir").arg(workspace.target.join("clippy-ebpf")).args(features);
    run(command.args(["--", "-D", "warnings"]))
}

fn unit(workspace: &Workspace, totals: &mut Totals) -> Result<()> {
    let mut command = host_cargo(workspace, "test");
    command.args(["--no-fail-fast", "--lib", "--bins"]);
    for test in workspace.integration_tests.iter().filter(|test| !ROOT_TESTS.contains(&test.as_str())) {
        command.arg("--test").arg(test);
    }
    let units = count_tests(&mut command, totals);
    let examples = count_tests(host_cargo(workspace, "test").args(["--no-fail-fast", "--doc"]), totals);
    units.and(examples)?;
    ensure_some(totals)
}

/// A target is a test.
fn fuzz(workspace: &Workspace, totals: &mut Totals) -> Result<()> {
    let fuzzer = Fuzzer::build(workspace)?;
    for target in Target::ALL {
        match fuzzer.run(target, fuzz::RUNS, false) {
            Ok(()) => totals.passed += 1,
            Err(error) => {
                note(format_args!("error: {error:#}"));
                totals.failed += 1;
            }
        }
    }
    ensure!(totals.failed == 0, "{} fuzz targets failed", totals.failed);
    Ok(())
}

/// Names of environment variables, and their values.
type Environment<'e> = &'e [(&'e str, &'e Path)];

fn on_host(
    workspace: &Workspace,
    test: &str,
    arguments: &[&str],
    environment: Environment<'_>,
    totals: &mut Totals,
) -> Result<()> {
    let programs = artifacts::tests(workspace, &[test])?;
    let mut command = Command::new(programs.test(test)?);
    command.current_dir(&workspace.root).env("VIGIE_BIN", &programs.vigie).arg("--test-threads=1");
    command.args(arguments).envs(environment.iter().copied());
    count_tests(&mut command, totals)?;
    ensure_some(totals)
}

/// The stage `actions`, with Falco's rules of this directory as well.
pub(super) fn actions(workspace: &Workspace, upstream: &Path, totals: &mut Totals) -> Result<()> {
    on_host(workspace, Stage::Actions.name(), &[], &[("VIGIE_UPSTREAM_RULES", upstream)], totals)
}

fn in_guest(workspace: &Workspace, guest: &Guest, totals: &mut Totals) -> Result<()> {
    let label = guest.kernel.label().as_bytes();
    let code = guest.boot(workspace, |line| {
        totals.add_line(line);
        echo(&[label, b" | ", line].concat())
    })?;
    ensure!(code == 0, "the tests in the guest ended with code {code}");
    ensure_some(totals)
}

fn count_tests(command: &mut Command, totals: &mut Totals) -> Result<()> {
    let status = watch(command, |line| {
        totals.add_line(line);
        echo(line)
    })?;
    ensure!(status.success(), "`{}` ended with {status}", line(command));
    Ok(())
}

/// A filter that matches nothing must not look like success.
fn ensure_some(totals: &Totals) -> Result<()> {
    ensure!(totals.passed > 0, "this stage ran no test");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_command_line() {
        for stage in Stage::ALL {
            let value = stage.to_possible_value().unwrap();
            assert_eq!(value.get_name(), stage.name());
        }
        assert_eq!(Stage::value_variants(), Stage::ALL);
    }

    #[test]
    fn both_guests_of_a_kernel_do_all_tests_but_those_of_no_tier() {
        assert_eq!(Selection::Of(&[&["a", "b"], &["c"]]).arguments(), ["a", "b", "c"]);
        let skipped = Selection::AllBut(&[&["a"], &["b"]]).arguments();
        assert_eq!(skipped, ["--skip", "a", "--skip", "b"]);
        let arguments = |stage: Stage| stage.guest().map(|(_, selection)| selection.arguments()).unwrap();
        let (engine, kernel) = (arguments(Stage::Engine6_1), arguments(Stage::Guest6_1));
        let rest: Vec<_> = engine.iter().filter(|word| *word != "--skip" && !kernel.contains(word)).collect();
        assert_eq!(rest, OF_NO_TIER);
    }

    #[test]
    fn guests_need_their_kernel() {
        assert_eq!(Stage::Guest5_10.needs(), [Need::Build, Need::Workload, Need::Guest(Kernel::V5_10)]);
        assert!(Stage::Unit.needs().is_empty());
    }
}
