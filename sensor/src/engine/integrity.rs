//! File integrity in the engine: events go to the stage, and what it tells becomes alerts.

use std::{
    collections::VecDeque,
    io,
    path::Path,
    time::{Duration, Instant},
};

use sensor_common::event::hook::Tier;

use super::{bench::Bench, judge::raised};
use crate::{
    cli::Output,
    decode::{Event, event_type},
    observation::Observation,
    process::{Process, ProcessKey},
    rules::{EventTypes, Rule, RuleSet, comparison::Truth},
    sink::{Severity, status},
    sys::rings::Waker,
    watch::{Change, Closes, Operation, Scope, Surroundings, Target, Told, Watch, alerts},
};

/// How long an operation waits for what a container runtime will say.
const PATIENCE: Duration = Duration::from_millis(500);
/// Most operations that wait at once.
const CAPACITY: usize = 8192;

/// The stage, the rules that tell of what it says, and what waits.
#[derive(Debug)]
pub(super) struct Integrity {
    watch: Watch,
    /// What the command line watches.
    own: Scope,
    /// How that is told.
    usual: RuleSet,
    /// Rules that watch files, and what.
    policies: RuleSet,
    scopes: Vec<(String, Scope)>,
    held: VecDeque<(Instant, Change)>,
    output: Output,
    writes: bool,
    alerts: u64,
    expired: u64,
}

impl Integrity {
    /// Watches what the command line and the rules say.
    pub(super) fn start(
        own: Vec<Target>,
        rules: &RuleSet,
        (output, writes): (Output, bool),
        (tier, boot_offset): (Tier, u64),
        waker: Waker,
    ) -> io::Result<Self> {
        let own = Scope(own);
        let scopes = scopes(rules);
        let surroundings = Surroundings {
            namespace: crate::sys::host::mount_namespace(),
            boot_offset,
            closes: if tier == Tier::Lsm { Closes::Last } else { Closes::Calls },
        };
        let watch = Watch::start(union(&own, &scopes), surroundings, move || waker.wake())?;
        let usual = alerts::rules().map_err(io::Error::other)?;
        let integrity = Self {
            watch,
            own,
            usual,
            policies: watching(rules),
            scopes,
            held: VecDeque::new(),
            output,
            writes,
            alerts: 0,
            expired: 0,
        };
        integrity.announce();
        Ok(integrity)
    }

    /// Takes over what other rules watch.
    pub(super) fn replace(&mut self, rules: &RuleSet) {
        if !self.scopes.is_empty() || rules.watching().next().is_some() {
            self.scopes = scopes(rules);
            self.policies = watching(rules);
            self.watch.replace(union(&self.own, &self.scopes));
            self.announce();
        }
    }

    fn announce(&self) {
        if !self.watch.is_idle() {
            let (files, paths) = (self.watch.files(), self.watch.scope().0.len());
            let line =
                format!("file integrity: {files} files below {paths} paths are watched, and being read");
            status(Severity::Info, &line);
        }
    }

    /// The events that it needs.
    pub(super) fn event_types(&self) -> EventTypes {
        self.watch.event_types()
    }

    /// Takes an event.
    pub(super) fn take(&mut self, event: &Event, number: u64, bench: &Bench<'_>) {
        let process = bench.known.table.get(ProcessKey::of(&event.header));
        let ended = process.and_then(Process::exit).map(|exit| exit.time);
        self.watch.take(event, number, ended);
    }

    /// Alerts on what was done.
    pub(super) fn settle(&mut self, now: Instant, bench: &Bench<'_>) {
        for change in self.watch.settle(now) {
            self.hold_or_tell(change, now, bench);
        }
        if self.watch.take_complete() {
            let files = self.watch.files();
            status(Severity::Info, &format!("file integrity: the contents of {files} files are known"));
        }
        let pending = |change: &Change| !bench.is_settled(&change.event);
        for (until, change) in std::mem::take(&mut self.held) {
            if pending(&change) && until > now {
                self.held.push_back((until, change));
            } else {
                self.expired += u64::from(pending(&change));
                self.tell(&change, bench);
            }
        }
    }

    /// Alerts on all that is left.
    pub(super) fn finish(&mut self, bench: &Bench<'_>) {
        let last = self.watch.finish();
        let held = std::mem::take(&mut self.held).into_iter().map(|(_, change)| change);
        held.chain(last).for_each(|change| self.tell(&change, bench));
    }

    /// Whether something is to be told soon.
    pub(super) fn is_waiting(&self) -> bool {
        !self.held.is_empty() || self.watch.is_waiting()
    }

    /// Every counter with its name.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        self.watch.rows().into_iter().chain([("alerts", self.alerts), ("expired", self.expired)])
    }

    fn hold_or_tell(&mut self, change: Change, now: Instant, bench: &Bench<'_>) {
        if !bench.is_settled(&change.event) && self.held.len() < CAPACITY {
            self.held.push_back((now + PATIENCE, change));
        } else {
            self.tell(&change, bench);
        }
    }

    fn tell(&mut self, change: &Change, bench: &Bench<'_>) {
        let observation = bench.observe(&change.event, change.number);
        let told = Told { change, event: &observation };
        let mut lines = Vec::new();
        if concerns(&self.own, change) {
            let name = alerts::name(change.operation);
            let rule = self.usual.rules().iter().find(|rule| rule.name == name);
            lines.extend(rule.map(|rule| line(rule, &told, &observation, self.output)));
        }
        let event = event_type(&change.event);
        for (name, _) in self.scopes.iter().filter(|(_, scope)| concerns(scope, change)) {
            let rule = self.policies.rules().iter().find(|rule| rule.name == *name);
            let holding = rule.filter(|rule| self.policies.holds(rule, event, &told) == Truth::True);
            lines.extend(holding.map(|rule| line(rule, &told, &observation, self.output)));
        }
        self.alerts += lines.len() as u64;
        lines.into_iter().filter(|_| self.writes).for_each(|line| bench.sink.send(line));
    }
}

fn line(
    rule: &Rule,
    told: &Told<'_, Observation<'_>>,
    observation: &Observation<'_>,
    output: Output,
) -> Vec<u8> {
    let alert = raised(observation, rule, rule.render_output(told), false);
    let fields = told.change.fields();
    fields.fold(alert, |alert, (name, value)| alert.with(name, value.into_owned())).line(output)
}

/// Whether an operation is on what is watched here.
fn concerns(scope: &Scope, change: &Change) -> bool {
    let covers = |path: &[u8]| match change.operation {
        Operation::Read => scope.covers_reads(path),
        Operation::Created
        | Operation::Modified
        | Operation::Renamed
        | Operation::Deleted
        | Operation::Mode
        | Operation::Owner
        | Operation::Attributes
        | Operation::Linked => scope.covers(path),
    };
    covers(&change.path) || change.from.as_deref().is_some_and(covers)
}

/// The rules, if one of them watches files.
fn watching(rules: &RuleSet) -> RuleSet {
    if rules.watching().next().is_some() { rules.clone() } else { RuleSet::default() }
}

/// What each rule watches.
fn scopes(rules: &RuleSet) -> Vec<(String, Scope)> {
    let scope = |(rule, watched): (&Rule, &crate::rules::Watched)| {
        let target = |path: &String| match Target::new(Path::new(path), watched.reads) {
            Ok(target) => Some(target),
            Err(error) => {
                status(Severity::Warning, &format!("{path} cannot be watched: {error}"));
                None
            }
        };
        (rule.name.clone(), Scope(watched.paths.iter().filter_map(target).collect()))
    };
    rules.watching().map(scope).collect()
}

fn union(own: &Scope, scopes: &[(String, Scope)]) -> Scope {
    let others = scopes.iter().flat_map(|(_, scope)| &scope.0);
    Scope(own.0.iter().chain(others).cloned().collect())
}
