//! Putting the engine together, and its loop.

use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use sensor_common::event::Kind;

use crate::{
    cli::{Stage, TierChoice, Watch},
    dns::Names,
    enrichment::{Enrichment, Wake},
    identity::{Counters, Identities, Options, Places, Resolver, identities},
    links::Links,
    objects::Objects,
    observation::Host,
    process::{Limits, ProcessTable},
    ring::{BATCH, drain},
    rules::{EventTypes, RuleSet, field::FieldError, policies},
    sink::{Destination, Inlet, OpenError, Severity, Sink, status},
    sys::{
        bpf::{self, LoadError, Programs, State},
        cgroupfs, clock,
        files::FileId,
        host,
        proc::{ProcError, ProcFs},
        rings::{Rings, Wait},
        signals::Requests,
        tracefs,
    },
    trail::Clients,
};

use super::{
    Companion, Purpose, asks_for_environment,
    events::Writer,
    integrity::Integrity,
    judge::Judge,
    pipeline::{self, End, Pipeline},
    reload::{Loader, Reload},
    summary,
    wanted::{is_wanted, types_needed},
};

/// What is said when rules that are loaded anew ask for what the kernel programs were not told to capture.
const NO_ENVIRONMENT: &str = "the new rules ask for the environment, which is captured only if rules ask for it at \
    start; until a restart proc.env is missing";
/// Between two looks whether to stop, where that is all there is to do.
const PAUSE: Duration = Duration::from_millis(100);
/// Empty looks at the rings before the engine goes to sleep.
const IDLE_NAPS: u32 = 20;

/// Why the engine does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Privileges are missing.
    #[error("missing {}; run as root, or give the capabilities", .0.join(", "))]
    Privileges(Vec<&'static str>),
    /// The kernel programs could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Nothing can be written.
    #[error(transparent)]
    Output(#[from] OpenError),
    /// A field of the output is none; an error of Vigie's own.
    #[error("output: {0}")]
    Field(#[from] FieldError),
    /// A thread could not be started.
    #[error("the container resolver: {0}")]
    Resolver(#[from] crate::identity::resolver::StartError),
    /// Files cannot be watched.
    #[error("the files to watch: {0}")]
    Integrity(#[source] io::Error),
    /// Signals cannot be listened to.
    #[error("signals: {0}")]
    Signals(#[source] io::Error),
    /// The running processes could not be read.
    #[error(transparent)]
    Processes(#[from] ProcError),
}

/// The engine, ready to run.
#[derive(Debug)]
pub struct Engine {
    programs: Programs,
    /// Whether the programs capture environments.
    captures_env: bool,
    rings: Rings,
    pipeline: Pipeline,
    requests: Requests,
    reload: Reload,
    deadline: Option<Instant>,
    guard: Option<Box<dyn Companion>>,
}

impl Engine {
    /// Attaches the hooks and learns what there is already: hooks first, so that nothing falls between.
    pub fn start(watch: &Watch, purpose: Purpose, until: Option<Stage>) -> Result<Self, StartError> {
        let missing = host::missing_capabilities();
        if !missing.is_empty() {
            return Err(StartError::Privileges(missing));
        }
        let sink = Sink::open(&watch.file.clone().map_or(Destination::Stdout, Destination::File))?;
        if let Err(error) = tracefs::ensure() {
            tracing::debug!("tracefs: {error}");
        }
        let (rules, types) = match &purpose {
            Purpose::Alerts(rules, ..) => (Some(enabled(rules)), types_needed(rules)),
            Purpose::Events(_, types) => (None, *types),
        };
        let captures_env = purpose.asks_for_environment();
        let mut programs = Programs::load(&load_options(watch.ring_size, watch.tier, captures_env))?;
        let types = if watches(&purpose) { types.or(crate::watch::NEEDED) } else { types };
        programs.switch(|kind, hook| is_wanted(kind, hook, types))?;
        let rings = programs.rings()?;
        let requests = Requests::default();
        requests.listen(rings.waker()?).map_err(StartError::Signals)?;
        let mut pipeline = pipeline(watch, purpose, until, sink, &programs, &rings)?;
        seed(&mut pipeline)?;
        announce(&programs, rules);
        let deadline = watch.duration.and_then(|duration| Instant::now().checked_add(duration));
        let reload = Reload::default();
        Ok(Self { programs, captures_env, rings, pipeline, requests, reload, deadline, guard: None })
    }

    /// Loads the rules anew by `loader` at every SIGHUP, which otherwise ends the engine.
    #[must_use]
    pub fn with_reload(self, loader: Loader) -> Self {
        Self { reload: Reload::new(loader), ..self }
    }

    /// Has a guard work beside it. Neither ends with the other, but for what is asked of both.
    #[must_use]
    pub fn with_guard(self, guard: Box<dyn Companion>) -> Self {
        Self { guard: Some(guard), ..self }
    }

    /// Where others may send their alerts.
    pub fn inlet(&self) -> Inlet {
        self.pipeline.sink.inlet()
    }

    /// Works until it is asked to stop, its time is up, or nobody reads any more.
    pub fn run(mut self) -> Result<(), LoadError> {
        let watched = self.watch();
        if let (Err(error), Some(_)) = (&watched, &self.guard) {
            status(Severity::Error, &format!("detection has ended, and the guard goes on: {error}"));
            while !self.is_over() {
                std::thread::sleep(PAUSE);
            }
        }
        if watched.is_ok() || self.guard.is_some() {
            self.stop();
        }
        watched
    }

    fn watch(&mut self) -> Result<(), LoadError> {
        let mut idle = 0_u32;
        while !self.is_over() && self.reload_rules()? {
            let taken = drain(&mut self.rings, |record| self.pipeline.take(record));
            self.pipeline.settle(Instant::now());
            self.programs.flush_log();
            if self.requests.take_summary() {
                self.tell();
            }
            if taken >= BATCH {
                continue;
            }
            idle = if taken > 0 || self.pipeline.is_waiting() { 0 } else { idle.saturating_add(1) };
            self.rings.wait(if idle > IDLE_NAPS { Wait::Sleep } else { Wait::Nap })?;
        }
        Ok(())
    }

    /// Starts or ends the loading of other rules; says whether to go on.
    fn reload_rules(&mut self) -> Result<bool, LoadError> {
        if self.requests.take_reload() || self.reload.take_again() {
            if !self.reload.is_possible() {
                return Ok(false);
            }
            self.reload.ask(self.rings.waker()?);
        }
        if let Some(rules) = self.reload.take() {
            if asks_for_environment(&rules) && !self.captures_env {
                status(Severity::Warning, NO_ENVIRONMENT);
            }
            let watching =
                if rules.watching().next().is_some() { crate::watch::NEEDED } else { EventTypes::NONE };
            let (enabled, types) = (enabled(&rules), types_needed(&rules).or(watching));
            let types = types.or(self.pipeline.event_types());
            // What the new rules need is on before they judge, and what only the old ones needed is off after.
            self.programs.switch(|kind, hook| is_wanted(kind, hook, types))?;
            self.pipeline.watch_rights(sees_rights(&self.programs), clock::boottime());
            self.pipeline.replace_rules(rules);
            status(Severity::Info, &format!("{enabled} rules loaded anew"));
        }
        Ok(true)
    }

    fn is_over(&self) -> bool {
        let late = self.deadline.is_some_and(|deadline| deadline <= Instant::now());
        late || self.requests.stop() || self.pipeline.sink.is_gone()
    }

    /// Detaches the hooks, so that nothing comes after, takes what is left, and says what was counted.
    fn stop(mut self) {
        self.programs.detach();
        while drain(&mut self.rings, |record| self.pipeline.take(record)) > 0 {}
        self.pipeline.settle(Instant::now());
        self.pipeline.give_up();
        if let Some(guard) = &mut self.guard {
            guard.end();
        }
        self.pipeline.sink.close();
        self.tell();
    }

    /// Says what was counted.
    fn tell(&self) {
        let mut summary = summary::collect(&self.programs, &self.pipeline);
        if let Some(guard) = &self.guard {
            summary.add("guard", guard.rows());
        }
        summary::print(&summary);
    }
}

/// Whether files are watched.
fn watches(purpose: &Purpose) -> bool {
    match purpose {
        Purpose::Events(..) => false,
        Purpose::Alerts(rules, _, targets) => !targets.is_empty() || rules.watching().next().is_some(),
    }
}

/// How many rules can fire.
fn enabled(rules: &RuleSet) -> usize {
    rules.rules().iter().filter(|rule| rule.enabled).count()
}

/// How to load the programs.
pub(crate) fn load_options(ring_size: u32, tier: TierChoice, capture_env: bool) -> bpf::Options {
    bpf::Options {
        critical_ring: ring_size,
        bulk_ring: ring_size,
        force_tracepoint: tier == TierChoice::Tracepoint,
        capture_env,
    }
}

fn pipeline(
    watch: &Watch,
    purpose: Purpose,
    until: Option<Stage>,
    sink: Sink,
    programs: &Programs,
    rings: &Rings,
) -> Result<Pipeline, StartError> {
    let identity_counters = Arc::new(Counters::default());
    let options = Options { places: places(watch), ..Options::default() };
    let waker = rings.waker()?;
    let wake = enrichment_waker(rings)?;
    let resolver = Resolver::start(&options, Arc::clone(&identity_counters), move || waker.wake())?;
    let walk = Box::new(|| cgroupfs::walk(&cgroupfs::find_mount()?, cgroupfs::MAX_CGROUPS));
    let limits = identities::Limits::default();
    let names = match &purpose {
        Purpose::Alerts(rules, ..) => rules.texts_of("fd.name"),
        // A recording is to be judged by rules that are not known yet; these are the likeliest.
        Purpose::Events(..) => {
            policies::load().map(|(rules, _)| rules.texts_of("fd.name")).unwrap_or_default()
        }
    };
    let boot_offset = clock::boot_offset();
    let host = Host {
        hostname: host::hostname(),
        boot_offset,
        tier: programs.tier,
        mnt_ns: host::mount_namespace(),
        init_mnt_ns: host::init_mount_namespace(),
        systemd: host::runs_systemd(),
    };
    Ok(Pipeline {
        table: ProcessTable::new(Limits::default()),
        identities: Identities::new(resolver, walk, limits, Arc::clone(&identity_counters)),
        identity_counters,
        host,
        links: Links::new(names, FileId::at),
        clients: Clients::default(),
        enrichment: Enrichment::new(&wake),
        names: Names::default(),
        objects: Objects::default(),
        sink,
        end: match purpose {
            Purpose::Events(with, _) => End::Events(Writer::new(&with)?),
            Purpose::Alerts(rules, output, targets) => {
                let writes = until != Some(Stage::Rules);
                let (tier, waker) = ((programs.tier, boot_offset), rings.waker()?);
                let integrity = Integrity::start(targets, &rules, (output, writes), tier, waker);
                let integrity = integrity.map_err(StartError::Integrity)?;
                End::Alerts(Box::new(Judge::new(*rules, output, writes)), Box::new(integrity))
            }
        },
        until,
        rights_since: sees_rights(programs).then_some(0),
        counters: pipeline::Counters::default(),
    })
}

/// Whether every call that may make a process root is seen.
fn sees_rights(programs: &Programs) -> bool {
    programs.sees_all(Kind::CredentialSetid) && programs.sees_all(Kind::ProcessExec)
}

/// Where the options say, or the usual places.
fn places(watch: &Watch) -> Places {
    let usual = Places::default();
    let chosen = |given: &[PathBuf], usual| if given.is_empty() { usual } else { given.to_vec() };
    Places {
        docker_socket: docker_socket(watch),
        cri_sockets: chosen(&watch.cri_sockets, usual.cri_sockets),
        podman_storages: chosen(&watch.podman_storages, usual.podman_storages),
    }
}

/// What wakes the engine when something was looked up.
fn enrichment_waker(rings: &Rings) -> Result<Wake, LoadError> {
    let waker = rings.waker()?;
    Ok(Arc::new(move || waker.wake()))
}

/// `--docker-socket`, or the path in `DOCKER_HOST`, or the usual one.
fn docker_socket(watch: &Watch) -> PathBuf {
    let from_environment = || {
        let host = std::env::var("DOCKER_HOST").ok()?;
        host.strip_prefix("unix://").map(PathBuf::from)
    };
    let chosen = watch.docker_socket.clone().or_else(from_environment);
    chosen.unwrap_or_else(|| Places::default().docker_socket)
}

/// Learns the cgroups and processes that are there already.
fn seed(pipeline: &mut Pipeline) -> Result<(), StartError> {
    if let Err(error) = pipeline.identities.seed(clock::boottime()) {
        status(Severity::Warning, &format!("{error}: containers cannot be told from the host"));
    }
    let time = clock::boottime();
    let snapshot = ProcFs::of_host().snapshot(Limits::default().processes)?;
    let ids: HashMap<Vec<u8>, u64> =
        pipeline.identities.ids().map(|(path, id)| (path.to_vec(), id)).collect();
    pipeline.table.seed(snapshot.processes, time, |path| ids.get(path).copied());
    Ok(())
}

/// The line that says what works.
fn announce(programs: &Programs, rules: Option<usize>) {
    let off: Vec<_> = programs.hooks.iter().filter(|report| matches!(report.state, State::Off(_))).collect();
    let on = programs.hooks.iter().filter(|report| report.state == State::On).count();
    let unasked = programs.hooks.iter().filter(|report| report.state == State::NotAsked).count();
    let mut line = format!(
        "version {}, tier {}, hooks: {on} on, {} degraded, {} off, {unasked} of no use to the rules",
        env!("CARGO_PKG_VERSION"),
        programs.tier.name(),
        usize::from(!programs.missing.is_empty()),
        off.len(),
    );
    line.push_str(
        &rules
            .map_or_else(|| ", every event is written".to_owned(), |rules| format!(", {rules} rules loaded")),
    );
    status(Severity::Info, &line);
    if !off.is_empty() {
        let names: Vec<_> = off.iter().map(|report| report.hook.program).collect();
        status(
            Severity::Info,
            &format!("off: {}; `vigie doctor` says why and what it costs", names.join(", ")),
        );
    }
}
