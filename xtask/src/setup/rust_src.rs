//! The standard library's source, which `-Z build-std=core` compiles for the BPF target.
//!
//! Normally rustup brings it. Where rustup cannot download, Debian's package of exactly the compiler's version
//! holds the same files; they are put where rustup would have put them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use super::Scratch;
use crate::apt::{Archive, Suite, ThrowawayApt, find_mirrors, unpack};
use crate::process::{Running, run};
use crate::progress::{note, step};
use crate::workspace::Workspace;

/// Where Debian may carry the package for the pinned compiler, most likely first.
const SUITES: [Suite; 4] = [
    Suite { name: "trixie-backports", archive: Archive::Main },
    Suite { name: "forky", archive: Archive::Main },
    Suite { name: "sid", archive: Archive::Main },
    Suite { name: "trixie", archive: Archive::Main },
];

/// Installs the source unless it is there.
pub(super) fn ensure(workspace: &Workspace) -> Result<()> {
    let library = place(&workspace.sysroot);
    if is_complete(&library) {
        return Ok(());
    }
    step(
        format_args!("rust-src {}: the library source for the kernel programs", workspace.rustc_version),
        || {
            if by_rustup(workspace)? && is_complete(&library) {
                return Ok(());
            }
            note("rustup cannot provide it; taking Debian's package of the same version");
            by_debian(workspace, &library).context(
            "rust-src is missing and could not be installed; where rustup can download, `rustup component add \
             rust-src` in this repository is all it takes",
        )
        },
    )
}

fn place(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib/src/rust/library")
}

/// `-Z build-std` reads the library's lock file, then the crates.
fn is_complete(library: &Path) -> bool {
    library.join("Cargo.lock").is_file() && library.join("core/src/lib.rs").is_file()
}

/// Whether rustup did it. Its complaints are shown: they tell why the other way is taken.
fn by_rustup(workspace: &Workspace) -> Result<bool> {
    let present =
        Command::new("rustup").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !present.is_ok_and(|status| status.success()) {
        return Ok(false);
    }
    let mut command = Command::new("rustup");
    command.args(["component", "add", "rust-src"]).current_dir(&workspace.root);
    Ok(Running::start(&mut command)?.wait()?.success())
}

fn by_debian(workspace: &Workspace, library: &Path) -> Result<()> {
    let mirrors = find_mirrors()?;
    let version = &workspace.rustc_version;
    let mut last_error = None;
    for suite in &SUITES {
        let scratch = Scratch::new(workspace, "rust-src")?;
        let apt = ThrowawayApt::new(scratch.path(), &mirrors, suite).and_then(ThrowawayApt::updated);
        // The star is for Debian's own revision; the upstream version is exact.
        let packages = apt.and_then(|apt| apt.download(&[format!("rust-src={version}*")]));
        match packages {
            Ok(packages) => {
                let tree = scratch.path().join("tree");
                unpack(&packages, &tree)?;
                return install(&tree.join(format!("usr/src/rustc-{version}/library")), library);
            }
            Err(error) => {
                note(format_args!("{} does not have it", suite.name));
                last_error = Some(error);
            }
        }
    }
    match last_error {
        Some(error) => Err(error.context(format!("no suite of the Debian mirror has rust-src {version}"))),
        None => bail!("no suite to look in"),
    }
}

/// Copies beside the final place first: the toolchain may be on another file system, and a rename is all or nothing.
fn install(source: &Path, library: &Path) -> Result<()> {
    ensure!(is_complete(source), "Debian's package holds no library source at {}", source.display());
    let parent = library.parent().context("the library has no parent directory")?;
    std::fs::create_dir_all(parent).with_context(|| format!("creating {}", parent.display()))?;
    let partial = parent.join(".rust-src.partial");
    if partial.exists() {
        std::fs::remove_dir_all(&partial).with_context(|| format!("removing {}", partial.display()))?;
    }
    run(Command::new("cp").args(["-a", "--no-preserve=ownership"]).arg(source).arg(&partial))?;
    if library.exists() {
        // Incomplete, or we would not be here.
        std::fs::remove_dir_all(library).with_context(|| format!("removing {}", library.display()))?;
    }
    std::fs::rename(&partial, library).with_context(|| format!("moving into {}", library.display()))
}
