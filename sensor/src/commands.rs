//! What the subcommands do, and how they end.

mod tests_of_rules;

use std::path::PathBuf;

use crate::{
    cli::{Command, Doctor, Exit, Rules, Run, Watch},
    doctor,
    engine::{Engine, Purpose, StartError, load_options},
    rules::{self, LoadError as LoadRulesError, RuleSet, policies},
    sink::{Severity, print, status},
    sys::bpf::{LoadError, MIN_RING, Programs},
};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The rules cannot be used; the text says where and why, line by line.
    #[error("the rules cannot be used:\n{0}")]
    Rules(#[from] LoadRulesError),
    /// The engine did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The engine stopped.
    #[error(transparent)]
    Run(#[from] LoadError),
}

impl CommandError {
    /// The documented exit code.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Rules(_) => Exit::Rules,
            Self::Start(StartError::Privileges(_)) => Exit::Privileges,
            Self::Start(StartError::Load(error)) | Self::Run(error) => match error {
                LoadError::NoBtf(_) | LoadError::Btf(_) | LoadError::NoHooks(_) => Exit::Kernel,
                LoadError::Object(_) => Exit::Privileges,
                LoadError::RingSize(_)
                | LoadError::NoMap(_)
                | LoadError::Map { name: _, source: _ }
                | LoadError::Wait { call: _, source: _ } => Exit::Failed,
            },
            Self::Start(
                StartError::Output(_)
                | StartError::Field(_)
                | StartError::Resolver(_)
                | StartError::Signals(_)
                | StartError::Processes(_),
            ) => Exit::Failed,
        }
    }
}

/// Runs a command to its end.
pub fn run(command: &Command) -> Exit {
    let result = match command {
        Command::Run(options) => watch_rules(options),
        Command::Events(options) => watch(options, Purpose::Events),
        Command::Doctor(options) => Ok(examine(*options)),
        Command::Rules(Rules::Check { paths }) => Ok(check(paths)),
        Command::Rules(Rules::Test(options)) => tests_of_rules::run(options),
        Command::Rules(Rules::Fields { prefix }) => Ok(fields(prefix.as_deref())),
    };
    result.unwrap_or_else(|error| {
        status(Severity::Error, &error.to_string());
        error.exit()
    })
}

fn watch(options: &Watch, purpose: Purpose) -> Result<Exit, CommandError> {
    Engine::start(options, purpose, None)?.run()?;
    Ok(Exit::Done)
}

fn watch_rules(options: &Run) -> Result<Exit, CommandError> {
    let rules = load_rules(options)?;
    let purpose = Purpose::Alerts(Box::new(rules), options.output);
    Engine::start(&options.watch, purpose, options.until)?.run()?;
    Ok(Exit::Done)
}

fn examine(options: Doctor) -> Exit {
    let report = doctor::examine(|| Programs::load(&load_options(MIN_RING, options.tier)));
    print(&report.text);
    report.exit
}

fn check(paths: &[PathBuf]) -> Exit {
    let report = rules::check::check(paths);
    print(&report.text);
    if report.passed { Exit::Done } else { Exit::Rules }
}

fn fields(prefix: Option<&str>) -> Exit {
    print(&rules::field::table(prefix));
    Exit::Done
}

/// The rules given, or else the default policies. What is merely doubtful is told.
fn load_rules(options: &Run) -> Result<RuleSet, CommandError> {
    let (rules, warnings) = if options.rules.is_empty() {
        RuleSet::load(policies::DEFAULT)?
    } else {
        rules::check::load(&options.rules)?
    };
    for warning in warnings {
        status(Severity::Warning, &warning.to_string());
    }
    Ok(rules)
}
