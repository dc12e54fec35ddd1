//! Child processes: start, watch line by line, and report a failure with the command that failed.

use std::io::{BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::interrupt;

/// A started child, in a process group of its own that is ended with this value at the latest.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    leader: Option<Pid>,
}

impl Running {
    /// Starts `command`. It has no input, because a background process group must not read the terminal.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start `{}`; is it installed?", line(command)))?;
        let leader = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if let Some(leader) = leader {
            interrupt::remember_group(leader);
        }
        Ok(Self { child, leader })
    }

    /// The child's standard output, once, if it was piped.
    pub(crate) fn take_output(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> Result<ExitStatus> {
        let status = self.child.wait().context("waiting for a child process")?;
        self.forget();
        Ok(status)
    }

    /// Asks the child to end, and waits until it has; anything but success is an error.
    pub(crate) fn end(self) -> Result<()> {
        if let Some(leader) = self.leader {
            // Already gone is what we want.
            kill_process(leader, Signal::TERM).ok();
        }
        let status = self.wait()?;
        ensure!(status.success(), "a daemon ended with {status}");
        Ok(())
    }

    /// Ends the whole group now; waiting for it is still the caller's.
    pub(crate) fn kill(&self) {
        if let Some(leader) = self.leader {
            // Already gone is what we want.
            kill_process_group(leader, Signal::KILL).ok();
        }
    }

    fn forget(&mut self) {
        if let Some(leader) = self.leader.take() {
            interrupt::forget_group(leader);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.leader.is_some() {
            self.kill();
            drop(self.child.wait());
            self.forget();
        }
    }
}

/// Runs `command` with our own output streams; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = Running::start(command)?.wait()?;
    ensure!(status.success(), "`{}` ended with {status}", line(command));
    Ok(())
}

/// Runs `command` and returns its standard output; anything but success is an error.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let mut running = Running::start(command.stdout(Stdio::piped()))?;
    let mut text = String::new();
    if let Some(mut output) = running.take_output() {
        output.read_to_string(&mut text).with_context(|| format!("reading from `{}`", line(command)))?;
    }
    let status = running.wait()?;
    ensure!(status.success(), "`{}` ended with {status}", line(command));
    Ok(text)
}

/// Runs `command`, hands each line of its standard output to `on_line` (without the line's end), and returns how it
/// ended.
pub(crate) fn watch(
    command: &mut Command,
    mut on_line: impl FnMut(&[u8]) -> Result<()>,
) -> Result<ExitStatus> {
    let mut running = Running::start(command.stdout(Stdio::piped()))?;
    let Some(output) = running.take_output() else { bail!("`{}` has no output stream", line(command)) };
    each_line(BufReader::new(output), |text| on_line(text))?;
    running.wait()
}

/// Hands each line of `input` to `on_line`, without its end (`\n` or `\r\n`).
pub(crate) fn each_line(
    mut input: impl std::io::BufRead,
    mut on_line: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let mut text = Vec::new();
    loop {
        text.clear();
        if input.read_until(b'\n', &mut text).context("reading a child's output")? == 0 {
            return Ok(());
        }
        let line = text.strip_suffix(b"\n").unwrap_or(&text);
        on_line(line.strip_suffix(b"\r").unwrap_or(line))?;
    }
}

/// The command as one would type it, for messages.
pub(crate) fn line(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_their_ends_and_nothing_else() {
        let mut lines = Vec::new();
        let input: &[u8] = b"one\r\n\n\xff two \nlast";
        each_line(input, |line| {
            lines.push(line.to_vec());
            Ok(())
        })
        .unwrap();
        assert_eq!(lines, [b"one".to_vec(), b"".to_vec(), b"\xff two ".to_vec(), b"last".to_vec()]);
    }

    #[test]
    fn a_failure_names_the_command() {
        let error = run(Command::new("false").arg("--why")).unwrap_err();
        assert!(error.to_string().starts_with("`false --why` ended with exit status: 1"), "{error}");
    }

    #[test]
    fn a_missing_program_is_said() {
        let error = capture(&mut Command::new("/nonexistent/program")).unwrap_err();
        assert!(format!("{error:#}").contains("is it installed"), "{error:#}");
    }
}
