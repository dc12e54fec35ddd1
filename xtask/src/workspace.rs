//! Where things are: the repository, the target directory, the toolchain.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process::capture;

/// The repository and the toolchain that builds it.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The repository's root.
    pub(crate) root: PathBuf,
    /// Cargo's target directory, wherever the environment puts it.
    pub(crate) target: PathBuf,
    /// The toolchain's own directory.
    pub(crate) sysroot: PathBuf,
    /// The compiler's version, such as `1.95.0`.
    pub(crate) rustc_version: String,
    /// The compiler's own target triple.
    pub(crate) host: String,
    /// Names of all integration tests in the workspace.
    pub(crate) integration_tests: Vec<String>,
}

impl Workspace {
    /// Asks cargo and rustc.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has no parent directory")?;
        let metadata =
            capture(cargo_in(root).args(["metadata", "--no-deps", "--offline", "--format-version=1"]))?;
        let metadata: Value = serde_json::from_str(&metadata).context("reading `cargo metadata`")?;
        let target = metadata.get("target_directory").and_then(Value::as_str);
        let version = capture(rustc_in(root).arg("-vV"))?;
        let sysroot = capture(rustc_in(root).args(["--print", "sysroot"]))?;
        Ok(Self {
            root: root.to_owned(),
            target: target.context("`cargo metadata` names no target directory")?.into(),
            sysroot: sysroot.trim_end().into(),
            rustc_version: labelled(&version, "release: ")?,
            host: labelled(&version, "host: ")?,
            integration_tests: integration_tests(&metadata),
        })
    }

    /// `cargo`, in the repository, with our own tools first in `PATH`.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = cargo_in(&self.root);
        command.env("PATH", self.path_with_tools());
        command
    }

    /// Where cargo installs the tools that only this repository uses.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    fn path_with_tools(&self) -> OsString {
        let mut path = self.tools().join("bin").into_os_string();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        path
    }
}

/// Whether we run as root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn cargo_in(root: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root);
    command
}

fn rustc_in(root: &Path) -> Command {
    let mut command = Command::new("rustc");
    command.current_dir(root);
    command
}

fn labelled(text: &str, label: &str) -> Result<String> {
    let value = text.lines().find_map(|line| line.strip_prefix(label));
    Ok(value.with_context(|| format!("`rustc -vV` has no `{label}` line"))?.to_owned())
}

fn integration_tests(metadata: &Value) -> Vec<String> {
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    let targets = packages.filter_map(|package| package.get("targets")?.as_array()).flatten();
    let mut names: Vec<String> = targets.filter(|target| is_test(target)).filter_map(name).collect();
    names.sort();
    names.dedup();
    names
}

fn is_test(target: &Value) -> bool {
    let kinds = target.get("kind").and_then(Value::as_array);
    kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "test"))
}

fn name(target: &Value) -> Option<String> {
    Some(target.get("name")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integration_tests_are_found_by_kind() {
        let metadata = serde_json::json!({ "packages": [
            { "targets": [{ "kind": ["lib"], "name": "sensor" }, { "kind": ["test"], "name": "live" }] },
            { "targets": [{ "kind": ["test"], "name": "docker" }, { "kind": ["bin"], "name": "vigie" }] },
        ] });
        assert_eq!(integration_tests(&metadata), ["docker", "live"]);
    }

    #[test]
    fn a_missing_label_is_an_error() {
        assert_eq!(labelled("rustc 1\nrelease: 1.95.0\n", "release: ").unwrap(), "1.95.0");
        labelled("rustc 1\n", "release: ").unwrap_err();
    }
}
