//! `bpf-linker`, pinned, below `target/tools` and not in the user's home.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::process::run;
use crate::progress::step;
use crate::workspace::Workspace;

/// Links against the LLVM of the pinned compiler; the two move together.
const VERSION: &str = "0.10.4";

/// Installs the linker unless this very version is there.
pub(super) fn ensure(workspace: &Workspace) -> Result<()> {
    if is_pinned_version(&workspace.tools().join("bin/bpf-linker")) {
        return Ok(());
    }
    let build = workspace.tools().join("build");
    step(format_args!("bpf-linker {VERSION}: building it, one to three minutes"), || {
        let mut command = workspace.cargo();
        command.args(["install", "--locked", "--force", "bpf-linker"]);
        command.arg(format!("--version={VERSION}")).arg("--root").arg(workspace.tools());
        command.arg("--target-dir").arg(&build);
        command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        run(&mut command)
    })?;
    // Kept by an interrupted build, which then goes on where it stopped; of no use after a finished one.
    drop(std::fs::remove_dir_all(&build));
    Ok(())
}

fn is_pinned_version(program: &Path) -> bool {
    let output = Command::new(program).arg("--version").stderr(Stdio::null()).output();
    output.is_ok_and(|output| output.stdout.trim_ascii_end() == format!("bpf-linker {VERSION}").as_bytes())
}
