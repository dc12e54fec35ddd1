//! The guard of the engine's socket as a part of `vigie run`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::{Guard, Run, guard::MAX_BODY, guard::MAX_CONNECTIONS, guard_lock::LockDown, guard_place::Fail};
use crate::guard::Mode;

/// Its options; those that are missing are as `vigie guard` has them.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Guard")]
#[command(group = ArgGroup::new("guards").args(["guard_listen", "guard_take"]))]
#[command(group = ArgGroup::new("guard_closes").args(["guard_take", "guard_lock_down"]).multiple(true))]
pub struct RunGuard {
    /// Guard the Docker Engine's socket too, by the rules with `source: docker`: clients connect to this socket, which is
    /// made. The options of `vigie guard`, with `guard-` before them.
    #[arg(long, value_name = "PATH", requires = "guard_upstream")]
    pub guard_listen: Option<PathBuf>,
    /// The engine's own socket.
    #[arg(long, value_name = "PATH", requires = "guard_listen")]
    pub guard_upstream: Option<PathBuf>,
    /// Take the place of the engine's socket while this runs.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["guard_listen", "guard_upstream"])]
    pub guard_take: Option<PathBuf>,
    /// What happens if this is killed.
    #[arg(long, value_enum, requires = "guard_closes")]
    pub guard_fail: Option<Fail>,
    /// Have the kernel refuse everybody else the engine's own socket.
    #[arg(long, requires = "guards")]
    pub guard_lock_down: bool,
    /// What becomes of what is denied.
    #[arg(long, value_enum, default_value_t = Mode::Enforce)]
    pub guard_mode: Mode,
    /// Write into a label of each new container who had it made.
    #[arg(long, requires = "guards")]
    pub guard_owners: bool,
    /// Append one line of JSON for every verdict to this file.
    #[arg(long, value_name = "PATH")]
    pub guard_audit_log: Option<PathBuf>,
}

impl Run {
    /// The guard that was asked for: its alerts are written like all others.
    pub fn guard(&self) -> Option<Guard> {
        let options = self.guard.clone();
        let is_wanted = options.guard_listen.is_some() || options.guard_take.is_some();
        is_wanted.then(|| Guard {
            place: None,
            listen: options.guard_listen,
            upstream: options.guard_upstream,
            take: options.guard_take,
            fail: options.guard_fail,
            mode: options.guard_mode,
            judging: self.judging.clone(),
            output: self.output,
            file: None,
            audit_log: options.guard_audit_log,
            owners: options.guard_owners,
            max_body: MAX_BODY,
            max_connections: MAX_CONNECTIONS,
            max_connections_per_user: None,
            group: None,
            lock: LockDown { lock_down: options.guard_lock_down, ..LockDown::default() },
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::{Cli, Command, Guard};

    fn guard(options: &[&str]) -> Result<Option<Guard>, String> {
        let all = [&["vigie", "run"], options].concat();
        match Cli::try_parse_from(all).map_err(|error| error.to_string())?.into_command() {
            Ok(Command::Run(run)) => Ok(run.guard()),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn a_run_guards_if_it_is_told_where() {
        assert!(guard(&[]).unwrap().is_none());
        let taking = guard(&["--guard-take", "/a", "--output", "json"]).unwrap().unwrap();
        assert_eq!((taking.take.unwrap().to_str(), taking.max_connections), (Some("/a"), 4096));
        assert!(guard(&["--guard-listen", "/a", "--guard-upstream", "/b"]).unwrap().is_some());
        assert!(guard(&["--guard-listen", "/a"]).is_err());
        assert!(guard(&["--guard-take", "/a", "--guard-listen", "/b", "--guard-upstream", "/c"]).is_err());
    }
}
