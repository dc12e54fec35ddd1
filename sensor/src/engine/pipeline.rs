//! From a record to the stage that the engine's purpose ends in.

use std::{sync::Arc, time::Instant};

use crate::{
    cli::Stage,
    decode::{Action, Body, DecodeError, Event, NetworkCall, What, decode},
    dns::{Names, Scope},
    enrichment::Enrichment,
    identity::{CgroupEvent, Change, Identities, Resolver},
    links::Links,
    objects::Objects,
    observation::{Host, Known},
    process::ProcessTable,
    rules::{EventTypes, RuleSet},
    sink::Sink,
    trail::Clients,
};

use super::{bench::Bench, events::Writer, integrity::Integrity, judge::Judge};

/// Everything behind the rings.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) table: ProcessTable,
    pub(super) identities: Identities<Resolver>,
    pub(super) identity_counters: Arc<crate::identity::Counters>,
    pub(super) host: Host,
    pub(super) links: Links,
    pub(super) clients: Clients,
    pub(super) enrichment: Enrichment,
    pub(super) names: Names,
    pub(super) objects: Objects,
    pub(super) sink: Sink,
    pub(super) end: End,
    pub(super) until: Option<Stage>,
    /// Since when (`CLOCK_BOOTTIME`, nanoseconds) every call that may make a process root is seen, so that one who is root
    /// without can be told.
    pub(super) rights_since: Option<u64>,
    pub(super) counters: Counters,
}

/// The last stage.
#[derive(Debug)]
pub(super) enum End {
    /// Every event becomes a line.
    Events(Writer),
    /// Rules judge every event, and files are watched.
    Alerts(Box<Judge>, Box<Integrity>),
}

/// What the pipeline counts.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Records taken from the rings.
    pub(super) records: u64,
    /// Records that are events.
    pub(super) events: u64,
    /// Records that are none, by [`DecodeError::NAMES`].
    pub(super) bad: [u64; DecodeError::NAMES.len()],
}

impl Pipeline {
    /// Takes one record.
    pub(super) fn take(&mut self, record: &[u8]) {
        self.counters.records += 1;
        if self.until == Some(Stage::Ring) {
            return;
        }
        match decode(record) {
            Ok(event) => self.take_event(event),
            Err(error) => self.count_bad(error),
        }
    }

    fn count_bad(&mut self, error: DecodeError) {
        tracing::debug!("bad record: {error}");
        let counters = DecodeError::NAMES.iter().zip(&mut self.counters.bad);
        counters.filter(|(name, _)| **name == error.name()).for_each(|(_, count)| *count += 1);
    }

    fn take_event(&mut self, event: Event) {
        self.counters.events += 1;
        if self.until == Some(Stage::Decode) {
            return;
        }
        let Some(event) = self.objects.take(event) else { return };
        let escalation = self.rights_since.and_then(|since| self.table.escalation(&event, since));
        self.table.apply(&event);
        self.clients.learn(&event);
        if let Some(change) = cgroup_event(&event) {
            self.identities.apply(&change);
        }
        self.learn_links(&event);
        learn_names(&mut self.names, &event);
        if self.until != Some(Stage::Process) {
            for event in escalation.into_iter().chain([event]) {
                self.finish(event);
            }
        }
    }

    fn learn_links(&mut self, event: &Event) {
        match &event.body {
            Body::Open(open) => self.links.learn(open),
            Body::Call(call) => self.links.learn_call(call),
            Body::Fork(_)
            | Body::Exec(_)
            | Body::Exit(_)
            | Body::CgroupMkdir(_)
            | Body::CgroupAttachTask(_)
            | Body::CgroupRmdir(_) => {}
        }
    }

    /// Gives the event to the last stage, with its process and its container.
    fn finish(&mut self, event: Event) {
        let number = self.counters.events;
        self.identities.look_up(event.header.cgroup, event.header.time);
        let (end, bench) = self.split();
        match end {
            End::Events(writer) => bench.sink.send(writer.line(&bench.observe(&event, number))),
            End::Alerts(judge, integrity) => {
                integrity.take(&event, number, &bench);
                judge.take(event, number, &bench);
            }
        }
    }

    /// The last stage, and all that it works with.
    fn split(&mut self) -> (&mut End, Bench<'_>) {
        let Self { table, identities, host, links, names, clients, enrichment, sink, end, .. } = self;
        let known = Known { host, links, table, names, containers: identities, clients, enrichment };
        (end, Bench { known, identities, sink })
    }

    /// Takes note of whether every call that may make a process root is seen from now on.
    pub(super) fn watch_rights(&mut self, seen: bool, now: u64) {
        self.rights_since = seen.then(|| self.rights_since.unwrap_or(now));
    }

    /// Puts other rules in the place of those in force.
    pub(super) fn replace_rules(&mut self, rules: RuleSet) {
        if let End::Alerts(judge, integrity) = &mut self.end {
            integrity.replace(&rules);
            self.links.watch(rules.texts_of("fd.name"));
            judge.replace(rules);
        }
    }

    /// Takes the container runtime's answers, those of look-ups, and what waited for them; gives up waiting where it took too long.
    pub(super) fn settle(&mut self, now: Instant) {
        let updates = self.identities.apply_answers();
        let answered = self.enrichment.take_answers();
        let (end, bench) = self.split();
        if let End::Alerts(judge, integrity) = end {
            judge.settle(!updates.is_empty() || answered, now, &bench);
            integrity.settle(now, &bench);
        }
    }

    /// Whether events wait for something.
    pub(super) fn is_waiting(&self) -> bool {
        matches!(&self.end, End::Alerts(judge, integrity) if judge.is_waiting() || integrity.is_waiting())
    }

    /// The events that are needed beside those that rules ask for.
    pub(super) fn event_types(&self) -> EventTypes {
        match &self.end {
            End::Events(_) => EventTypes::NONE,
            End::Alerts(_, integrity) => integrity.event_types(),
        }
    }

    /// Gives up waiting for anything.
    pub(super) fn give_up(&mut self) {
        let (end, bench) = self.split();
        if let End::Alerts(judge, integrity) = end {
            integrity.finish(&bench);
            judge.give_up(&bench);
        }
    }
}

/// Learns which address was asked for by which name.
fn learn_names(names: &mut Names, event: &Event) {
    let Body::Call(call) = &event.body else { return };
    let What::Network(NetworkCall::On(action, socket)) = &call.what else { return };
    if socket.is_dns() {
        let scope = Scope { net_ns: socket.facts.socket.net_ns, mnt_ns: event.header.mnt_ns };
        names.learn(scope, socket.dns.as_deref(), *action == Action::Receive, event.header.time);
    }
}

fn cgroup_event(event: &Event) -> Option<CgroupEvent<'_>> {
    let (change, id, hierarchy, path) = match &event.body {
        Body::CgroupMkdir(cgroup) => (Change::Created, cgroup.id, cgroup.hierarchy, &cgroup.path),
        Body::CgroupAttachTask(cgroup) => (Change::Attached, cgroup.id, cgroup.hierarchy, &cgroup.path),
        Body::CgroupRmdir(cgroup) => (Change::Removed, cgroup.id, cgroup.hierarchy, &cgroup.path),
        Body::Fork(_) | Body::Exec(_) | Body::Exit(_) | Body::Open(_) | Body::Call(_) => return None,
    };
    let header = &event.header;
    Some(CgroupEvent { change, id, hierarchy, path, time: header.time, pid: header.pid })
}
