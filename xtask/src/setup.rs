//! `cargo xtask setup`: everything building and testing needs, once; each part in a module of its own.
//!
//! What is made is made in a scratch directory below `target/` and put in place by a rename, so an interruption
//! leaves either nothing or all of it.

mod bpf_linker;
mod go_sources;
mod guest_kernels;
mod packages;
mod rust_src;
mod scratch;

use std::fs::File;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use crate::guest::Kernel;
use crate::progress::elapsed;
use crate::workspace::Workspace;

/// Install what building and testing need. Does nothing when nothing is missing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask setup                 everything\n  \
    cargo xtask setup --only build    what `cargo build` needs: rust-src and bpf-linker")]
pub(crate) struct Arguments {
    /// Only the things needed for this; may be repeated.
    #[arg(long, value_name = "PURPOSE")]
    only: Vec<Purpose>,
}

/// What something is set up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Purpose {
    /// The library's source and the linker for kernel programs.
    Build,
    /// Docker and other daemons, for the tests on this host.
    Docker,
    /// QEMU, busybox and the guest kernels.
    Guests,
    /// strace, and the programs of an ordinary working day.
    Oracle,
    /// Valgrind, to count instructions.
    Bench,
    /// A C++ compiler, for the fuzzer.
    Fuzz,
}

/// One thing that must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The library's source and the linker for kernel programs.
    Build,
    /// A docker daemon to start.
    Docker,
    /// Other clients of a docker daemon, and the source of its decoder with a compiler.
    Witnesses,
    /// A containerd and a podman to start.
    Runtimes,
    /// QEMU, busybox and this kernel.
    Guest(Kernel),
    /// A cron and an SSH daemon to start, and sudo.
    Daemons,
    /// A name server to start.
    NameServer,
    /// strace, and the programs of an ordinary working day.
    Workload,
    /// A client of HTTP.
    HttpClient,
    /// systemd, for guests.
    Init,
    /// Programs that attackers use.
    Attacks,
    /// Valgrind.
    Valgrind,
    /// A C++ compiler.
    CxxCompiler,
}

/// Sets up what was asked for, everything by default.
pub(crate) fn task(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let wanted = |purpose| arguments.only.is_empty() || arguments.only.contains(&purpose);
    let mut needs = Vec::new();
    if wanted(Purpose::Build) {
        needs.push(Need::Build);
    }
    if wanted(Purpose::Docker) {
        needs.extend([
            Need::Docker,
            Need::Witnesses,
            Need::Runtimes,
            Need::Daemons,
            Need::Attacks,
            Need::NameServer,
        ]);
    }
    if wanted(Purpose::Guests) {
        needs.extend(Kernel::ALL.map(Need::Guest));
    }
    if wanted(Purpose::Oracle) {
        needs.push(Need::Workload);
    }
    if wanted(Purpose::Bench) {
        needs.push(Need::Valgrind);
    }
    if wanted(Purpose::Fuzz) {
        needs.push(Need::CxxCompiler);
    }
    ensure(workspace, &needs)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes sure that all `needs` are met.
pub(crate) fn ensure(workspace: &Workspace, needs: &[Need]) -> Result<()> {
    let start = Instant::now();
    std::fs::create_dir_all(&workspace.target).context("creating the target directory")?;
    let _lock = lock(workspace)?;
    scratch::sweep(workspace)?;
    packages::ensure(needs)?;
    for need in needs {
        match need {
            Need::Build => {
                rust_src::ensure(workspace)?;
                bpf_linker::ensure(workspace)?;
            }
            Need::Witnesses => go_sources::ensure(workspace)?,
            Need::Docker
            | Need::Runtimes
            | Need::Daemons
            | Need::NameServer
            | Need::Workload
            | Need::HttpClient
            | Need::Init
            | Need::Attacks
            | Need::Valgrind
            | Need::CxxCompiler => {}
            Need::Guest(kernel) => guest_kernels::ensure(workspace, *kernel)?,
        }
    }
    eprintln!("==> set-up complete ({})", elapsed(start.elapsed()));
    Ok(())
}

/// Two set-ups at once would install everything twice; the lock ends with the returned file.
fn lock(workspace: &Workspace) -> Result<File> {
    let path = workspace.target.join(".xtask-setup.lock");
    let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    file.lock().with_context(|| format!("locking {}", path.display()))?;
    Ok(file)
}

pub(crate) use guest_kernels::directory as guest_directory;
pub(crate) use scratch::Scratch;
