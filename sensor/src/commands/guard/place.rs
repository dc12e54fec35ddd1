//! What `vigie guard install`, `uninstall`, `restore` and `learn` do.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{super::CommandError, standby::stand_by};
use crate::{
    cli::{
        Exit,
        guard_place::{GuardPlace, Install, InstalledMode, Learn, Restore, Uninstall},
    },
    guard::{
        learn::Lessons,
        place::{
            PlaceError, closed_directory,
            install::Installation,
            record::Record,
            restore::undo_all,
            uninstall::{STOP, sweep, uninstall},
            units::Service,
            way_round,
        },
    },
    sink::{Severity, print, status},
    sys::{
        host::runs_systemd,
        lockdown::pins::{self, PinsError},
        peer::PidFd,
    },
};

/// How long the engine's socket is waited for to be closed, once systemd says that it is.
const CLOSING: Duration = Duration::from_secs(10);

/// Why one of these commands failed.
#[derive(Debug, thiserror::Error)]
pub enum GuardPlaceError {
    /// The place could not be taken or given back.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// A log cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Log {
        /// The log.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not known where this program is.
    #[error("cannot tell where this program is: {0}; say --program")]
    Program(#[source] io::Error),
    /// systemd could not be asked.
    #[error("systemctl {what}: {source}")]
    Systemctl {
        /// What was asked.
        what: String,
        /// Why not.
        source: io::Error,
    },
    /// systemd did not do it.
    #[error("systemctl {what} failed")]
    Systemd {
        /// What was asked.
        what: String,
    },
    /// The units of another system cannot be restarted.
    #[error("--now is for this system, run by systemd, and without --root")]
    NotNow,
    /// A process cannot be waited for.
    #[error("cannot wait for process {pid}: {source}")]
    Wait {
        /// The process.
        pid: u32,
        /// Why not.
        source: io::Error,
    },
}

/// Runs a command to its end.
pub(in crate::commands) fn run(command: &GuardPlace) -> Result<Exit, CommandError> {
    let exit = match command {
        GuardPlace::Install(options) => install(options),
        GuardPlace::Uninstall(options) => remove(options),
        GuardPlace::Restore(options) => restore(options),
        GuardPlace::Standby(options) => stand_by(&options.socket).map_err(Into::into),
        GuardPlace::Learn(options) => learn(options),
    };
    Ok(exit?)
}

fn install(options: &Install) -> Result<Exit, GuardPlaceError> {
    let program = options.program.clone().map_or_else(std::env::current_exe, Ok);
    let mode = match options.mode {
        InstalledMode::Audit => "audit",
        InstalledMode::Enforce => "enforce",
    };
    let service = Service {
        program: program.map_err(GuardPlaceError::Program)?,
        mode: mode.to_owned(),
        rules: options.rules.clone(),
        audit_log: options.audit_log.clone(),
        owners: options.besides.owners,
        lock_down: options.besides.lock_down,
        fail: options.fail,
    };
    check_now(options.now, &options.root)?;
    let installation = Installation::plan(&options.root, &service)?;
    if options.dry_run {
        print(&installation.describe());
        return Ok(Exit::Done);
    }
    installation.make(&mut tell)?;
    in_force(options.now, installation.steps())?;
    Ok(Exit::Done)
}

fn remove(options: &Uninstall) -> Result<Exit, GuardPlaceError> {
    check_now(options.now, &options.root)?;
    let record = Record::read(&options.root)?;
    let is_gone = uninstall(&options.root, options.dry_run, &mut tell)?;
    if options.dry_run {
        return Ok(if is_gone { Exit::Done } else { Exit::Failed });
    }
    in_force(options.now, &STOP)?;
    if let Some(record) = record {
        // Where nothing was restarted, whoever listens will do so for long.
        let patience = if options.now { CLOSING } else { Duration::ZERO };
        sweep(&options.root, &record.engine, patience, &mut tell)?;
    }
    Ok(if is_gone { Exit::Done } else { Exit::Failed })
}

/// Every way is tried, whatever became of the others.
fn restore(options: &Restore) -> Result<Exit, GuardPlaceError> {
    if let Some(pid) = options.after {
        wait_for(pid)?;
    }
    let mut done = true;
    // First: it may keep this program, too, from asking who listens. Kernel programs are the running kernel's, not those of
    // a system that is mounted somewhere.
    if options.root == Path::new("/")
        && let Err(error) = unlock()
    {
        done = false;
        status(Severity::Error, &error.to_string());
    }
    for socket in &options.sockets {
        match undo_all(&closed_directory(socket), &mut tell) {
            Ok(0) => tell(&format!("no guard took {} at run time", socket.display())),
            Ok(_) => {}
            Err(error) => {
                done = false;
                status(Severity::Error, &error.to_string());
            }
        }
    }
    match way_round::open(&options.root, way_round::is_guards, &mut tell) {
        Ok(is_open) => done &= is_open,
        Err(error) => {
            done = false;
            status(Severity::Error, &error.to_string());
        }
    }
    Ok(if done { Exit::Done } else { Exit::Failed })
}

/// Ends a lock-down that stayed when its guard was killed.
fn unlock() -> Result<(), PinsError> {
    for (path, pid) in pins::all()? {
        let end = if PidFd::open(pid).is_ok_and(|guard| !guard.has_ended()) {
            format!("; process {pid}, if it is the guard still, ends it when it ends")
        } else {
            String::new()
        };
        tell(&format!("the lock-down {} is removed{end}", path.display()));
    }
    pins::remove_others()?;
    pins::sweep();
    Ok(())
}

/// A process that is not there has ended.
fn wait_for(pid: u32) -> Result<(), GuardPlaceError> {
    match PidFd::open(pid) {
        Ok(process) => process.wait().map_err(|source| GuardPlaceError::Wait { pid, source }),
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => Ok(()),
        Err(source) => Err(GuardPlaceError::Wait { pid, source }),
    }
}

fn learn(options: &Learn) -> Result<Exit, GuardPlaceError> {
    let mut lessons = Lessons::default();
    for path in &options.files {
        let read = if path.as_os_str() == "-" {
            lessons.read(io::stdin().lock())
        } else {
            File::open(path).and_then(|file| lessons.read(BufReader::new(file)))
        };
        read.map_err(|source| GuardPlaceError::Log { path: path.clone(), source })?;
    }
    print(&lessons.rules());
    Ok(Exit::Done)
}

fn check_now(now: bool, root: &Path) -> Result<(), GuardPlaceError> {
    if now && (root != Path::new("/") || !runs_systemd()) { Err(GuardPlaceError::NotNow) } else { Ok(()) }
}

/// Restarts units, or says how to.
fn in_force(now: bool, steps: &[&[&str]]) -> Result<(), GuardPlaceError> {
    if !now {
        let lines: Vec<_> = steps.iter().map(|step| format!("systemctl {}", step.join(" "))).collect();
        tell(&format!("to bring it into force: {}", lines.join(" && ")));
        return Ok(());
    }
    for step in steps {
        let what = step.join(" ");
        tell(&format!("systemctl {what}"));
        let ended = Command::new("systemctl").args(*step).status();
        let ended = ended.map_err(|source| GuardPlaceError::Systemctl { what: what.clone(), source })?;
        if !ended.success() {
            return Err(GuardPlaceError::Systemd { what });
        }
    }
    Ok(())
}

fn tell(line: &str) {
    status(Severity::Info, line);
}
