//! The bench's load, run inside a guest: starts the sensor if told to, repeats an operation, prints what one costs.
//!
//! Cost is the guest's clock, which counts instructions there, from the first operation to the last, plus what the
//! sensor's process still had to do afterwards: records that wait in a ring are not free, only late.
#![expect(clippy::print_stdout, reason = "the figures go to the guest's console")]
#![forbid(unsafe_code)]

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Parser;
use rustix::process::{Pid, Signal, kill_process};

/// An exec of this program, small but with a C library's start-up, is the operation `exec`.
const EXIT: &str = "/bin/guest-exit";
/// An exec of this program, 129 bytes with no start-up at all, is the operation `bare-exec`.
const TINY: &str = "/bin/tiny";
/// An open and close of this file is the operation `open`.
const FILE: &str = "/etc/guest-load.txt";
/// Long enough for the sensor to empty its rings; the guest is idle, so it costs no time on the host.
const QUIET: Duration = Duration::from_millis(500);
/// What the sensor's line that says that it is working has, after the program's name.
const STARTED: &str = "version ";
/// Bound on the sensor's start, in guest time.
const START_BOUND: Duration = Duration::from_mins(1);

#[derive(Debug, Parser)]
struct Arguments {
    /// Measured execs.
    #[arg(long)]
    execs: u32,
    /// Measured opens.
    #[arg(long)]
    opens: u32,
    /// Stop the sensor's process while measuring, so that only its kernel programs run.
    #[arg(long)]
    stopped: bool,
    /// The sensor's command.
    #[arg(last = true)]
    sensor: Vec<String>,
}

fn main() -> ExitCode {
    match perform(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("guest-load: error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(arguments: &Arguments) -> Result<()> {
    let sensor = match arguments.sensor.split_first() {
        Some((program, rest)) => Some(Sensor::start(program, rest)?),
        None => None,
    };
    let bench = Bench { sensor, stopped: arguments.stopped };
    bench.measure("exec", arguments.execs, || exec(EXIT))?;
    bench.measure("bare-exec", arguments.execs, || exec(TINY))?;
    bench.measure("open", arguments.opens, open)?;
    bench.sensor.map_or(Ok(()), Sensor::end)
}

/// The operations: one each.
fn exec(program: &str) -> Result<()> {
    // With an absolute path and nothing to change in the child, the standard library uses posix_spawn.
    let status = Command::new(program).status().with_context(|| format!("starting {program}"))?;
    ensure!(status.success(), "{program} ended with {status}");
    Ok(())
}

fn open() -> Result<()> {
    drop(std::fs::File::open(FILE).with_context(|| format!("opening {FILE}"))?);
    Ok(())
}

struct Bench {
    sensor: Option<Sensor>,
    stopped: bool,
}

impl Bench {
    fn measure(&self, name: &str, count: u32, operation: fn() -> Result<()>) -> Result<()> {
        // Caches, page tables and the sensor's own maps get their steady state.
        repeat(count / 10 + 1, operation)?;
        std::thread::sleep(QUIET);
        let idle = self.sensor_time_while_idle()?;
        self.signal(Signal::STOP)?;
        let before = self.sensor_time()?;
        let start = Instant::now();
        repeat(count, operation)?;
        let elapsed = start.elapsed();
        let at_end = self.sensor_time()?;
        if !self.stopped {
            std::thread::sleep(QUIET);
        }
        let late = self.sensor_time()?.saturating_sub(at_end).saturating_sub(idle);
        self.signal(Signal::CONT)?;
        let whole = per_operation(elapsed.saturating_add(late), count);
        let sensor = per_operation(at_end.saturating_sub(before).saturating_add(late), count);
        println!("guest-load: {name} {whole:.1} {sensor:.1}");
        Ok(())
    }

    /// What the sensor's process uses in a quiet spell: its timers.
    fn sensor_time_while_idle(&self) -> Result<Duration> {
        let before = self.sensor_time()?;
        std::thread::sleep(QUIET);
        Ok(self.sensor_time()?.saturating_sub(before))
    }

    fn sensor_time(&self) -> Result<Duration> {
        self.sensor.as_ref().map_or(Ok(Duration::ZERO), Sensor::processor_time)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        match &self.sensor {
            Some(sensor) if self.stopped => sensor.signal(signal),
            _ => Ok(()),
        }
    }
}

fn repeat(count: u32, operation: fn() -> Result<()>) -> Result<()> {
    (0..count).try_for_each(|_| operation())
}

/// Nanoseconds of guest time, which are instructions.
fn per_operation(time: Duration, count: u32) -> f64 {
    time.as_secs_f64() * 1e9 / f64::from(count)
}

/// The sensor's process, started and working.
struct Sensor {
    child: Child,
    lines: Receiver<Vec<u8>>,
}

impl Sensor {
    /// Starts it and waits for the line that says so.
    fn start(program: &str, arguments: &[String]) -> Result<Self> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("starting {program}"))?;
        let (sender, lines) = channel();
        follow(child.stdout.take(), &sender);
        follow(child.stderr.take(), &sender);
        drop(sender);
        let mut sensor = Self { child, lines };
        sensor.wait_until_started()?;
        Ok(sensor)
    }

    fn wait_until_started(&mut self) -> Result<()> {
        let end = Instant::now() + START_BOUND;
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            show(&line)?;
            if is_start(&line) {
                return Ok(());
            }
        }
        let status = self.child.try_wait().context("asking for the sensor's end")?;
        bail!("the sensor printed no start-up line ({})", status.map_or("still running".into(), how))
    }

    /// Time on a processor, of all its threads.
    fn processor_time(&self) -> Result<Duration> {
        let tasks = format!("/proc/{}/task", self.child.id());
        let mut nanoseconds = 0_u64;
        for task in std::fs::read_dir(&tasks).with_context(|| format!("reading {tasks}"))? {
            let path = task.with_context(|| format!("reading {tasks}"))?.path().join("schedstat");
            nanoseconds = nanoseconds.saturating_add(running_time(&path)?);
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("a process id of 0")?;
        kill_process(pid, signal).context("signalling the sensor")
    }

    /// Asks it to end, and shows what it has to say about its counters.
    fn end(mut self) -> Result<()> {
        self.signal(Signal::TERM)?;
        while let Ok(line) = self.lines.recv() {
            show(&line)?;
        }
        let status = self.child.wait().context("waiting for the sensor")?;
        ensure!(status.success(), "the sensor ended with {}", how(status));
        Ok(())
    }
}

/// Warnings may come before it.
fn is_start(line: &[u8]) -> bool {
    line.starts_with(b"vigie") && line.windows(STARTED.len()).any(|part| part == STARTED.as_bytes())
}

fn how(status: ExitStatus) -> String {
    status.to_string()
}

/// First field of `schedstat`: nanoseconds spent running.
fn running_time(path: &Path) -> Result<u64> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let first = text.split_whitespace().next().and_then(|field| field.parse().ok());
    first.with_context(|| format!("{} holds no running time", path.display()))
}

fn follow(stream: Option<impl Read + Send + 'static>, lines: &Sender<Vec<u8>>) {
    let Some(stream) = stream else { return };
    let lines = lines.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}

fn show(line: &[u8]) -> Result<()> {
    let mut output = std::io::stdout().lock();
    let shown = output.write_all(b"sensor: ").and_then(|()| output.write_all(line));
    shown.and_then(|()| output.write_all(b"\n")).context("writing to the console")
}
