//! The lock-down on the command line.

use std::path::PathBuf;

use clap::Args;

/// `vigie guard --lock-down`.
#[derive(Clone, Debug, Default, Args)]
pub struct LockDown {
    /// Have the kernel refuse everybody else the engine's own socket, and those of containerd and podman, whatever name or
    /// mount leads there. In mode audit, and where the kernel cannot refuse, they are only told of.
    #[arg(long)]
    pub lock_down: bool,
    /// Protect this socket as well; may be given several times.
    #[arg(long, value_name = "PATH", requires = "lock_down")]
    pub protect: Vec<PathBuf>,
    /// Let this program reach all of these sockets; may be given several times. Programs that work with containerd reach
    /// its socket anyway.
    #[arg(long, value_name = "PROGRAM", requires = "lock_down")]
    pub allow: Vec<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::Cli;

    #[test]
    fn what_belongs_to_the_lock_down_needs_it() {
        let parse = |more: &[&str]| {
            let all = ["vigie", "guard", "--take", "/run/docker.sock"];
            Cli::try_parse_from(all.iter().chain(more)).map(Cli::into_command)
        };
        let guard = |more: &[&str]| match parse(more).unwrap() {
            Ok(crate::cli::Command::Guard(guard)) => guard.lock,
            other => panic!("{other:?}"),
        };
        assert!(!guard(&[]).lock_down);
        let lock = guard(&["--lock-down", "--protect", "/a", "--protect", "/b", "--allow", "/c"]);
        assert!(lock.lock_down && lock.protect.len() == 2 && lock.allow.len() == 1);
        for alone in [["--protect", "/a"], ["--allow", "/a"]] {
            assert!(parse(&alone).is_err(), "{alone:?}");
        }
    }
}
