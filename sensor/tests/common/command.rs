//! Commands and daemons of the tests.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Child, Command};

use anyhow::{Context, Result, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// How long a stopping daemon may take before it is killed.
const GRACE: Timespec = Timespec { tv_sec: 30, tv_nsec: 0 };
/// How much of a log is shown.
const LOG_LINES: usize = 20;

/// Tells what went wrong where nothing can be returned.
pub(crate) fn report(what: &str) {
    // There is nobody left to tell that this could not be told.
    drop(writeln!(std::io::stderr(), "{what}"));
}

/// Whether the process ended within `time`.
pub(crate) fn wait_for(child: &mut Child, time: Timespec) -> Result<bool> {
    if let Some(pid) = pid(child).filter(|_| matches!(child.try_wait(), Ok(None))) {
        let descriptor = pidfd_open(pid, PidfdFlags::empty())?;
        poll(&mut [PollFd::new(&descriptor, PollFlags::IN)], Some(&time))?;
    }
    Ok(child.try_wait()?.is_some())
}

pub(crate) fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let errors = output.stderr.escape_ascii();
    ensure!(output.status.success(), "{command:?}: {}: {errors}", output.status);
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// Unmounts what a daemon left mounted below its directory.
pub(crate) fn unmount_below(directory: &Path) -> Result<()> {
    let table = fs::read("/proc/self/mountinfo")?;
    let points = table.split(|&b| b == b'\n').filter_map(|line| line.split(|&b| b == b' ').nth(4));
    let mut below: Vec<&[u8]> =
        points.filter(|point| Path::new(OsStr::from_bytes(point)).starts_with(directory)).collect();
    below.sort_unstable();
    for point in below.iter().rev() {
        run(Command::new("umount").arg("--lazy").arg(OsStr::from_bytes(point)))?;
    }
    Ok(())
}

/// Ends a daemon. Once it was waited for, its pid may be another's.
pub(crate) fn stop(daemon: &mut Child) -> Result<()> {
    if daemon.try_wait()?.is_some() {
        return Ok(());
    }
    if let Some(pid) = pid(daemon) {
        kill_process(pid, Signal::TERM)?;
    }
    if !wait_for(daemon, GRACE)? {
        daemon.kill()?;
        daemon.wait()?;
    }
    Ok(())
}

/// The end of a log, for a failing test to show.
pub(crate) fn end_of(log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().rev().take(LOG_LINES).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
