//! `vigie events` or `vigie run` as a subprocess: what it says, line by line, until it has said what a test waits for.

use std::{
    ffi::OsString,
    io::{BufRead, BufReader, Read},
    panic::Location,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    process::{Pid, Signal, kill_process},
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

use super::{
    Assembly, Event, Place, Summary, Want, host::in_guest, nearest, program::run, scope, shared, unique,
    vigie_path, want,
};

/// How long anything may take before a test fails; many times what it does take.
fn bound() -> Duration {
    Duration::from_secs(if in_guest() { 240 } else { 60 })
}

/// How the sensor under test obtains events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    Lsm,
    Tracepoint,
}

/// A line, and where it was written.
#[derive(Debug)]
enum Line {
    Output(Vec<u8>),
    Note(String),
}

/// A process of the sensor's, and what it says.
#[derive(Debug)]
pub(super) struct Running {
    process: Child,
    lines: Receiver<Line>,
    place: Place,
    sentinel: PathBuf,
    tier: Tier,
}

/// A running sensor.
#[derive(Debug)]
pub(crate) struct Sensor {
    /// There until the end.
    running: Option<Running>,
    /// What it is asked for, if another test may have it after this one.
    scope: Option<String>,
    /// How it obtains events.
    pub(crate) tier: Tier,
    /// Everything it reported so far, in order.
    pub(crate) events: Vec<Event>,
    /// Everything it said of itself so far.
    pub(crate) notes: Vec<String>,
}

/// A sensor that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) events: Vec<Event>,
    pub(crate) notes: Vec<String>,
    pub(crate) summary: Summary,
}

impl Sensor {
    /// `vigie events`, of what the caller's file is about; without arguments one that another test is done with, if
    /// there is one.
    #[track_caller]
    pub(crate) fn events(arguments: &[&str]) -> Self {
        let Some(scope) = scope::of(Location::caller().file()) else {
            return Self::start("events", arguments);
        };
        if !arguments.is_empty() || !scope.is_shared {
            return Self::start("events", &[&["--only", &scope.only], arguments].concat());
        }
        let mut sensor = shared::take(&scope.only)
            .map_or_else(|| Self::start("events", &["--only", &scope.only]), Self::of);
        sensor.scope = Some(scope.only);
        sensor.forget();
        sensor
    }

    /// Waits for all that happened so far and forgets it.
    fn forget(&mut self) {
        self.fence();
        self.events.clear();
        self.notes.clear();
    }

    /// `vigie run`, alerts as JSON.
    pub(crate) fn run(arguments: &[&str]) -> Self {
        Self::start("run", &[&["--output", "json"], arguments].concat())
    }

    /// `vigie run`, alerts as text, which must go to a file: what is on standard output is read as JSON.
    pub(crate) fn run_as_text(arguments: &[&str]) -> Self {
        Self::start("run", arguments)
    }

    /// Starts it and waits until it works. It is kept away from this host's own container engine unless a test gives
    /// it a socket.
    fn start(verb: &str, arguments: &[&str]) -> Self {
        shared::end();
        let place = Place::new();
        let sentinel = place.program("sentinel", &Assembly::nothing());
        let mut all: Vec<OsString> = vec![verb.into()];
        all.extend(arguments.iter().map(OsString::from));
        if !arguments.contains(&"--docker-socket") {
            all.extend(["--docker-socket".into(), place.join("no.sock").into_os_string()]);
        }
        let mut command = Command::new(vigie_path());
        command.args(&all).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.env_remove("DOCKER_HOST").spawn().unwrap();
        let (sender, lines) = channel();
        follow(process.stdout.take().unwrap(), sender.clone(), Line::Output);
        let note = |line: Vec<u8>| Line::Note(String::from_utf8(line).expect("standard error is text"));
        follow(process.stderr.take().unwrap(), sender, note);
        let mut sensor = Self::of(Running { process, lines, place, sentinel, tier: Tier::Lsm });
        let tier = sensor.wait_until_started();
        sensor.running().tier = tier;
        sensor.tier = tier;
        sensor
    }

    fn of(running: Running) -> Self {
        let (tier, events, notes) = (running.tier, Vec::new(), Vec::new());
        Self { running: Some(running), scope: None, tier, events, notes }
    }

    fn running(&mut self) -> &mut Running {
        self.running.as_mut().unwrap()
    }

    fn wait_until_started(&mut self) -> Tier {
        let line = self.until_note("vigie: version ");
        match () {
            () if line.contains("tier lsm") => Tier::Lsm,
            () if line.contains("tier tracepoint") => Tier::Tracepoint,
            () => panic!("the start-up line names no tier: {line}"),
        }
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.running.as_ref().unwrap().process.id()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.running.as_ref().unwrap().process);
        kill_process(pid, signal).unwrap();
    }

    /// Waits for an event that has these fields, or finds it among those that came already.
    #[track_caller]
    pub(crate) fn until(&mut self, want: &Want) -> Event {
        let end = Instant::now() + bound();
        let mut looked_at = 0;
        loop {
            if let Some(event) = self.events[looked_at..].iter().find(|event| event.matches(want)) {
                return event.clone();
            }
            looked_at = self.events.len();
            if let Err(why) = self.take_line(end) {
                panic!("{why}; {}\nit said: {:#?}", nearest(&self.events, want), self.notes);
            }
        }
    }

    /// Waits for a line about the sensor itself that holds `text`, or finds it among those that came already.
    #[track_caller]
    pub(crate) fn until_note(&mut self, text: &str) -> String {
        let end = Instant::now() + bound();
        loop {
            if let Some(note) = self.notes.iter().find(|note| note.contains(text)) {
                return note.clone();
            }
            if let Err(why) = self.take_line(end) {
                panic!("{why}; no line with `{text}` in {:#?}", self.notes);
            }
        }
    }

    /// Waits until everything that happened before this call has arrived: on each CPU an open and an exec that
    /// nothing else does are awaited, each of which follows in its ring whatever came before.
    #[track_caller]
    pub(crate) fn fence(&mut self) {
        let cpus = sched_getaffinity(None).unwrap();
        for cpu in (0..CpuSet::MAX_CPU).filter(|cpu| cpus.is_set(*cpu)) {
            let running = self.running();
            let fence = running.place.join(unique("fence"));
            let (program, path) = (running.sentinel.clone(), fence.clone());
            let on_cpu = thread::spawn(move || {
                let mut here = CpuSet::new();
                here.set(cpu);
                sched_setaffinity(None, &here).unwrap();
                std::fs::File::create(&path).unwrap();
                run(Command::new(program).arg(&path));
            });
            on_cpu.join().unwrap();
            let name = fence.to_str().unwrap();
            self.until(&want! { "fd.name" => name, "evt.is_open_create" => true });
            self.until(&want! { "evt.type" => "execve", "proc.args" => name });
        }
    }

    /// The events so far that have these fields.
    pub(crate) fn all(&self, want: &Want) -> Vec<Event> {
        self.events.iter().filter(|event| event.matches(want)).cloned().collect()
    }

    /// The one event so far that has these fields.
    #[track_caller]
    pub(crate) fn one(&self, want: &Want) -> Event {
        let mut all = self.all(want);
        assert!(all.len() == 1, "{} events instead of one; {}", all.len(), nearest(&self.events, want));
        all.remove(0)
    }

    /// Waits for the end of everything the sensor has to say, ending it first.
    #[track_caller]
    pub(crate) fn stop(self) -> Finished {
        self.signal(Signal::TERM);
        self.finish()
    }

    /// Waits for a sensor that ends by itself.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Finished {
        let end = Instant::now() + bound();
        let why = loop {
            if let Err(why) = self.take_line(end) {
                break why;
            }
        };
        assert_eq!(why, CLOSED, "{:#?}", self.notes);
        let status = self.running.take().unwrap().process.wait().unwrap();
        let mut summary = Summary::default();
        self.notes.iter().for_each(|note| summary.take(note));
        let (events, notes) = (std::mem::take(&mut self.events), std::mem::take(&mut self.notes));
        assert!(!notes.iter().any(|note| note.contains("panicked")), "{notes:#?}");
        Finished { status, events, notes, summary }
    }

    fn take_line(&mut self, end: Instant) -> Result<(), &'static str> {
        let left = end.saturating_duration_since(Instant::now());
        match self.running().lines.recv_timeout(left) {
            Ok(Line::Output(line)) => self.events.push(Event::parse(&line)),
            Ok(Line::Note(note)) => self.notes.push(note),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return Err(CLOSED),
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => return Err("it took too long"),
        }
        Ok(())
    }
}

/// What [`Sensor::take_line`] says at the end of all lines.
const CLOSED: &str = "the sensor ended";

impl Drop for Sensor {
    fn drop(&mut self) {
        let (running, scope) = (self.running.take(), self.scope.take());
        if let (Some(running), Some(scope)) = (running, scope)
            && !thread::panicking()
        {
            shared::give(scope, running);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed leaves it running; one that ended has been waited for.
        if let Ok(None) = self.process.try_wait() {
            drop(self.process.kill());
            drop(self.process.wait());
        }
    }
}

impl Finished {
    /// The events that have these fields.
    pub(crate) fn all(&self, want: &Want) -> Vec<&Event> {
        self.events.iter().filter(|event| event.matches(want)).collect()
    }
}

fn follow(stream: impl Read + Send + 'static, to: Sender<Line>, make: fn(Vec<u8>) -> Line) {
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n') {
            let line = line.expect("the sensor's output can be read");
            if to.send(make(line)).is_err() {
                return;
            }
        }
    });
}
