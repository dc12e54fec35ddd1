//! What the subcommands do, and how they end.

mod guard;
mod judging;
mod replay;
mod rules;

use std::sync::Arc;

use crate::{
    cli::{Command, Doctor, Exit, Run, Watch},
    doctor,
    engine::{Engine, Purpose, StartError, load_options},
    replay::ReplayError,
    rules::{LoadError as LoadRulesError, cases::problem::CaseProblem},
    sink::{Severity, print, status},
    sys::bpf::{LoadError, MIN_RING, Programs},
    watch::Target,
};
pub use guard::GuardPlaceError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The rules cannot be used; the text says where and why, line by line.
    #[error("the rules cannot be used:\n{0}")]
    Rules(#[from] LoadRulesError),
    /// The rule that was named does not exist.
    #[error(transparent)]
    Rule(#[from] CaseProblem),
    /// The recording could not be judged to its end.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The guard did not start.
    #[error(transparent)]
    Guard(#[from] guard::GuardError),
    /// The guard's place could not be taken, given back, or learnt from.
    #[error(transparent)]
    GuardPlace(#[from] GuardPlaceError),
    /// The default policies could not be written.
    #[error(transparent)]
    Export(#[from] rules::ExportError),
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
            Self::Rule(_)
            | Self::Replay(_)
            | Self::Guard(_)
            | Self::GuardPlace(_)
            | Self::Export(_)
            | Self::Start(
                StartError::Output(_)
                | StartError::Field(_)
                | StartError::Resolver(_)
                | StartError::Integrity(_)
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
        Command::Events(options) => {
            watch(&options.watch, Purpose::Events(options.with.clone(), options.types()))
        }
        Command::Doctor(options) => examine(options),
        Command::Replay(options) => replay::run(options),
        Command::Guard(options) => guard::run(options),
        Command::Rules(command) => rules::run(command),
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
    let rules = judging::load(&options.judging)?;
    let target = |path| Target::new(path, options.watch_reads).map_err(StartError::Integrity);
    let targets = options.watched.iter().map(|path| target(path)).collect::<Result<Vec<_>, _>>()?;
    for target in targets.iter().filter(|target| target.is_absent()) {
        let path = target.root().escape_ascii();
        status(Severity::Warning, &format!("{path} does not exist; it is watched once it is made"));
    }
    let guard = options.guard().map(|guard| (guard, rules.clone()));
    let purpose = Purpose::Alerts(Box::new(rules), options.output, targets);
    let judging = options.judging.clone();
    let engine = Engine::start(&options.watch, purpose, options.until)?;
    let Some((guard, rules)) = guard else {
        engine.with_reload(Arc::new(move || judging::load(&judging))).run()?;
        return Ok(Exit::Done);
    };
    let section = guard::Section::start(&guard, rules, engine.inlet())?;
    let replace = section.replacer();
    // Rules that cannot be used are neither's.
    let loader = move || judging::load(&judging).inspect(|rules| replace(rules.clone()));
    engine.with_reload(Arc::new(loader)).with_guard(Box::new(section)).run()?;
    Ok(Exit::Done)
}

fn examine(options: &Doctor) -> Result<Exit, CommandError> {
    let rules = judging::load(&options.judging)?;
    let report = doctor::examine(&rules, || {
        let mut programs = Programs::load(&load_options(MIN_RING, options.tier, false))?;
        programs.switch(|_, _| true)?;
        Ok(programs)
    });
    print(&report.text);
    Ok(report.exit)
}
