//! The guard's command line.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::{
    Judging, Output,
    guard_lock::LockDown,
    guard_place::{Fail, GuardPlace},
    size::bytes,
};
use crate::guard::Mode;

/// Most bytes of a JSON body, and most connections at a time, unless it is said.
pub(super) const MAX_BODY: usize = 8 << 20;
pub(super) const MAX_CONNECTIONS: usize = 4096;

/// `vigie guard`.
#[derive(Clone, Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Examples:
  vigie guard --listen /run/vigie/docker.sock --upstream /run/docker.sock --mode audit
      then: DOCKER_HOST=unix:///run/vigie/docker.sock docker ps
  vigie guard --take /run/docker.sock --mode audit --audit-log /var/log/vigie-guard.json
  vigie guard --take /run/docker.sock --fail open   if it dies, the engine is reached directly
  vigie guard --listen /run/vigie/ci.sock --upstream /run/docker.sock --group ci --rules /etc/vigie/guard.d
  vigie guard --take /run/docker.sock --lock-down --allow /usr/local/bin/node-agent
  vigie guard learn /var/log/vigie-guard.json
  vigie guard install --dry-run                   for good, where systemd runs the engine
  vigie guard restore                             the way out when Docker cannot be reached

What a rule with `action: deny` matches is denied; `vigie rules list` shows them all. Begin with `--mode audit`: what
would be denied is told, and passed on. SIGHUP loads the rules anew; if they cannot be used, those in force stay. SIGINT
and SIGTERM end it: nothing new is taken, and what is running has ten seconds to end."
)]
#[command(group = ArgGroup::new("closes").args(["take", "lock_down"]).multiple(true))]
pub struct Guard {
    /// What else to do.
    #[command(subcommand)]
    pub place: Option<GuardPlace>,
    /// The socket that clients connect to; it is made, and removed at the end. `fd://` is the one that systemd passes.
    #[arg(long, value_name = "PATH", required_unless_present = "take", requires = "upstream")]
    pub listen: Option<PathBuf>,
    /// The engine's own socket.
    #[arg(long, value_name = "PATH", requires = "listen")]
    pub upstream: Option<PathBuf>,
    /// Take the place of the engine's socket while the guard runs; the engine need not be started anew.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["listen", "upstream", "group"])]
    pub take: Option<PathBuf>,
    /// What happens if the guard is killed: nobody reaches the engine until `vigie guard restore`, or everybody does at
    /// once. If it is not said, a place that was taken stays closed, and a lock-down ends.
    #[arg(long, value_enum, requires = "closes")]
    pub fail: Option<Fail>,
    /// What becomes of what is denied.
    #[arg(long, value_enum, default_value_t = Mode::Enforce)]
    pub mode: Mode,
    /// What any judging takes.
    #[command(flatten)]
    pub judging: Judging,
    /// How to write alerts.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Append alerts to this file instead of standard output.
    #[arg(long, value_name = "PATH")]
    pub file: Option<PathBuf>,
    /// Append one line of JSON for every verdict to this file; `vigie guard learn` reads it.
    #[arg(long, value_name = "PATH")]
    pub audit_log: Option<PathBuf>,
    /// Write into a label of each new container who had it made (`vigie.owner`), whatever the client wrote there, for rules
    /// about `docker.target.owner` and `docker.target.is_own`.
    #[arg(long)]
    pub owners: bool,
    /// Longest JSON body; a longer one is answered with 413. K and M are understood.
    #[arg(long, value_name = "SIZE", default_value = "8M", value_parser = bytes)]
    pub max_body: usize,
    /// Most connections at a time; a further one is answered with 503.
    #[arg(long, value_name = "N", default_value_t = MAX_CONNECTIONS, value_parser = at_least_one)]
    pub max_connections: usize,
    /// Most connections at a time of one user, root included; a further one is answered with 503. By default a quarter
    /// of all.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub max_connections_per_user: Option<usize>,
    /// The group that may connect, by name or number. By default that of the engine's own socket.
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// Whether nobody else reaches the engine.
    #[command(flatten)]
    pub lock: LockDown,
}

impl Guard {
    /// Most connections of one user.
    pub fn per_user(&self) -> usize {
        self.max_connections_per_user.unwrap_or_else(|| (self.max_connections / 4).max(1))
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least one connection is needed".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::{Cli, Command, guard_place::Fail};
    use crate::guard::Mode;

    fn guard(more: &[&str]) -> Result<super::Guard, String> {
        let arguments = ["vigie", "guard", "--listen", "/a", "--upstream", "/b"];
        let cli = Cli::try_parse_from(arguments.iter().chain(more)).map_err(|error| error.to_string())?;
        match cli.into_command() {
            Ok(Command::Guard(guard)) => Ok(guard),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn a_guard_enforces_unless_it_is_told_otherwise() {
        let plain = guard(&[]).unwrap();
        assert_eq!(
            (plain.mode, plain.max_body, plain.max_connections),
            (Mode::Enforce, super::MAX_BODY, super::MAX_CONNECTIONS)
        );
        let told = guard(&["--mode", "audit", "--max-body", "64K", "--max-connections", "7"]).unwrap();
        assert_eq!((told.mode, told.max_body, told.max_connections), (Mode::Audit, 65_536, 7));
        assert_eq!((plain.per_user(), told.per_user()), (1024, 1));
        assert_eq!(guard(&["--max-connections-per-user", "5000"]).unwrap().per_user(), 5000);
        assert!(guard(&["--max-connections", "0"]).unwrap_err().contains("at least one"));
        assert!(guard(&["--take", "/c"]).is_err(), "either a place of its own, or the engine's");
        assert!(guard(&["--max-body", "x"]).is_err() && guard(&["--mode", "deny"]).is_err());
    }

    #[test]
    fn the_engines_place_is_taken_or_given_back() {
        let parse = |arguments: &[&str]| {
            let all = [&["vigie", "guard"], arguments].concat();
            let cli = Cli::try_parse_from(all).map_err(|error| error.to_string())?;
            match cli.into_command() {
                Ok(Command::Guard(guard)) => Ok(guard),
                other => Err(format!("{other:?}")),
            }
        };
        assert_eq!(
            parse(&["--take", "/run/docker.sock"]).unwrap().take.unwrap().to_str(),
            Some("/run/docker.sock")
        );
        assert!(parse(&["restore"]).unwrap().place.is_some());
        assert!(parse(&[]).is_err() && parse(&["--listen", "/a"]).is_err());
        assert!(parse(&["--take", "/a", "restore"]).is_err());
        let fail = |options: &[&str]| parse(options).map(|guard| guard.fail);
        assert_eq!(fail(&["--take", "/a"]), Ok(None));
        assert_eq!(fail(&["--take", "/a", "--fail", "open"]), Ok(Some(Fail::Open)));
        assert!(fail(&["--listen", "/a", "--upstream", "/b", "--fail", "open"]).is_err());
    }
}
