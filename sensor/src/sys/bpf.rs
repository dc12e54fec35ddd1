//! Loading the kernel programs: offsets from BTF, one tier or the other, a state for each hook.

use std::{
    collections::HashMap,
    num::NonZero,
    sync::{Mutex, PoisonError},
};

use aya::{
    Btf, Ebpf, EbpfLoader, include_bytes_aligned,
    maps::{MapData, MapError, PerCpuArray},
    programs::{Program, ProgramError},
};
use sensor_common::{
    config::Config,
    counters::COUNT,
    event::{
        Kind,
        hook::{Hook, Tier},
    },
    field_offsets::{Field, FieldOffsets, MISSING},
};
use zerocopy::IntoBytes;

use super::{bpf_log::Log, btf, rings::Rings, tracefs};

/// The object that `build.rs` made.
static OBJECT: &[u8] = include_bytes_aligned!(concat!(env!("OUT_DIR"), "/vigie-ebpf"));

/// Smallest ring, in bytes: one page.
pub const MIN_RING: u32 = 4096;

/// What the caller chooses.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bytes of the ring for processes and containers; a power of two, at least [`MIN_RING`].
    pub critical_ring: u32,
    /// Bytes of the ring for opens; likewise.
    pub bulk_ring: u32,
    /// Capture the environment of programs that start, which may hold secrets.
    pub capture_env: bool,
    /// Use the tracepoint tier even where the other one can be had.
    pub force_tracepoint: bool,
}

/// Why the programs could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The kernel describes no types.
    #[error(
        "this kernel has no BTF ({0}); Vigie needs a kernel built with CONFIG_DEBUG_INFO_BTF=y, which every \
         distribution kernel since 5.10 is"
    )]
    NoBtf(#[source] btf::BtfError),
    /// The kernel's types could not be read by the loader.
    #[error("the kernel's BTF cannot be read: {0}")]
    Btf(#[from] aya::BtfError),
    /// Maps or object refused.
    #[error(
        "the kernel refused Vigie's maps: {0}; run as root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_RESOURCE"
    )]
    Object(#[source] aya::EbpfError),
    /// A ring size that the kernel does not take.
    #[error("ring size {0} is not a power of two of at least {MIN_RING} bytes; try {next}", next = next_size(*.0))]
    RingSize(u32),
    /// A map is missing from the object.
    #[error("the embedded kernel object has no map {0}; rebuild Vigie")]
    NoMap(&'static str),
    /// A map could not be used.
    #[error("map {name}: {source}")]
    Map {
        /// Its name.
        name: &'static str,
        /// What aya says.
        source: MapError,
    },
    /// Waiting for records cannot be set up.
    #[error("{call}: {source}")]
    Wait {
        /// The system call.
        call: &'static str,
        /// What it returned.
        source: rustix::io::Errno,
    },
    /// Not one program could be attached.
    #[error("the kernel refused every hook; the first refusal: {0}")]
    NoHooks(String),
}

fn next_size(size: u32) -> u32 {
    size.max(MIN_RING).checked_next_power_of_two().unwrap_or(1 << 31)
}

/// Whether a hook works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Attached.
    On,
    /// Not attached, for the reason given.
    Off(String),
    /// Another program does its work on this kernel or in this tier.
    NotNeeded,
    /// This kernel has no such system call, so that nothing is missed.
    NoCall,
    /// Nobody can use what it reports.
    NotAsked,
}

/// A hook and its state.
#[derive(Clone, Debug)]
pub struct HookReport {
    /// The kind it reports.
    pub kind: Kind,
    /// The hook.
    pub hook: Hook,
    /// Its state.
    pub state: State,
}

/// Programs that the kernel refused, and why.
type Refusals = HashMap<&'static str, String>;

/// The object with its maps, and none of its programs loaded.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) ebpf: Ebpf,
    pub(super) btf: Btf,
    pub(super) offsets: FieldOffsets,
    pub(super) config: Config,
}

impl Object {
    /// Makes the maps, of these sizes. What the kernel has is added to `config`.
    pub(super) fn open(
        config: Config,
        sizes: impl IntoIterator<Item = (&'static str, u32)>,
    ) -> Result<Self, LoadError> {
        let types = btf::Btf::of_kernel().map_err(LoadError::NoBtf)?;
        let offsets = FieldOffsets::resolve(|field| types.member_offset(field.structure, field.member));
        let config = Config {
            own_pid: std::process::id(),
            // The helper came with Linux 5.15.
            task_pt_regs: u32::from(types.has_function("bpf_task_pt_regs")),
            // Linux 5.12.
            socket_cookie: u32::from(types.has_function("bpf_get_socket_ptr_cookie")),
            ..config
        };
        let btf = Btf::from_sys_fs()?;
        let mut loader = EbpfLoader::new();
        for (map, size) in sizes {
            loader.map_max_entries(map, size);
        }
        let ebpf = loader
            .btf(Some(&btf))
            .override_global("OFFSETS", offsets.as_bytes(), true)
            .override_global("CONFIG", config.as_bytes(), true)
            .load(OBJECT)
            .map_err(LoadError::Object)?;
        Ok(Self { ebpf, btf, offsets, config })
    }
}

/// The loaded programs; dropping it detaches them.
#[derive(Debug)]
pub struct Programs {
    ebpf: Ebpf,
    btf: Btf,
    /// Only the tracepoint tier may be used.
    forced: bool,
    log: Log,
    critical_ring: u32,
    /// How events are obtained.
    pub tier: Tier,
    /// Every hook, in table order.
    pub hooks: Vec<HookReport>,
    /// Kernel members that the programs would read and this kernel does not have.
    pub missing: Vec<&'static Field>,
}

impl Programs {
    /// Loads them; none is attached before [`Programs::switch`].
    pub fn load(options: &Options) -> Result<Self, LoadError> {
        for size in [options.critical_ring, options.bulk_ring] {
            if !size.is_power_of_two() || size < MIN_RING {
                return Err(LoadError::RingSize(size));
            }
        }
        let wake_bytes = options.bulk_ring.min(options.critical_ring) / 4;
        let config = Config { wake_bytes, capture_env: options.capture_env.into(), ..Config::default() };
        let sizes = [("CRITICAL", options.critical_ring), ("BULK", options.bulk_ring)];
        // What the guard alone needs takes no room.
        let guards = [
            ("LOCKED_SOCKETS", 1),
            ("LOCKED_PROGRAMS", 1),
            ("LOCKED_CLIENTS", 1),
            ("LOCKED_EVENTS", MIN_RING),
        ];
        let Object { mut ebpf, btf, offsets, .. } = Object::open(config, sizes.into_iter().chain(guards))?;
        let log = Log::of(&mut ebpf);
        let tier = if options.force_tracepoint { Tier::Tracepoint } else { probe(&mut ebpf, &btf) };
        Ok(Self {
            ebpf,
            btf,
            forced: options.force_tracepoint,
            log,
            critical_ring: options.critical_ring,
            tier,
            hooks: reports(),
            missing: missing(&offsets),
        })
    }

    /// Attaches what is `wanted` and detaches what is not, so that nothing is paid for that nobody can use. Hooks that
    /// are wanted and were off before are tried again.
    pub fn switch(&mut self, wanted: impl Fn(Kind, &Hook) -> bool) -> Result<(), LoadError> {
        for index in 0..self.hooks.len() {
            self.ask(index, &wanted);
        }
        let first = if self.forced { Tier::Tracepoint } else { Tier::Lsm };
        for tier in [first, Tier::Tracepoint] {
            let open: Vec<_> = (0..self.hooks.len()).filter(|index| self.is_open(*index, tier)).collect();
            let refused = self.load_all(&open);
            for index in open {
                self.attach_one(index, &refused);
            }
        }
        if self.hooks.iter().any(|report| report.state == State::On) {
            return Ok(());
        }
        let refusal = self.hooks.iter().find_map(|report| match &report.state {
            State::Off(why) => Some(format!("{}: {why}", report.hook.program)),
            State::On | State::NotNeeded | State::NoCall | State::NotAsked => None,
        });
        Err(LoadError::NoHooks(refusal.unwrap_or_default()))
    }

    /// Takes note of whether a hook is wanted, and detaches one that is not.
    fn ask(&mut self, index: usize, wanted: &impl Fn(Kind, &Hook) -> bool) {
        let Some(report) = self.hooks.get_mut(index) else { return };
        match (wanted(report.kind, &report.hook), &report.state) {
            (true, State::On) => {}
            (true, _) => report.state = State::NotNeeded,
            (false, state) => {
                let was_on = *state == State::On;
                report.state = State::NotAsked;
                if was_on && let Some(program) = self.ebpf.program_mut(report.hook.program) {
                    unload_program(report.hook.program, program);
                }
            }
        }
    }

    /// Whether a hook is to be attached: one of this tier that is wanted and not tried, unless its kind is served by
    /// the better tier.
    fn is_open(&self, index: usize, tier: Tier) -> bool {
        let Some(report) = self.hooks.get(index) else { return false };
        let of_kind = |other: &&HookReport| other.kind == report.kind && other.hook.tier == Tier::Lsm;
        let better = || self.hooks.iter().filter(of_kind).any(|other| other.state == State::On);
        let second_best = report.hook.tier == Tier::Tracepoint;
        report.state == State::NotNeeded && report.hook.tier.serves(tier) && !(second_best && better())
    }

    /// Loads the programs of these hooks, as many at a time as there are CPUs, since what takes long is the kernel's
    /// check of each. Gives those that it refused, and why.
    fn load_all(&mut self, indices: &[usize]) -> Refusals {
        let hooks: HashMap<&str, Hook> = indices
            .iter()
            .filter_map(|index| self.hooks.get(*index))
            .map(|report| (report.hook.program, report.hook))
            .collect();
        let btf = &self.btf;
        let programs = self.ebpf.programs_mut();
        let asked = Mutex::new(programs.filter_map(|(name, program)| Some((*hooks.get(name)?, program))));
        let next = || asked.lock().unwrap_or_else(PoisonError::into_inner).next();
        let load = || {
            let refused = |(hook, program): (Hook, &mut Program)| {
                load_program(program, &hook, btf).err().map(|error| (hook.program, short_reason(&error)))
            };
            std::iter::from_fn(next).filter_map(refused).collect::<Vec<_>>()
        };
        let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(load)).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
        })
    }

    fn attach_one(&mut self, index: usize, refused: &Refusals) {
        let Some(report) = self.hooks.get(index) else { return };
        let (kind, hook) = (report.kind, report.hook);
        let same_loss = |other: &HookReport| other.kind == kind && other.hook.without == hook.without;
        let is_served = self.hooks.iter().any(|other| same_loss(other) && other.state == State::On);
        let state = match (self.ebpf.program_mut(hook.program), refused.get(hook.program)) {
            (None, _) => State::Off("not in the embedded object".to_owned()),
            (Some(program), _) if is_served => {
                unload_program(hook.program, program);
                return;
            }
            (Some(_), Some(why)) => State::Off(why.clone()),
            (Some(program), None) => attach_program(program, &hook).map_or_else(
                |error| {
                    unload_program(hook.program, program);
                    if tracefs::lacks_call(hook.target) {
                        State::NoCall
                    } else {
                        State::Off(short_reason(&error))
                    }
                },
                |()| State::On,
            ),
        };
        if state == State::On {
            // What an alternative for another kernel was refused for is of no interest any more.
            let refused = |report: &&mut HookReport| matches!(report.state, State::Off(_));
            let alternatives =
                self.hooks.iter_mut().filter(|r| r.kind == kind && r.hook.without == hook.without);
            alternatives.filter(refused).for_each(|report| report.state = State::NotNeeded);
        }
        if let Some(report) = self.hooks.get_mut(index) {
            report.state = state;
        }
    }

    /// Whether every call of a kind is seen at its end.
    pub fn sees_all(&self, kind: Kind) -> bool {
        let at_end = |report: &&HookReport| report.kind == kind && !report.hook.target.contains("sys_enter_");
        let mut hooks = self.hooks.iter().filter(at_end);
        hooks.all(|report| matches!(report.state, State::On | State::NotNeeded | State::NoCall))
    }

    /// Takes the rings, once.
    pub fn rings(&mut self) -> Result<Rings, LoadError> {
        Rings::take(&mut self.ebpf, self.critical_ring)
    }

    /// Passes on what the programs say of themselves, where they were built to.
    pub fn flush_log(&mut self) {
        self.log.flush();
    }

    /// Detaches every program, so that the counters stand still.
    pub fn detach(&mut self) {
        // The kernel waits for every program to have ended everywhere; many such waits at once take as long as one.
        std::thread::scope(|scope| {
            for (name, program) in self.ebpf.programs_mut() {
                scope.spawn(move || unload_program(name, program));
            }
        });
    }

    /// The programs' counters: for each kind, in table order, the sum over all CPUs.
    pub fn counters(&self) -> Result<Vec<[u64; COUNT]>, LoadError> {
        let map = self.ebpf.map("COUNTERS").ok_or(LoadError::NoMap("COUNTERS"))?;
        let wrap = |source| LoadError::Map { name: "COUNTERS", source };
        let rows: PerCpuArray<&MapData, [u64; COUNT]> = PerCpuArray::try_from(map).map_err(wrap)?;
        let sum = |kind: &Kind| {
            let mut total = [0_u64; COUNT];
            for row in rows.get(&kind.index(), 0).map_err(wrap)?.iter() {
                total.iter_mut().zip(row).for_each(|(total, count)| *total += count);
            }
            Ok(total)
        };
        Kind::ALL.iter().map(sum).collect()
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "aya has thirty kinds of programs, the table four")]
fn load_program(program: &mut Program, hook: &Hook, btf: &Btf) -> Result<(), ProgramError> {
    match program {
        Program::BtfTracePoint(program) => program.load(hook.target, btf),
        Program::FEntry(program) => program.load(hook.target, btf),
        Program::FExit(program) => program.load(hook.target, btf),
        Program::TracePoint(program) => program.load(),
        _ => Err(ProgramError::UnexpectedProgramType),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "aya has thirty kinds of programs, the table four")]
fn attach_program(program: &mut Program, hook: &Hook) -> Result<(), ProgramError> {
    match program {
        Program::BtfTracePoint(program) => program.attach().map(drop),
        Program::FEntry(program) => program.attach().map(drop),
        Program::FExit(program) => program.attach().map(drop),
        Program::TracePoint(program) => {
            let (category, name) = hook.target.split_once('/').unwrap_or(("", hook.target));
            program.attach(category, name).map(drop)
        }
        _ => Err(ProgramError::UnexpectedProgramType),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "aya has thirty kinds of programs, the table four")]
fn unload_program(name: &str, program: &mut Program) {
    let result = match program {
        Program::BtfTracePoint(program) => program.unload(),
        Program::FEntry(program) => program.unload(),
        Program::FExit(program) => program.unload(),
        Program::TracePoint(program) => program.unload(),
        _ => Ok(()),
    };
    if let Err(error) = result {
        tracing::debug!("detaching {name}: {error}");
    }
}

/// Which tier this kernel takes: `lsm` where one of its hooks on opens can be loaded.
fn probe(ebpf: &mut Ebpf, btf: &Btf) -> Tier {
    let hooks = Kind::FileOpen.hooks().iter().filter(|hook| hook.tier == Tier::Lsm);
    let mut loads = |hook: &Hook| match ebpf.program_mut(hook.program) {
        Some(Program::FExit(program)) => {
            let loaded = program.load(hook.target, btf).is_ok();
            loaded && program.unload().is_ok()
        }
        _ => false,
    };
    if hooks.into_iter().any(&mut loads) { Tier::Lsm } else { Tier::Tracepoint }
}

/// Every hook, asked for or not.
fn reports() -> Vec<HookReport> {
    let of_kind = |kind: &'static Kind| {
        kind.hooks().iter().map(|hook| HookReport { kind: *kind, hook: *hook, state: State::NotAsked })
    };
    Kind::ALL.iter().flat_map(of_kind).collect()
}

/// The cause of a refusal in one line; the verifier's log is only of use to developers.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other error is one line already")]
pub(super) fn short_reason(error: &ProgramError) -> String {
    tracing::debug!("{error}");
    match error {
        ProgramError::LoadError { io_error, verifier_log: _ } => io_error.to_string(),
        ProgramError::Btf(error) => error.to_string(),
        ProgramError::SyscallError(error) => error.to_string(),
        other => other.to_string(),
    }
}

fn missing(offsets: &FieldOffsets) -> Vec<&'static Field> {
    let mut values = offsets.as_bytes().chunks_exact(size_of::<u32>());
    let is_missing = |_: &&Field| values.next().is_some_and(|value| value == MISSING.to_ne_bytes());
    FieldOffsets::FIELDS.iter().filter(is_missing).collect()
}
