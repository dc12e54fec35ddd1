//! What the guard knows, decides and writes down: callers, verdicts, alerts, the audit log.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use hyper::StatusCode;
use sensor_common::lockdown::Attempt;
use tokio::net::UnixStream;

use super::ends::{Ends, GuardError};
use crate::alert::{Alert, Raised, json_line, text_line};
use crate::cli::{self, Output};
use crate::guard::alarm::Alarm;
use crate::guard::audit::{Judged, Record};
use crate::guard::caller::{Caller, Directory, Settings};
use crate::guard::verify::Judged as Place;
use crate::guard::{Age, Identify, Json, Judge, Mode, Operation, Policy, Request, Verdict, Witness};
use crate::identity::docker::http::{Engine, Limits as Answers};
use crate::identity::{Counters, Options, Places};
use crate::rules::field::lookup;
use crate::rules::{Rendered, Rule, RuleSet, Value};
use crate::sink::{Destination, Inlet, Severity, Sink, status};
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
    policy: RwLock<Arc<Policy<Engine>>>,
    mode: Mode,
    output: Output,
    hostname: String,
    boot_offset: u64,
    alerts: Inlet,
    audit: Option<Mutex<Sink>>,
    refusals: Alarm,
}

impl Office {
    /// Decides by these rules on requests for this engine.
    pub(super) fn open(
        options: &cli::Guard,
        rules: RuleSet,
        engine: &Path,
        alerts: Inlet,
    ) -> Result<Self, GuardError> {
        let engine = Engine::new(engine.to_owned(), Answers::default(), Arc::new(Counters::default()));
        let audit = options.audit_log.clone().map(|path| Sink::open(&Destination::File(path))).transpose()?;
        Ok(Self {
            policy: RwLock::new(Arc::new(
                Policy::new(rules, Root::own()?, engine)
                    .recording(audit.is_some())
                    .with_owners(options.owners),
            )),
            mode: options.mode,
            output: options.output,
            hostname: host::hostname(),
            boot_offset: clock::boot_offset(),
            alerts,
            audit: audit.map(Mutex::new),
            refusals: Alarm::refused(),
        })
    }

    /// Judges by other rules from now on. What is being judged is judged by those before.
    pub(super) fn replace(&self, rules: RuleSet) {
        let policy = Arc::new(self.policy().with_rules(rules));
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = policy;
    }

    fn policy(&self) -> Arc<Policy<Engine>> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes what is not written yet.
    pub(super) fn close(&self) {
        if let Some(audit) = &self.audit {
            audit.lock().unwrap_or_else(PoisonError::into_inner).close();
        }
    }

    /// Tells of somebody who went past the guard, or was refused to.
    pub(super) fn past_guard(&self, rule: &Rule, output: Rendered, attempt: &Attempt) {
        let time = attempt.time.saturating_add(self.boot_offset);
        let raised = Raised::new(rule, output, time, &self.hostname);
        let raised = raised.with(STOPPED, Value::Bool(attempt.denied == 1));
        self.alerts.send(
            raised.with(THREAD, Value::Text(attempt.client.thread().to_vec().into())).line(self.output),
        );
    }

    /// Tells that clients do not come to the guard, or that they do again: as an alert, and to whoever started it.
    pub(super) fn tell_place(&self, what: &str, is_lost: bool) {
        let severity = if is_lost { Severity::Warning } else { Severity::Info };
        status(severity, &format!("guard: {what}"));
        let alert = Alert {
            time: self.now(),
            rule: PLACE,
            priority: if is_lost { "Critical" } else { "Notice" },
            source: "docker",
            hostname: &self.hostname,
            output: what.as_bytes(),
            tags: &[],
            fields: &[],
        };
        self.alerts.send(match self.output {
            Output::Text => text_line(&alert),
            Output::Json => json_line(&alert),
        });
    }

    fn now(&self) -> u64 {
        clock::boottime().saturating_add(self.boot_offset)
    }
}

fn send(sink: &Mutex<Sink>, line: Vec<u8>) {
    sink.lock().unwrap_or_else(PoisonError::into_inner).send(line);
}

/// What alerts about the guard's own place are called.
const PLACE: &str = "Docker guard out of place";
/// Says what became of what an alert is about.
const STOPPED: &str = "vigie.guard.stopped";
/// Name of the thread that an alert is about, as the kernel kept it.
const THREAD: &str = "vigie.guard.thread";
/// Says why a request was refused unjudged.
const REASON: &str = "vigie.guard.reason";
/// Says what a container has more than was allowed.
const DRIFT: &str = "vigie.guard.drift";

impl Judge<Caller> for Office {
    /// Where the mounts of the host led.
    type Memory = Vec<Place>;

    fn stamp(&self, operation: &'static Operation, body: &mut Json, caller: &Caller) {
        self.policy().stamp(operation, body, caller);
    }

    async fn judge(&self, request: &Request, caller: &Caller) -> (Verdict, Vec<Place>) {
        // Whoever connected may have ended since, and somebody else speak.
        caller.recheck();
        let policy = self.policy();
        let decision = policy.decide(request, caller).await;
        let time = self.now();
        let stopped = self.mode == Mode::Enforce && decision.verdict != Verdict::Allow;
        for (rule, output) in decision.alerts {
            let raised = Raised::new(rule, output, time, &self.hostname).with(STOPPED, Value::Bool(stopped));
            self.alerts.send(raised.line(self.output));
        }
        if let Some(audit) = &self.audit {
            let judged = Judged {
                request,
                caller,
                verdict: &decision.verdict,
                mode: self.mode.name(),
                digest: request.digest.as_hex().map(str::to_owned),
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
        let policy = self.policy();
        let drifted = policy.drift(request, caller, mounts, id).await?;
        let stops = self.mode == Mode::Enforce;
        if let Some((rule, output)) = drifted.alert {
            let raised = Raised::new(rule, output, self.now(), &self.hostname);
            let found = Value::Text(drifted.found.clone().into_bytes().into());
            let raised = raised.with(STOPPED, Value::Bool(stops)).with(DRIFT, found);
            self.alerts.send(raised.line(self.output));
        }
        if !stops {
            return None;
        }
        let end = match policy.remove(id).await {
            Ok(()) => "it was removed".to_owned(),
            Err(error) => format!("it could not be removed: {error}"),
        };
        Some(format!("the container is not what was allowed: {}; {end}", drifted.found))
    }

    async fn age(&self, name: &str) -> Age {
        self.policy().age(name).await
    }
}

impl Witness<Caller> for Arc<Office> {
    /// What is only late is no alert.
    fn refused(&self, caller: &Caller, code: StatusCode, reason: &str) {
        let (number, pid, uid) = (code.as_u16(), caller.pid().unwrap_or_default(), caller.uid());
        let text = format!("guard: refused with {number}: {reason:?}, by pid {pid} uid {uid}");
        status(Severity::Warning, &text);
        if code.is_server_error() || code == StatusCode::REQUEST_TIMEOUT {
            return;
        }
        if let Some((rule, output)) = self.refusals.ring(caller) {
            let reason = Value::Text(reason.as_bytes().to_vec().into());
            let raised = Raised::new(rule, output, self.now(), &self.hostname);
            let raised = raised.with(STOPPED, Value::Bool(true)).with(REASON, reason);
            self.alerts.send(raised.line(self.output));
        }
    }
}
