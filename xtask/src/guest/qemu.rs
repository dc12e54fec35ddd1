//! Running the emulator: its command line, its console, its bounds.

use std::collections::VecDeque;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::Clock;
use crate::process::{Running, each_line};

/// Far more than any job takes, so that a hanging guest ends the run with an error instead of never.
const BOUND: Duration = Duration::from_mins(30);

/// How much of the console an error quotes.
const TAIL_LINES: usize = 40;

/// One thread for all processors: with one for each, a processor may run code that another has just replaced, and a
/// kernel that patches its own, as it does whenever a tracepoint is switched, panics on a breakpoint nobody set.
const ACCELERATOR: &str = "tcg,thread=single";

/// Without `cx16`: QEMU 7.2's emulation of it on several processors lets an interrupt find wrong flags, and kernels that
/// use it (6.12) panic now and then.
///
/// A named processor, not `max`, whose newest features some kernels crash on under emulation; less what emulation
/// lacks anyway, so that every QEMU gives the same machine and no warnings.
const PROCESSOR: &str =
    "Skylake-Client-v1,-cx16,-pcid,-x2apic,-tsc-deadline,-hle,-invpcid,-rtm,-rdseed,-3dnowprefetch,-xsavec";

/// A machine to run once.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) kernel: PathBuf,
    pub(super) initramfs: PathBuf,
    /// The file behind the second serial port.
    pub(super) result: PathBuf,
    pub(super) cmdline: String,
    pub(super) clock: Clock,
    /// Mebibytes.
    pub(super) memory: u64,
}

impl Machine {
    /// Runs it to its end and returns the exit code that it reported.
    pub(super) fn run(&self, on_line: impl FnMut(&[u8]) -> Result<()>) -> Result<i32> {
        let mut running = Running::start(self.command().stdout(Stdio::piped()))?;
        let output = running.take_output().context("the emulator has no output stream")?;
        let mut console = Console { on_line, tail: VecDeque::new() };
        if let Err(error) = console.follow(output) {
            running.kill();
            return Err(error);
        }
        let status = running.wait()?;
        match reported_code(&self.result) {
            Some(code) => Ok(code),
            None => bail!("it ended ({status}) without a result; its last lines:\n{}", console.quote()),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new("qemu-system-x86_64");
        command.args(["-accel", ACCELERATOR, "-cpu", PROCESSOR, "-m", &self.memory.to_string()]);
        command.args([
            "-nodefaults",
            "-no-user-config",
            "-display",
            "none",
            "-monitor",
            "none",
            "-no-reboot",
        ]);
        match self.clock {
            Clock::Host => command.args(["-smp", "2"]),
            Clock::Instructions => command.args(["-smp", "1", "-icount", "shift=0,sleep=off"]),
        };
        command.args(["-chardev", "stdio,id=console,signal=on", "-serial", "chardev:console"]);
        command.arg("-chardev").arg(file_chardev(&self.result)).args(["-serial", "chardev:result"]);
        command.arg("-kernel").arg(&self.kernel).arg("-initrd").arg(&self.initramfs);
        let cmdline = format!("console=ttyS0 panic=-1 quiet lsm=landlock,lockdown,yama,bpf {}", self.cmdline);
        command.arg("-append").arg(cmdline.trim_end());
        command
    }
}

/// QEMU's own rule for a comma in an option's value is to double it.
fn file_chardev(path: &Path) -> String {
    format!("file,id=result,path={}", path.display().to_string().replace(',', ",,"))
}

/// The guest's first serial port, line by line.
struct Console<F> {
    on_line: F,
    tail: VecDeque<Vec<u8>>,
}

impl<F: FnMut(&[u8]) -> Result<()>> Console<F> {
    /// Hands on the lines until the emulator closes the port.
    fn follow(&mut self, output: ChildStdout) -> Result<()> {
        let (sender, lines) = sync_channel(1024);
        std::thread::spawn(move || read_lines(output, &sender));
        let end = Instant::now() + BOUND;
        while let Some(line) = next_line(&lines, end, || self.quote())? {
            (self.on_line)(&line)?;
            if self.tail.len() == TAIL_LINES {
                self.tail.pop_front();
            }
            self.tail.push_back(line);
        }
        Ok(())
    }

    fn quote(&self) -> String {
        let lines: Vec<String> =
            self.tail.iter().map(|line| format!("    | {}", line.escape_ascii())).collect();
        lines.join("\n")
    }
}

/// The next line, or nothing at the end of the output.
fn next_line(
    lines: &Receiver<Vec<u8>>,
    end: Instant,
    quote: impl FnOnce() -> String,
) -> Result<Option<Vec<u8>>> {
    match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
        Ok(line) => Ok(Some(line)),
        Err(RecvTimeoutError::Disconnected) => Ok(None),
        Err(RecvTimeoutError::Timeout) => {
            bail!("no end after {} minutes; its last lines:\n{}", BOUND.as_secs() / 60, quote())
        }
    }
}

fn read_lines(output: ChildStdout, lines: &SyncSender<Vec<u8>>) {
    // An error here is the end of the output or of the receiver, and the receiver's side knows what that means.
    drop(each_line(BufReader::new(output), |line| Ok(lines.send(line.to_vec())?)));
}

/// The code in the `exit <code>` line of the result port, if the guest got so far.
fn reported_code(path: &Path) -> Option<i32> {
    let text = std::fs::read(path).ok()?;
    let text = std::str::from_utf8(&text).ok()?;
    text.trim().strip_prefix("exit ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_report_counts() {
        let path = std::env::temp_dir().join(format!("vigie-result-test.{}", std::process::id()));
        for (text, code) in
            [("exit 0\r\n", Some(0)), ("exit 101\n", Some(101)), ("exit \n", None), ("", None)]
        {
            std::fs::write(&path, text).unwrap();
            assert_eq!(reported_code(&path), code, "{text:?}");
        }
        std::fs::remove_file(&path).unwrap();
        assert_eq!(reported_code(&path), None);
    }

    #[test]
    fn a_comma_in_a_path_is_doubled() {
        assert_eq!(file_chardev(Path::new("/a,b")), "file,id=result,path=/a,,b");
    }
}
