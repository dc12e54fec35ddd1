//! Loading the kernel programs: offsets from BTF, one tier or the other, a state for each hook.

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

use super::{bpf_log::Log, btf, rings::Rings};

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

/// The loaded programs; dropping it detaches them.
#[derive(Debug)]
pub struct Programs {
    ebpf: Ebpf,
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
    /// Loads and attaches.
    pub fn load(options: &Options) -> Result<Self, LoadError> {
        for size in [options.critical_ring, options.bulk_ring] {
            if !size.is_power_of_two() || size < MIN_RING {
                return Err(LoadError::RingSize(size));
            }
        }
        let types = btf::Btf::of_kernel().map_err(LoadError::NoBtf)?;
        let offsets = FieldOffsets::resolve(|field| types.member_offset(field.structure, field.member));
        let config = Config {
            own_pid: std::process::id(),
            // The helper came with Linux 5.15.
            task_pt_regs: u32::from(types.has_function("bpf_task_pt_regs")),
            wake_bytes: options.bulk_ring.min(options.critical_ring) / 4,
            reserved: 0,
        };
        let btf = Btf::from_sys_fs()?;
        let mut ebpf = EbpfLoader::new()
            .btf(Some(&btf))
            .override_global("OFFSETS", offsets.as_bytes(), true)
            .override_global("CONFIG", config.as_bytes(), true)
            .map_max_entries("CRITICAL", options.critical_ring)
            .map_max_entries("BULK", options.bulk_ring)
            .load(OBJECT)
            .map_err(LoadError::Object)?;
        let log = Log::of(&mut ebpf);
        let mut programs = Self {
            ebpf,
            log,
            critical_ring: options.critical_ring,
            tier: Tier::Lsm,
            hooks: Vec::new(),
            missing: missing(&offsets),
        };
        programs.attach(&btf, options.force_tracepoint)?;
        Ok(programs)
    }

    /// Tries the `lsm` tier, then the other one.
    fn attach(&mut self, btf: &Btf, force_tracepoint: bool) -> Result<(), LoadError> {
        let tiers: &[Tier] =
            if force_tracepoint { &[Tier::Tracepoint] } else { &[Tier::Lsm, Tier::Tracepoint] };
        for kind in Kind::ALL {
            for hook in kind.hooks() {
                self.hooks.push(HookReport { kind: *kind, hook: *hook, state: State::NotNeeded });
            }
        }
        for tier in tiers {
            self.tier = *tier;
            for index in 0..self.hooks.len() {
                self.attach_one(index, btf);
            }
            if self.serves(*tier) {
                break;
            }
        }
        if self.hooks.iter().any(|report| report.state == State::On) {
            return Ok(());
        }
        let refusal = self.hooks.iter().find_map(|report| match &report.state {
            State::Off(why) => Some(format!("{}: {why}", report.hook.program)),
            State::On | State::NotNeeded => None,
        });
        Err(LoadError::NoHooks(refusal.unwrap_or_default()))
    }

    /// Whether what the tiers do in different ways works in this one. Hooks that are the same in both do not tell: a kernel
    /// that has no modules lacks some of them.
    fn serves(&self, tier: Tier) -> bool {
        let depends = |kind: &&Kind| {
            [Tier::Lsm, Tier::Tracepoint]
                .iter()
                .all(|tier| kind.hooks().iter().any(|hook| hook.tier == *tier))
        };
        let on = |kind: &Kind| {
            self.hooks.iter().any(|r| r.kind == *kind && r.hook.tier.serves(tier) && r.state == State::On)
        };
        Kind::ALL.iter().filter(depends).all(on)
    }

    fn attach_one(&mut self, index: usize, btf: &Btf) {
        let Some(report) = self.hooks.get(index) else { return };
        let (kind, hook) = (report.kind, report.hook);
        let same_loss = |other: &HookReport| other.kind == kind && other.hook.without == hook.without;
        let served = self.hooks.iter().any(|other| same_loss(other) && other.state == State::On);
        // One that was refused in the other tier is not asked again: the first reason is the true one.
        if report.state != State::NotNeeded || served || !hook.tier.serves(self.tier) {
            return;
        }
        let state = match self.ebpf.program_mut(hook.program) {
            None => State::Off("not in the embedded object".to_owned()),
            Some(program) => match load_program(program, &hook, btf) {
                Ok(()) => State::On,
                Err(error) => State::Off(short_reason(&error)),
            },
        };
        if state == State::On {
            // What an alternative for another kernel was refused for is of no interest any more.
            let alternatives =
                self.hooks.iter_mut().filter(|r| r.kind == kind && r.hook.without == hook.without);
            alternatives.for_each(|report| report.state = State::NotNeeded);
        }
        if let Some(report) = self.hooks.get_mut(index) {
            report.state = state;
        }
    }

    /// Whether every hook of a kind works.
    pub fn sees_all(&self, kind: Kind) -> bool {
        let mut hooks = self.hooks.iter().filter(|report| report.kind == kind);
        hooks.all(|report| matches!(report.state, State::On | State::NotNeeded))
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
    #[expect(clippy::wildcard_enum_match_arm, reason = "aya has thirty kinds of programs, the object four")]
    pub fn detach(&mut self) {
        for (name, program) in self.ebpf.programs_mut() {
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

#[expect(clippy::wildcard_enum_match_arm, reason = "aya has thirty kinds of programs, the object four")]
fn load_program(program: &mut Program, hook: &Hook, btf: &Btf) -> Result<(), ProgramError> {
    match program {
        Program::BtfTracePoint(program) => {
            program.load(hook.target, btf)?;
            program.attach()?;
        }
        Program::FEntry(program) => {
            program.load(hook.target, btf)?;
            program.attach()?;
        }
        Program::FExit(program) => {
            program.load(hook.target, btf)?;
            program.attach()?;
        }
        Program::TracePoint(program) => {
            program.load()?;
            let (category, name) = hook.target.split_once('/').unwrap_or(("", hook.target));
            program.attach(category, name)?;
        }
        _ => return Err(ProgramError::UnexpectedProgramType),
    }
    Ok(())
}

/// The cause of a refusal in one line; the verifier's log is only of use to developers.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other error is one line already")]
fn short_reason(error: &ProgramError) -> String {
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
