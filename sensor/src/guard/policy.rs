//! The judge: from a request and its caller to a verdict, by rules.
//!
//! Rules with `source: docker` are asked in the order of the files. The first that matches and has an `action` decides;
//! if none has, the request is allowed. A rule without an action only alerts. Before any of them stand rules that no
//! file can change: what the guard does not know or cannot read is denied.

mod builtin;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::facts::{Asked, EVENT, Facts, Inspected};
use super::host_access::{self, Bind};
use super::inspect::{self, Inspect, InspectError};
use super::verify::{self, Judged};
use super::{Age, Json, Operation, Request, Verdict, body, owner};
use crate::rules::{Action, Fields, Matching, Rendered, Rule, RuleSet, Scratch, Value};
use crate::sys::host_path::Root;
use builtin::Builtin;

/// Longest time to look at the mounts of one request: their file systems may hang.
const LOOK: Duration = Duration::from_secs(2);
/// Most mounts of the host in one request; rules are asked once for each.
pub const MAX_BINDS: usize = 64;

/// A policy, ready to judge.
#[derive(Debug)]
pub struct Policy<I> {
    rules: RuleSet,
    builtin: RuleSet,
    root: Arc<Root>,
    engine: I,
    asks: Asks,
    records: bool,
    owners: bool,
}

/// What of the engine's word the rules ask for.
#[derive(Clone, Copy, Debug)]
struct Asks {
    target: bool,
    access: bool,
}

/// A verdict, and the alerts that come with it.
#[derive(Clone, Debug)]
pub struct Decision<'p> {
    /// The verdict.
    pub verdict: Verdict,
    /// The rules that matched, but for those that allow, with their outputs; each rule once.
    pub alerts: Vec<(&'p Rule, Rendered)>,
    /// What is known of the request, where that is recorded.
    pub facts: Vec<(&'static str, Value<'static>)>,
    /// The mounts of the host, as they were judged.
    pub mounts: Vec<Judged>,
}

/// A container that has more than was allowed.
#[derive(Debug)]
pub struct Drifted<'p> {
    /// What it has more.
    pub found: String,
    /// The rule that says so, with its output.
    pub alert: Option<(&'p Rule, Rendered)>,
}

fn judged(bind: &Bind) -> Judged {
    Judged { source: bind.wanted.source.clone(), resolved: bind.resolved.clone() }
}

/// What is known of a request before rules are asked.
struct Known {
    binds: Vec<Bind>,
    inspected: Option<Inspected>,
    /// The ways to the host of its volumes.
    of_volumes: Vec<String>,
    /// Why no rule needs to be asked.
    denied: Option<Builtin>,
}

impl<I: Inspect> Policy<I> {
    /// Of the rules of a set that are about requests. Paths are those below `root`; `engine` is asked about containers.
    pub fn new(rules: RuleSet, root: Root, engine: I) -> Self {
        Self::below(Arc::new(root), rules, engine)
    }

    /// The same by other rules.
    #[must_use]
    pub fn with_rules(&self, rules: RuleSet) -> Self
    where
        I: Clone,
    {
        let Self { root, engine, records, owners, .. } = self;
        Self::below(Arc::clone(root), rules, engine.clone()).recording(*records).with_owners(*owners)
    }

    fn below(root: Arc<Root>, rules: RuleSet, engine: I) -> Self {
        let named = ["docker.target.type", "docker.target.id"];
        let asks = Asks {
            target: rules
                .asks_for(|field| field.name.starts_with("docker.target.") && !named.contains(&field.name)),
            access: rules.asks_for(|field| field.name == "docker.host_access"),
        };
        Self {
            rules: rules.with_matching(Matching::All),
            builtin: builtin::rules(),
            root,
            engine,
            asks,
            records: false,
            owners: false,
        }
    }

    /// The same, with all that is known of each request in the decision on it.
    #[must_use]
    pub fn recording(self, records: bool) -> Self {
        Self { records, ..self }
    }

    /// The same, where each container has a label that says who had it made ([`owner`]).
    #[must_use]
    pub fn with_owners(self, owners: bool) -> Self {
        Self { owners, ..self }
    }

    /// Writes into a new container whose it is.
    pub fn stamp<C: Fields>(&self, operation: &Operation, body: &mut Json, caller: &C) {
        if self.owners && operation.name == "container.create" {
            owner::stamp(body, owner::of(caller));
        }
    }

    /// Decides on a request.
    pub async fn decide<C: Fields>(&self, request: &Request, caller: &C) -> Decision<'_> {
        let known = self.known(request).await;
        let mut facts = Facts::new(request, known.binds, known.inspected.as_ref(), known.of_volumes);
        facts.owners = self.owners.then(|| owner::of(caller));
        let mut decision = match known.denied {
            Some(reason) => self.by_builtin(reason, &facts, caller),
            None => self.by_rules(&facts, caller),
        };
        if self.records {
            decision.facts = facts.all();
        }
        decision.mounts = facts.binds.iter().map(judged).collect();
        decision
    }

    /// What a container that was made has more than the request asked for, with an alert that says so.
    pub async fn drift<C: Fields>(
        &self,
        request: &Request,
        caller: &C,
        mounts: &[Judged],
        id: &str,
    ) -> Option<Drifted<'_>> {
        let found = match inspect::container(id, &self.engine).await {
            Ok(Some(container)) => self.compare(request, mounts, &container).await,
            Ok(None) => return None,
            Err(error) => format!("it cannot be looked at: {error}"),
        };
        if found.is_empty() {
            return None;
        }
        let facts = Facts::new(request, Vec::new(), None, Vec::new());
        let alert = self.by_builtin(Builtin::Drift, &facts, caller).alerts.pop();
        Some(Drifted { found, alert })
    }

    async fn compare(&self, request: &Request, mounts: &[Judged], container: &Json) -> String {
        let body = request.body.as_ref().unwrap_or(&Json::Null);
        let now: Vec<Judged> = self.look(host_access::wanted(request)).await.iter().map(judged).collect();
        let resolve = |path: &str| now.iter().find(|mount| mount.source == path)?.resolved.clone();
        let drift = verify::drift(body, container, mounts, resolve);
        drift.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    /// Has the engine remove a container.
    pub async fn remove(&self, id: &str) -> Result<(), InspectError> {
        self.engine.remove(id).await
    }

    /// When the engine made the container of this name.
    pub async fn age(&self, name: &str) -> Age {
        inspect::age(name, &self.engine).await
    }

    async fn known(&self, request: &Request) -> Known {
        let denied = |reason| Known {
            binds: Vec::new(),
            inspected: None,
            of_volumes: Vec::new(),
            denied: Some(reason),
        };
        let Some(operation) = request.operation else { return denied(Builtin::UnknownOperation) };
        if !body::is_canonical(operation, request.body.as_ref()) {
            return denied(Builtin::UnreadBody);
        }
        let wanted = host_access::wanted(request);
        if wanted.len() > MAX_BINDS {
            return denied(Builtin::TooManyMounts);
        }
        let binds = self.look(wanted).await;
        match self.inspected(request).await {
            Ok((inspected, of_volumes)) => Known { binds, inspected, of_volumes, denied: None },
            Err(_) => Known { binds, ..denied(Builtin::UnknownTarget) },
        }
    }

    /// Looks at the host's side of mounts, away from other requests.
    async fn look(&self, wanted: Vec<host_access::Wanted>) -> Vec<Bind> {
        if wanted.is_empty() {
            return Vec::new();
        }
        let (root, sources) = (Arc::clone(&self.root), wanted.clone());
        let looking = spawn_blocking(move || sources.into_iter().map(|one| Bind::look(one, &root)).collect());
        match timeout(LOOK, looking).await {
            Ok(Ok(binds)) => binds,
            Ok(Err(_)) | Err(_) => wanted.into_iter().map(Bind::unknown).collect(),
        }
    }

    /// What the engine says, as far as rules want to know.
    async fn inspected(&self, request: &Request) -> Result<(Option<Inspected>, Vec<String>), InspectError> {
        let target = if self.asks.target { inspect::target(request, &self.engine).await? } else { None };
        let of_volumes =
            if self.asks.access { inspect::volumes(request, &self.engine).await? } else { Vec::new() };
        Ok((target, of_volumes))
    }

    fn by_builtin<C: Fields>(&self, reason: Builtin, facts: &Facts<'_>, caller: &C) -> Decision<'_> {
        let asked = Asked { facts, bind: None, caller };
        let rule = self.builtin.rules().iter().find(|rule| rule.name == reason.rule());
        let verdict = Verdict::Deny { rule: reason.rule().to_owned(), reason: reason.reason().to_owned() };
        Decision {
            verdict,
            alerts: rule.map(|rule| (rule, rule.render_output(&asked))).into_iter().collect(),
            facts: Vec::new(),
            mounts: Vec::new(),
        }
    }

    /// Asks the rules, once for each mount of the host. A mount that is denied denies all; to be allowed by rules, every
    /// one has to be.
    fn by_rules<C: Fields>(&self, facts: &Facts<'_>, caller: &C) -> Decision<'_> {
        let mut decision =
            Decision { verdict: Verdict::Allow, alerts: Vec::new(), facts: Vec::new(), mounts: Vec::new() };
        let mut scratch = Scratch::default();
        let binds: Vec<_> =
            if facts.binds.is_empty() { vec![None] } else { facts.binds.iter().map(Some).collect() };
        for bind in binds {
            let asked = Asked { facts, bind, caller };
            self.ask(&asked, &mut scratch, &mut decision);
        }
        decision
    }

    fn ask<'p, C: Fields>(
        &'p self,
        asked: &Asked<'_, C>,
        scratch: &mut Scratch,
        decision: &mut Decision<'p>,
    ) {
        let mut is_decided = false;
        for rule in self.rules.evaluate(EVENT, asked, scratch).matches {
            match rule.action {
                Some(_) if is_decided => continue,
                Some(Action::Allow) => {
                    is_decided = true;
                    continue;
                }
                Some(Action::Deny) => {
                    is_decided = true;
                    decision.deny(rule, asked.facts);
                }
                None => {}
            }
            if !decision.alerts.iter().any(|(known, _)| known.name == rule.name) {
                decision.alerts.push((rule, rule.render_output(asked)));
            }
        }
    }
}

impl Decision<'_> {
    /// Denies, unless that is done already.
    fn deny(&mut self, rule: &Rule, facts: &Facts<'_>) {
        if self.verdict != Verdict::Allow {
            return;
        }
        let mut reason = rule.desc.split_whitespace().collect::<Vec<_>>().join(" ");
        let asks_for_access = rule.output().fields().iter().any(|(name, _)| &**name == "docker.host_access");
        if asks_for_access && !facts.host_access.is_empty() {
            reason = format!("{reason} ({})", facts.host_access.join(", "));
        }
        self.verdict = Verdict::Deny { rule: rule.name.clone(), reason };
    }
}

#[cfg(test)]
#[path = "policy/tests.rs"]
mod tests;
