//! The kernel's side of the lock-down: its two programs, its maps, and what keeps it in force when the guard is gone.

mod events;
pub mod file;
mod maps;
pub mod pins;
pub mod probe;

use aya::programs::{ProgramError, links::FdLink};
use sensor_common::config::Config;

use super::bpf::{LoadError, MIN_RING, Object, short_reason};
pub use events::Events;
pub use maps::{Clients, Maps};

/// The program that refuses, and the one that only tells.
const REFUSES: &str = "unix_stream_connect";
const TELLS: &str = "sys_exit_connect_engine";

/// Maps of hooks that the guard does not attach.
const OF_OTHERS: [(&str, u32); 7] = [
    ("CRITICAL", MIN_RING),
    ("BULK", MIN_RING),
    ("SCRATCH", 1),
    ("PEERS", 1),
    ("TOKENS", 1),
    ("BEFORE", 1),
    ("COUNTERS", 1),
];

/// The programs. Dropped, they are detached, but for what is pinned.
#[derive(Debug)]
pub struct Lock {
    object: Object,
    /// Keeps the program that refuses attached.
    link: Option<FdLink>,
    /// So does a file.
    is_pinned: bool,
}

impl Lock {
    /// Loads nothing but the maps.
    pub fn open() -> Result<Self, LoadError> {
        Ok(Self { object: Object::open(Config::default(), OF_OTHERS)?, link: None, is_pinned: false })
    }

    /// Its maps, once.
    pub fn maps(&mut self) -> Result<Maps, LoadError> {
        Maps::take(&mut self.object.ebpf)
    }

    /// What is told of attempts, once. To be called within a runtime.
    pub fn events(&mut self) -> Result<Events, LoadError> {
        Events::take(&mut self.object.ebpf)
    }

    /// Whether clients of the guard are remembered by their connections.
    pub fn has_cookies(&self) -> bool {
        self.object.config.socket_cookie == 1
    }

    /// Attaches the program that refuses; or says why it cannot be. Whether the kernel runs it is another question.
    pub fn attach(&mut self) -> Result<(), String> {
        if self.link.is_some() {
            return Ok(());
        }
        self.try_attach().map(|link| self.link = Some(link)).map_err(|error| short_reason(&error))
    }

    fn try_attach(&mut self) -> Result<FdLink, ProgramError> {
        let Object { ebpf, btf, .. } = &mut self.object;
        let program = ebpf.program_mut(REFUSES).ok_or(ProgramError::NotLoaded)?;
        let program: &mut aya::programs::Lsm = program.try_into()?;
        program.load(REFUSES, btf)?;
        let link = program.attach()?;
        Ok(program.take_link(link)?.into())
    }

    /// Takes the program that refuses away again.
    pub fn detach(&mut self) -> Result<(), pins::PinsError> {
        self.link = None;
        let program = self.object.ebpf.program_mut(REFUSES).and_then(|program| program.try_into().ok());
        // What was never loaded cannot be taken away.
        program.and_then(|program: &mut aya::programs::Lsm| program.unload().ok());
        let was_pinned = std::mem::take(&mut self.is_pinned);
        if was_pinned { pins::remove_own() } else { Ok(()) }
    }

    /// Attaches the program that only tells.
    pub fn watch(&mut self) -> Result<(), String> {
        let attach = |object: &mut Object| {
            let program = object.ebpf.program_mut(TELLS).ok_or(ProgramError::NotLoaded)?;
            let program: &mut aya::programs::TracePoint = program.try_into()?;
            program.load()?;
            program.attach("syscalls", "sys_exit_connect").map(drop)
        };
        attach(&mut self.object).map_err(|error| short_reason(&error))
    }

    /// Keeps it attached whatever becomes of this process.
    pub fn pin(&mut self) -> Result<(), pins::PinsError> {
        let is_new = !self.is_pinned;
        if let Some(link) = self.link.take_if(|_| is_new) {
            self.link = Some(pins::pin(link)?.into());
            self.is_pinned = true;
        }
        Ok(())
    }

    /// Ends it for good.
    pub fn release(self) -> Result<(), pins::PinsError> {
        let is_pinned = self.is_pinned;
        // While this process holds it, it stays.
        drop(self);
        if is_pinned { pins::remove_own() } else { Ok(()) }
    }
}
