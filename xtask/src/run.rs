//! `cargo xtask run`: build `vigie` and become it.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};

use crate::progress::step;
use crate::setup::Need;
use crate::workspace::{Workspace, is_root};
use crate::{artifacts, setup};

/// Set up what building needs, build the static release binary, and run `vigie run` with ARGS (as root).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask run -- --duration 60s\n  \
    cargo xtask run -- --rules policies/ --output json")]
pub(crate) struct Arguments {
    /// Given to `vigie run` as they are.
    #[arg(last = true)]
    args: Vec<OsString>,
}

/// Builds, then replaces this process by `vigie`.
pub(crate) fn task(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    ensure!(
        is_root(),
        "loading kernel programs needs root: run `sudo env \"PATH=$PATH\" cargo xtask run`, or build only with \
         `cargo xtask setup --only build && cargo build --release`"
    );
    setup::ensure(workspace, &[Need::Build])?;
    let vigie = step("building vigie (static, release)", || artifacts::vigie(workspace))?;
    let error = Command::new(&vigie).arg("run").args(&arguments.args).exec();
    Err(anyhow::Error::new(error).context(format!("cannot start {}", vigie.display())))
}
