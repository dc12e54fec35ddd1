//! Rules judge events; what hangs on a container's metadata waits for it a bounded time.

use std::time::Instant;

use crate::{
    alert::Raised,
    cli::Output,
    decode::{Event, event_type},
    identity::{Identity, State},
    observation::Observation,
    rules::{EventTypes, Rendered, Rule, RuleSet, Scratch, Value},
};

use super::{
    bench::Bench,
    held::{Held, Queue},
};

/// What the rules stage counts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counters {
    /// Events judged.
    judged: u64,
    /// Alerts raised.
    alerts: u64,
    /// Events that waited for a container runtime.
    held: u64,
    /// Events that should have waited, had there been room.
    not_held: u64,
    /// Events judged without the runtime's word, because it did not come in time.
    expired: u64,
    /// Alerts sent again once the runtime's word had come.
    amended: u64,
}

impl Counters {
    /// Every counter with its name.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        let Self { judged, alerts, held, not_held, expired, amended } = *self;
        [
            ("judged", judged),
            ("alerts", alerts),
            ("held", held),
            ("not_held", not_held),
            ("expired", expired),
            ("amended", amended),
        ]
        .into_iter()
    }
}

/// The rules and the events that wait.
#[derive(Debug)]
pub(super) struct Judge {
    rules: RuleSet,
    scratch: Scratch,
    /// What the rules can match at all.
    kinds: EventTypes,
    output: Output,
    /// Whether alerts are written, and not only counted.
    writes: bool,
    held: Queue,
    amendable: Queue,
    counters: Counters,
}

/// Whether an event may still wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// It was only just read.
    Fresh,
    /// It has waited long enough: it goes out as it is, and may be amended.
    Out,
    /// It went out already; this is the amendment.
    Amends,
}

impl Judge {
    /// Judges by these rules; `writes` says whether alerts are written at all.
    pub(super) fn new(rules: RuleSet, output: Output, writes: bool) -> Self {
        Self {
            kinds: rules.event_types(),
            rules,
            scratch: Scratch::default(),
            output,
            writes,
            held: Queue::default(),
            amendable: Queue::default(),
            counters: Counters::default(),
        }
    }

    /// Judges by other rules from now on, what waits included.
    pub(super) fn replace(&mut self, rules: RuleSet) {
        self.kinds = rules.event_types();
        self.rules = rules;
    }

    /// What was counted.
    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Whether events wait.
    pub(super) fn is_waiting(&self) -> bool {
        !self.held.is_empty()
    }

    /// Judges an event, or lets it wait.
    pub(super) fn take(&mut self, event: Event, number: u64, bench: &Bench<'_>) {
        self.counters.judged += 1;
        self.judge(event, number, bench, Patience::Fresh);
    }

    /// Judges what waited for answers that came, what waited too long, and amends what went out too early.
    pub(super) fn settle(&mut self, answered: bool, now: Instant, bench: &Bench<'_>) {
        if answered {
            let ready = |event: &Event| bench.is_settled(event);
            for Held { event, number, .. } in self.held.take_ready(ready) {
                self.judge(event, number, bench, Patience::Out);
            }
            for Held { event, number, .. } in self.amendable.take_ready(ready) {
                self.judge(event, number, bench, Patience::Amends);
            }
        }
        for Held { event, number, .. } in self.held.take_expired(now) {
            self.counters.expired += 1;
            self.judge(event, number, bench, Patience::Out);
        }
        drop(self.amendable.take_expired(now));
    }

    /// Judges everything that waits.
    pub(super) fn give_up(&mut self, bench: &Bench<'_>) {
        for Held { event, number, .. } in self.held.take_all() {
            self.judge(event, number, bench, Patience::Out);
        }
    }

    fn judge(&mut self, event: Event, number: u64, bench: &Bench<'_>, patience: Patience) {
        let kind = event_type(&event);
        if !self.kinds.contains(kind) {
            return;
        }
        let observation = bench.observe(&event, number);
        let evaluation = self.rules.evaluate(kind, &observation, &mut self.scratch);
        let render = |rule: &&'_ Rule| rule.render_output(&observation);
        let outputs: Vec<_> = evaluation.matches.iter().map(render).collect();
        let pending = evaluation.pending_touched || outputs.iter().any(|output| output.pending);
        if pending && patience == Patience::Fresh {
            self.hold(event, number, bench);
            return;
        }
        for (rule, output) in evaluation.matches.iter().zip(outputs) {
            if self.writes {
                let alert = raised(&observation, rule, output, patience == Patience::Amends);
                bench.sink.send(alert.line(self.output));
            }
        }
        let written = evaluation.matches.len() as u64;
        if patience == Patience::Amends {
            self.counters.amended += written;
        } else {
            self.counters.alerts += written;
        }
        if pending && written > 0 {
            self.amendable.keep(event, number);
        }
    }

    fn hold(&mut self, event: Event, number: u64, bench: &Bench<'_>) {
        match self.held.hold(event, number) {
            Ok(()) => self.counters.held += 1,
            Err(event) => {
                self.counters.not_held += 1;
                self.judge(event, number, bench, Patience::Out);
            }
        }
    }
}

/// The alert. Beside the fields that the rule's output names it has the time, and of a container how sure that is.
pub(super) fn raised<'a>(
    observation: &'a Observation<'_>,
    rule: &'a Rule,
    output: Rendered,
    amends: bool,
) -> Raised<'a> {
    let raised = Raised::new(rule, output, observation.time(), &observation.host.hostname);
    let raised = match &observation.identity {
        Identity::Container(container) => {
            raised.with("vigie.container.verified", Value::Bool(container.state == State::Verified))
        }
        Identity::Host | Identity::Unknown => raised,
    };
    if amends { raised.with("vigie.amended", Value::Bool(true)) } else { raised }
}
