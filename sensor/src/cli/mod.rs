//! The command line.

mod exit;
mod size;

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use exit::Exit;
use size::ring_size;

/// A lookout for Linux hosts and containers: sees what processes do, in the kernel, and says who did it, in
/// which container, and by which policy that is remarkable.
#[derive(Debug, Parser)]
#[command(name = "vigie", version, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  vigie run                                    alerts on the terminal, default policies
  vigie run --output json --file /var/log/vigie.json
  vigie run --rules my_rules.yaml --duration 60s
  vigie events | jq 'select(.[\"evt.type\"] == \"execve\")'
  vigie doctor                                 what works on this host, and what does not
  vigie rules check my_rules.yaml

Exit codes:
  0  done                 1  failed while running    2  wrong usage
  3  rules are wrong      4  privileges are missing  5  this kernel cannot be used";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch and alert.
    Run(Run),
    /// Watch and print every event as one line of JSON.
    Events(Watch),
    /// Say what works on this host, and what it costs where something does not.
    Doctor(Doctor),
    /// Work with rules.
    #[command(subcommand)]
    Rules(Rules),
}

/// `vigie run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vigie run --duration 60s
  vigie run --rules /etc/vigie/rules.d --output json --file /var/log/vigie.json

SIGUSR1 prints every counter; SIGINT and SIGTERM end the run with the same summary.")]
pub struct Run {
    /// A rule file, or a directory of them; may be given several times. Replaces the default policies.
    #[arg(long, short, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// How to write alerts.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Stop the data after this stage; for measuring what each stage costs.
    #[arg(long, value_enum, hide = true)]
    pub until: Option<Stage>,
    /// What any watching takes.
    #[command(flatten)]
    pub watch: Watch,
}

/// Options of every command that watches.
#[derive(Clone, Debug, Args)]
pub struct Watch {
    /// Append to this file instead of standard output.
    #[arg(long, value_name = "PATH")]
    pub file: Option<PathBuf>,
    /// Stop after this time, such as 90s, 10m or 1h.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub duration: Option<Duration>,
    /// Bytes of each ring between the kernel and the engine; a power of two, at least 4096. K and M are understood.
    #[arg(long, value_name = "BYTES", default_value = "8M", value_parser = ring_size)]
    pub ring_size: u32,
    /// How to obtain events.
    #[arg(long, value_enum, default_value_t = TierChoice::Auto)]
    pub tier: TierChoice,
    /// The Docker Engine's socket. `DOCKER_HOST=unix://...` is honoured too.
    #[arg(long, value_name = "PATH")]
    pub docker_socket: Option<PathBuf>,
}

/// `vigie doctor`.
#[derive(Clone, Copy, Debug, Args)]
pub struct Doctor {
    /// How to obtain events.
    #[arg(long, value_enum, default_value_t = TierChoice::Auto)]
    pub tier: TierChoice,
}

/// `vigie rules`.
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// Read rule files and say what is wrong with them.
    #[command(after_help = "Example:\n  vigie rules check policies/ my_rules.yaml")]
    Check {
        /// Rule files, or directories of them.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
    /// Run the tests of rules: files that end in `.test.yaml`.
    #[command(after_help = "\
Examples:
  vigie rules test policies/
  vigie rules test my_rules.yaml my_rules.test.yaml

Exit codes: 0 if all tests passed, 1 if one failed, 3 if rules or tests are wrong.")]
    Test(Test),
    /// List the fields that rules may use; those that no event feeds are marked.
    #[command(after_help = "Example:\n  vigie rules fields proc.")]
    Fields {
        /// Only fields whose names start so.
        prefix: Option<String>,
    },
}

/// `vigie rules test`.
#[derive(Debug, Args)]
pub struct Test {
    /// Files of rules and of tests, or directories of both. Without any: the default policies and their tests.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Name every test, not only those that fail.
    #[arg(long, short)]
    pub verbose: bool,
}

/// How to write alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// One escaped line for people.
    Text,
    /// One line of JSON in Falco's shape.
    Json,
}

/// How to obtain events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TierChoice {
    /// The best that this kernel allows.
    Auto,
    /// Tracepoints only.
    Tracepoint,
}

/// A stage after which the data stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Stage {
    /// Records are taken from the rings and dropped.
    Ring,
    /// Records become events.
    Decode,
    /// The process table is kept.
    Process,
    /// Rules are judged, and nothing is written.
    Rules,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_and_sizes_are_read_as_people_write_them() {
        let cli =
            Cli::try_parse_from(["vigie", "events", "--duration", "90s", "--ring-size", "64K"]).unwrap();
        let Command::Events(watch) = cli.command else { panic!("not events") };
        assert_eq!(watch.duration, Some(Duration::from_secs(90)));
        assert_eq!(watch.ring_size, 65_536);
    }
}
