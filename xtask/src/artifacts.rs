//! Programs built from this workspace: `vigie` as users get it, the root-needing test programs, the bench's load,
//! and examples, which need no kernel programs.
//!
//! All but the examples are static and optimised builds for an explicit target, so that the static flags reach neither
//! build scripts nor procedural macros. The kernel programs inside `sensor/build.rs` get flags of their own. Tests, and
//! the `vigie` that they start, are linked without the release's optimisation across crates, which would take a
//! minute for each.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::process::{line, watch};
use crate::workspace::Workspace;

/// The static `vigie` beside the test programs built with it.
#[derive(Debug)]
pub(crate) struct TestPrograms {
    /// The program under test.
    pub(crate) vigie: PathBuf,
    built: Vec<Built>,
}

impl TestPrograms {
    /// The test program `name`.
    pub(crate) fn test(&self, name: &str) -> Result<PathBuf> {
        find(&self.built, "test", name)
    }
}

#[derive(Debug)]
struct Built {
    kind: String,
    name: String,
    path: PathBuf,
}

/// Builds `vigie` as users get it.
pub(crate) fn vigie(workspace: &Workspace) -> Result<PathBuf> {
    let built = build(workspace, "release", &["build", "--package=sensor", "--bin=vigie"])?;
    find(&built, "bin", "vigie")
}

/// Builds `vigie` and the integration tests `names` of the crate `sensor`.
pub(crate) fn tests(workspace: &Workspace, names: &[&str]) -> Result<TestPrograms> {
    for name in names {
        let known = workspace.integration_tests.iter().any(|test| test == name);
        ensure!(known, "the crate sensor has no integration test `{name}` (sensor/tests/{name}/main.rs)");
    }
    let tests: Vec<String> = names.iter().map(|name| format!("--test={name}")).collect();
    let mut arguments = vec!["test", "--no-run", "--package=sensor", "--bin=vigie"];
    arguments.extend(tests.iter().map(String::as_str));
    let built = build(workspace, "checks", &arguments)?;
    Ok(TestPrograms { vigie: find(&built, "bin", "vigie")?, built })
}

/// Builds the bench's load.
pub(crate) fn guest_load(workspace: &Workspace) -> Result<PathBuf> {
    let built = build(workspace, "release", &["build", "--package=xtask", "--bin=guest-load"])?;
    find(&built, "bin", "guest-load")
}

/// Builds the example `name` of the crate `sensor`, without kernel programs.
pub(crate) fn example(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let mut command = workspace.cargo();
    command.env("AYA_BUILD_SKIP", "1").args(["build", "--release", "--package=sensor", "--example", name]);
    find(&collect(&mut command)?, "example", name)
}

fn build(workspace: &Workspace, profile: &str, arguments: &[&str]) -> Result<Vec<Built>> {
    let mut command = workspace.cargo();
    command.args(arguments).args(["--profile", profile, "--target", &workspace.host]);
    make_static(&mut command);
    collect(&mut command)
}

/// Runs cargo, and gathers what it has built.
fn collect(command: &mut Command) -> Result<Vec<Built>> {
    let mut built = Vec::new();
    let status = watch(command.arg("--message-format=json-render-diagnostics"), |text| {
        built.extend(executable(text));
        Ok(())
    })?;
    ensure!(status.success(), "`{}` ended with {status}", line(command));
    Ok(built)
}

fn make_static(command: &mut Command) {
    command.env("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-feature=+crt-static");
    // A developer's switch for checking the code alone: here it would leave the kernel programs out.
    command.env_remove("AYA_BUILD_SKIP");
}

/// The executable that a line of cargo's JSON announces, if it does.
fn executable(text: &[u8]) -> Option<Built> {
    let message: Value = serde_json::from_slice(text).ok()?;
    let path = message.get("executable")?.as_str()?;
    let in_test_mode = message.pointer("/profile/test")?.as_bool()?;
    let target = message.get("target")?;
    let kind = target.pointer("/kind/0")?.as_str()?;
    // The unit tests of a program have the program's own name and kind.
    let kind = if in_test_mode && kind != "test" { "unit" } else { kind };
    Some(Built { kind: kind.to_owned(), name: target.get("name")?.as_str()?.to_owned(), path: path.into() })
}

fn find(built: &[Built], kind: &str, name: &str) -> Result<PathBuf> {
    let found = built.iter().find(|built| built.kind == kind && built.name == name);
    Ok(found.with_context(|| format!("cargo built no {kind} named `{name}`"))?.path.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executables_are_told_apart() {
        let line = |kind: &str, test: bool| {
            serde_json::json!({ "reason": "compiler-artifact", "executable": format!("/t/{kind}-{test}"),
                "profile": { "test": test }, "target": { "kind": [kind], "name": "vigie" } })
            .to_string()
        };
        let lines =
            [line("bin", true), line("bin", false), line("test", true), "{}".into(), "no json".into()];
        let built: Vec<Built> = lines.iter().filter_map(|line| executable(line.as_bytes())).collect();
        assert_eq!(find(&built, "bin", "vigie").unwrap(), PathBuf::from("/t/bin-false"));
        assert_eq!(find(&built, "test", "vigie").unwrap(), PathBuf::from("/t/test-true"));
        find(&built, "bin", "other").unwrap_err();
    }
}
