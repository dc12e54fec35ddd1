//! What the guard knows, decides and writes down: callers, verdicts, alerts, the audit log.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::StatusCode;
use sensor_common::lockdown::Attempt;
use tokio::net::UnixStream;

use super::ends::{Ends, GuardError};
use crate::alert::Raised;
use crate::cli::{self, Output};
use crate::guard::audit::{Judged, Record};
use crate::guard::caller::{Caller, Directory, Settings};
use crate::guard::verify::Judged as Place;
use crate::guard::{Identify, Judge, Mode, Policy, Request, Sighting, Verdict, Witness};
use crate::identity::docker::http::{Engine, Limits as Answers};
use crate::identity::{Counters, Options, Places};
use crate::rules::field::lookup;
use crate::rules::{Rendered, Rule, RuleSet, Value};
use crate::sink::{Destination, Severity, Sink, status};
use crate::sys::host_path::Root;
use crate::sys::{clock, host, lockdown::Clients};

/// Looks callers up.
#[derive(Debug)]
pub(super) struct Callers(Directory);

/// Fields of a caller that are found out beside the engine, and take a moment.
const SLOW: [&str; 5] = [
    "vigie.proc.exe_sha256",
    "vigie.proc.exe_unhashed",
    "vigie.package.name",
    "vigie.package.version",
    "vigie.package.modified",
];

impl Callers {
    /// Containers are looked up at the engine behind the guard. What these rules ask for is waited for.
    pub(super) fn new(ends: &Ends, rules: &RuleSet, records: Option<Clients>) -> Self {
        let places = Places { docker_socket: ends.engine().to_owned(), ..Places::default() };
        let runtimes = Options { places, ..Options::default() };
        let listener = ends.clients().to_owned();
        let asked = SLOW.iter().filter(|name| rules.asks_for(|field| field.name == **name));
        let wanted = asked.filter_map(|name| lookup(name, None)?.ok()).collect();
        Self(Directory::new(Settings { runtimes, listener, wanted, records, ..Settings::default() }))
    }

    /// Where others than the guard's clients can be looked up, too.
    pub(super) fn directory(&self) -> Directory {
        self.0.clone()
    }
}

impl Identify for Callers {
    type Caller = Caller;
    type Error = io::Error;

    async fn identify(&self, client: &UnixStream) -> io::Result<Caller> {
        Caller::of(client, &self.0).await
    }
}

/// Decides by rules, and writes down what it decides.
#[derive(Debug)]
pub(super) struct Office {
    policy: Policy<Engine>,
    mode: Mode,
    output: Output,
    hostname: String,
    boot_offset: u64,
    alerts: Mutex<Sink>,
    audit: Option<Mutex<Sink>>,
}

impl Office {
    /// Decides by these rules on requests for this engine.
    pub(super) fn open(options: &cli::Guard, rules: RuleSet, engine: &Path) -> Result<Self, GuardError> {
        let engine = Engine::new(engine.to_owned(), Answers::default(), Arc::new(Counters::default()));
        let destination = options.file.clone().map_or(Destination::Stdout, Destination::File);
        let audit = options.audit_log.clone().map(|path| Sink::open(&Destination::File(path))).transpose()?;
        Ok(Self {
            policy: Policy::new(rules, Root::own()?, engine).recording(audit.is_some()),
            mode: options.mode,
            output: options.output,
            hostname: host::hostname(),
            boot_offset: clock::boot_offset(),
            alerts: Mutex::new(Sink::open(&destination)?),
            audit: audit.map(Mutex::new),
        })
    }

    /// Writes what is not written yet.
    pub(super) fn close(&self) {
        for sink in [Some(&self.alerts), self.audit.as_ref()].into_iter().flatten() {
            sink.lock().unwrap_or_else(PoisonError::into_inner).close();
        }
    }

    /// Tells of somebody who went past the guard, or was refused to.
    pub(super) fn past_guard(&self, rule: &Rule, output: Rendered, attempt: &Attempt) {
        let time = attempt.time.saturating_add(self.boot_offset);
        let raised = Raised::new(rule, output, time, &self.hostname);
        let thread = attempt.client.comm.split(|byte| *byte == 0).next().unwrap_or_default();
        let raised = raised.with(STOPPED, Value::Bool(attempt.denied == 1));
        send(&self.alerts, raised.with(THREAD, Value::Text(thread.to_vec().into())).line(self.output));
    }

    fn now(&self) -> u64 {
        clock::boottime().saturating_add(self.boot_offset)
    }
}

fn send(sink: &Mutex<Sink>, line: Vec<u8>) {
    sink.lock().unwrap_or_else(PoisonError::into_inner).send(line);
}

/// Says what became of what an alert is about.
const STOPPED: &str = "vigie.guard.stopped";
/// Name of the thread that an alert is about, as the kernel kept it.
const THREAD: &str = "vigie.guard.thread";
/// Says what a container has more than was allowed.
const DRIFT: &str = "vigie.guard.drift";

impl Judge<Caller> for Office {
    /// Where the mounts of the host led.
    type Memory = Vec<Place>;

    async fn judge(&self, request: &Request, caller: &Caller) -> (Verdict, Vec<Place>) {
        // Whoever connected may have ended since, and somebody else speak.
        caller.recheck();
        let decision = self.policy.decide(request, caller).await;
        let time = self.now();
        let stopped = self.mode == Mode::Enforce && decision.verdict != Verdict::Allow;
        for (rule, output) in decision.alerts {
            let raised = Raised::new(rule, output, time, &self.hostname).with(STOPPED, Value::Bool(stopped));
            send(&self.alerts, raised.line(self.output));
        }
        if let Some(audit) = &self.audit {
            let judged = Judged {
                request,
                caller,
                verdict: &decision.verdict,
                mode: self.mode.name(),
                digest: request.digest_hex(),
                time,
            };
            send(audit, Record::new(judged, decision.facts).line());
        }
        (decision.verdict, decision.mounts)
    }

    /// A container that has more than was allowed is removed, where verdicts count.
    async fn made(
        &self,
        request: &Request,
        caller: &Caller,
        mounts: &Vec<Place>,
        id: &str,
    ) -> Option<String> {
        let drifted = self.policy.drift(request, caller, mounts, id).await?;
        let stops = self.mode == Mode::Enforce;
        if let Some((rule, output)) = drifted.alert {
            let raised = Raised::new(rule, output, self.now(), &self.hostname);
            let found = Value::Text(drifted.found.clone().into_bytes().into());
            let raised = raised.with(STOPPED, Value::Bool(stops)).with(DRIFT, found);
            send(&self.alerts, raised.line(self.output));
        }
        if !stops {
            return None;
        }
        let end = match self.policy.remove(id).await {
            Ok(()) => "it was removed".to_owned(),
            Err(error) => format!("it could not be removed: {error}"),
        };
        Some(format!("the container is not what was allowed: {}; {end}", drifted.found))
    }
}

/// Tells what was refused before it could be judged.
#[derive(Debug)]
pub(super) struct Refusals;

impl Witness<Caller> for Refusals {
    fn judged(&self, _: &Sighting<'_, Caller>) {}

    fn refused(&self, caller: &Caller, code: StatusCode, reason: &str) {
        let (code, pid, uid) = (code.as_u16(), caller.pid().unwrap_or_default(), caller.uid());
        let text = format!("guard: refused with {code}: {reason:?}, by pid {pid} uid {uid}");
        status(Severity::Warning, &text);
    }
}
