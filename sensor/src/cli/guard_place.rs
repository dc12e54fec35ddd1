//! `vigie guard install`, `uninstall`, `restore` and `learn` on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

pub use crate::guard::place::units::Fail;

/// What `vigie guard` does besides guarding.
#[derive(Clone, Debug, Subcommand)]
pub enum GuardPlace {
    /// Put the guard in front of an engine that systemd runs, for good.
    Install(Install),
    /// Remove what `install` made.
    Uninstall(Uninstall),
    /// Give the engine's socket its name back, and end a lock-down, whatever state a guard left them in.
    Restore(Restore),
    /// Stand by a guard with `--fail open`, and restore if it dies.
    #[command(hide = true)]
    Standby(Standby),
    /// Propose rules that allow what an audit log says was denied.
    Learn(Learn),
}

/// How the guard acts on verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InstalledMode {
    /// What would be denied is told, and passed on.
    Audit,
    /// What is denied does not reach the engine.
    Enforce,
}

/// What an installed guard may do besides guarding.
#[derive(Clone, Copy, Debug, Args)]
pub struct Besides {
    /// Write into a label of each new container who had it made.
    #[arg(long)]
    pub owners: bool,
    /// Have the kernel refuse everybody else the engine's own socket, and those of containerd and podman.
    #[arg(long)]
    pub lock_down: bool,
}

/// `vigie guard install`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  vigie guard install --dry-run
  vigie guard install --audit-log /var/log/vigie-guard.json --now
                                                  audit first; containers stop unless live-restore is on
  vigie guard install --mode enforce --fail open --now
  vigie guard install --mode enforce --lock-down --now

The engine's socket moves to a closed directory below /run; the guard gets its name. Containers that had the old socket
mounted have to be made anew. Where the guard is installed already it gets the settings that are given now; with --now only
the guard is started anew then.")]
pub struct Install {
    /// Where the system to install into is mounted.
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub root: PathBuf,
    /// How the guard acts on verdicts.
    #[arg(long, value_enum, default_value_t = InstalledMode::Audit)]
    pub mode: InstalledMode,
    /// What happens while the guard does not run: the engine is reached directly, or not at all.
    #[arg(long, value_enum, default_value_t = Fail::Closed)]
    pub fail: Fail,
    /// Rules for the guard; may be given several times.
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Where the guard appends one line of JSON for every verdict; `vigie guard learn` reads it.
    #[arg(long, value_name = "PATH")]
    pub audit_log: Option<PathBuf>,
    /// What the guard does besides.
    #[command(flatten)]
    pub besides: Besides,
    /// This program, as the installed system has it. By default where it is now.
    #[arg(long, value_name = "PATH")]
    pub program: Option<PathBuf>,
    /// Restart the engine's units, so that it is in force.
    #[arg(long, conflicts_with = "dry_run")]
    pub now: bool,
    /// Only say what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

/// `vigie guard uninstall`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  vigie guard uninstall --now

Exit codes: 0 if all is gone, 1 if something was changed since it was made and stays.")]
pub struct Uninstall {
    /// Where the system is mounted.
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub root: PathBuf,
    /// Restart the engine's units, so that it is in force.
    #[arg(long, conflicts_with = "dry_run")]
    pub now: bool,
    /// Only say what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

/// `vigie guard restore`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  vigie guard restore                             the way out when Docker cannot be reached
  vigie guard restore --socket /srv/docker.sock   for a guard that took another socket than /run/docker.sock

May be done at any time and again. An installed guard takes the socket again when it is started.")]
pub struct Restore {
    /// A socket that a guard took at run time; may be given several times.
    #[arg(long = "socket", value_name = "PATH", default_value = "/run/docker.sock")]
    pub sockets: Vec<PathBuf>,
    /// Where the system with an installed guard is mounted.
    #[arg(long, value_name = "DIR", default_value = "/")]
    pub root: PathBuf,
    /// Wait until this process has ended, and restore then.
    #[arg(long, value_name = "PID")]
    pub after: Option<u32>,
}

/// `vigie guard standby`: standard input is a pipe from the guard.
#[derive(Clone, Debug, Args)]
pub struct Standby {
    /// The socket whose place the guard takes.
    #[arg(value_name = "PATH")]
    pub socket: PathBuf,
}

/// `vigie guard learn`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  vigie guard learn /var/log/vigie-guard.json > learnt.yaml
  vigie rules check learnt.yaml

Requests are put together by the caller's executable and image, the operation, and the ways to the host that it opens.")]
pub struct Learn {
    /// Audit logs of the guard; `-` for standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}
