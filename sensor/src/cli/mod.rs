//! The command line.

mod exit;
mod falco;
mod guard;
pub mod guard_lock;
pub mod guard_place;
mod judging;
pub mod rules;
mod run_guard;
mod size;

use std::{path::PathBuf, time::Duration};

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind};

use crate::{
    engine::{OnRequest, Only},
    rules::EventTypes,
};
pub use exit::Exit;
use falco::Falco;
pub use guard::Guard;
pub use judging::{Choices, Judging, RuleMatching};
use rules::Rules;
pub use run_guard::RunGuard;
use size::ring_size;

/// A lookout for Linux hosts and containers: sees what processes do, in the kernel, and says who did it, in
/// which container, and by which policy that is remarkable.
#[derive(Debug, Parser)]
#[command(name = "vigie", version, disable_version_flag = true, after_help = EXAMPLES)]
#[command(arg_required_else_help = true, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    command: Option<Command>,
    /// The same as Falco says it.
    #[command(flatten)]
    falco: Falco,
    /// Print the version.
    #[arg(long, action = clap::ArgAction::Version)]
    version: Option<bool>,
}

impl Cli {
    /// What to do, whichever way it was said. An error is wrong usage.
    pub fn into_command(self) -> Result<Command, clap::Error> {
        match (self.command, self.falco.arguments()) {
            (Some(command), _) => Ok(command),
            (None, Some(arguments)) => Self::try_parse_from(arguments)?.into_command(),
            (None, None) => {
                Err(Self::command().error(ErrorKind::MissingSubcommand, "nothing to do is given"))
            }
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  vigie run                                    alerts on the terminal, default policies
  vigie run --output json --file /var/log/vigie.json
  vigie run --rules my_rules.yaml --duration 60s
  vigie events | jq 'select(.[\"evt.type\"] == \"execve\")'
  vigie doctor                                 what works on this host, and what does not
  vigie rules check my_rules.yaml
  vigie rules test my_rules.yaml my_rules.test.yaml
  vigie replay events.json --rules my_rules.yaml
  vigie guard --listen /run/vigie/docker.sock --upstream /run/docker.sock --mode audit

Exit codes:
  0  done                 1  failed while running    2  wrong usage
  3  rules are wrong      4  privileges are missing  5  this kernel cannot be used";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch and alert.
    Run(Run),
    /// Watch and print every event as one line of JSON.
    Events(Events),
    /// Judge recorded events, the lines that `vigie events` wrote.
    Replay(Replay),
    /// Say what works on this host, and what it costs where something does not.
    Doctor(Doctor),
    /// Stand before a container engine's socket, and pass on what the policy allows.
    Guard(Guard),
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
  vigie run --priority warning --disable-rule \"Shell *\" --disable-tag mitre_discovery
  vigie run --disable-rule '*' --enable-tag T1003.008 --rule-matching all
  vigie run --watch /etc --watch '/home/*/.ssh'     who changes these files, and how
  vigie run --guard-listen /run/vigie/docker.sock --guard-upstream /run/docker.sock
  vigie run --rules falco_rules.yaml --append-output \
    'container_id=%container.id container_name=%container.name image=%container.image.repository'

SIGHUP loads the rules anew; if they cannot be used, those in force stay, and what is wrong is told.
SIGUSR1 prints every counter; SIGINT and SIGTERM end the run with the same summary.")]
pub struct Run {
    /// What any judging takes.
    #[command(flatten)]
    pub judging: Judging,
    /// How to write alerts.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Alert on whatever is done to this file, or to this directory and all that is below it; `*`, `?` and `[...]` stand
    /// for a part of a name. May be given several times.
    #[arg(id = "watched", long = "watch", value_name = "PATH")]
    pub watched: Vec<PathBuf>,
    /// Alert on reads of what is watched, too.
    #[arg(long, requires = "watched")]
    pub watch_reads: bool,
    /// The guard of the engine's socket.
    #[command(flatten)]
    pub guard: RunGuard,
    /// Stop the data after this stage; for measuring what each stage costs.
    #[arg(long, value_enum, hide = true)]
    pub until: Option<Stage>,
    /// What any watching takes.
    #[command(flatten)]
    pub watch: Watch,
}

/// `vigie events`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  vigie events --duration 1h --file events.json
  vigie events --with vigie.trail,vigie.proc.exe_sha256

What --with adds is left out otherwise: environments may hold secrets, and the others take time. A value that is still
being looked up when its event is written is left out; the next event has it.")]
pub struct Events {
    /// Write these fields too, of those that are written on request only.
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    pub with: Vec<OnRequest>,
    /// Write only events of these types, or of these domains: process, file, network, credential, kernel, container. What
    /// processes and containers are known by is written in any case.
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    pub only: Vec<Only>,
    /// What any watching takes.
    #[command(flatten)]
    pub watch: Watch,
}

impl Events {
    /// The types that are written.
    pub fn types(&self) -> EventTypes {
        match &self.only[..] {
            [] => EventTypes::OBSERVED,
            only => only.iter().fold(EventTypes::NONE, |all, Only(types)| all.or(*types)),
        }
    }
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
    /// A socket at which containerd or CRI-O listens; may be repeated. By default the usual ones, also those of k3s.
    #[arg(long = "cri-socket", value_name = "PATH")]
    pub cri_sockets: Vec<PathBuf>,
    /// The directory of a podman storage of root's; may be repeated. By default the usual one. Users' own storages
    /// are found at their usual place.
    #[arg(long = "podman-storage", value_name = "DIR")]
    pub podman_storages: Vec<PathBuf>,
}

/// `vigie replay`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vigie events --duration 1h --file events.json
  vigie replay events.json --rules my_rules.yaml
  vigie replay --diff old_rules/ new_rules/ events.json
  vigie replay events.json --disable-rule '*' --enable-rule \"SSH *\" --rule-matching all

Exit codes: 0 done, with --diff no difference; 1 failed, with --diff a difference; 3 rules are wrong.")]
pub struct Replay {
    /// The recording; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What any judging takes.
    #[command(flatten)]
    pub judging: Judging,
    /// How to write alerts.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub output: Output,
    /// Say which alerts the rules NEW raise and the rules OLD do not, and the other way round.
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], conflicts_with_all = ["rules", "output"])]
    pub diff: Vec<PathBuf>,
}

/// `vigie doctor`.
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  vigie doctor
  vigie doctor --rules /etc/vigie/rules.d      what these rules switch on
  vigie doctor --priority warning

Every hook is tried, whatever the rules are; the lines `event ...` say what `vigie run` switches on with the same
options, and why.")]
pub struct Doctor {
    /// What any judging takes.
    #[command(flatten)]
    pub judging: Judging,
    /// How to obtain events.
    #[arg(long, value_enum, default_value_t = TierChoice::Auto)]
    pub tier: TierChoice,
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
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_and_sizes_are_read_as_people_write_them() {
        let cli =
            Cli::try_parse_from(["vigie", "events", "--duration", "90s", "--ring-size", "64K"]).unwrap();
        let Command::Events(Events { watch, with, only }) = cli.into_command().unwrap() else {
            panic!("not events")
        };
        assert!(with.is_empty());
        assert_eq!(only, []);
        assert_eq!(watch.duration, Some(Duration::from_secs(90)));
        assert_eq!(watch.ring_size, 65_536);
    }

    #[test]
    fn only_fields_on_request_are_requested() {
        let events = |with| Cli::try_parse_from(["vigie", "events", "--with", with]);
        let Command::Events(parsed) = events("proc.env,vigie.trail").unwrap().into_command().unwrap() else {
            panic!("not events")
        };
        assert_eq!(
            parsed.with.iter().map(|field| field.name()).collect::<Vec<_>>(),
            ["proc.env", "vigie.trail"]
        );
        assert!(events("proc.name").is_err());
    }

    fn command(arguments: &[&str]) -> Command {
        Cli::try_parse_from(arguments).unwrap().into_command().unwrap()
    }

    #[test]
    fn flags_of_falco_are_short_for_subcommands() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        let Command::Run(run) = command(&["vigie", "-r", "a", "-r-b"]) else { panic!("not run") };
        assert_eq!((run.judging.rules, run.watch.ring_size), (paths(&["a", "-b"]), 8 << 20));
        let Command::Rules(Rules::Check(check)) = command(&["vigie", "-V", "a", "-V", "b"]) else {
            panic!("not check")
        };
        assert_eq!(check.paths, paths(&["a", "b"]));
        let Command::Rules(Rules::List(list)) = command(&["vigie", "-L", "-r", "a"]) else {
            panic!("not list")
        };
        assert_eq!(list.paths, paths(&["a"]));
        let Command::Rules(Rules::Show(show)) = command(&["vigie", "-l", "A rule", "-r", "a"]) else {
            panic!("not show")
        };
        assert_eq!((&*show.rule, show.paths), ("A rule", paths(&["a"])));
    }

    #[test]
    fn flags_of_falco_do_not_mix_with_subcommands() {
        assert!(Cli::try_parse_from(["vigie", "-r", "a", "doctor"]).is_err());
        assert!(Cli::try_parse_from(["vigie", "-V", "a", "-L"]).is_err());
        assert!(Cli::try_parse_from(["vigie"]).is_err());
    }
}
