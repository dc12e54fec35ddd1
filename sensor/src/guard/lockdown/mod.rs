//! The lock-down: in the kernel, nobody but the guard, and programs that need it, reaches the sockets of container engines,
//! whatever name, mount or namespace leads there.

pub mod places;
pub mod proof;
pub mod register;

use std::path::{Path, PathBuf};

use aya::maps::MapError;
use sensor_common::lockdown::{Attempt, ProcessTick};

use super::Mode;
use crate::sys::{
    bpf::LoadError,
    lockdown::{Clients, Events, Lock, Maps, pins, pins::PinsError},
    proc::own_start,
};
use places::Places;
use proof::Proof;
use register::Register;

/// Why the lock-down cannot even be tried.
#[derive(Debug, thiserror::Error)]
pub enum LockdownError {
    /// Maps or programs.
    #[error("lock-down: {0}")]
    Load(#[from] LoadError),
    /// What is protected cannot be written down.
    #[error("lock-down: the kernel does not take what is to be protected: {0}")]
    Map(#[from] MapError),
    /// It cannot be kept.
    #[error(transparent)]
    Pins(#[from] PinsError),
    /// /proc does not say when this process started.
    #[error("lock-down: /proc does not tell when this process started")]
    Start,
    /// The self-test could not be made.
    #[error("lock-down: the self-test cannot be made: {0}")]
    Test(#[source] std::io::Error),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What is protected, and from whom not.
    pub places: Places,
    /// Whether others are refused, told of, or left alone.
    pub mode: Mode,
    /// Whether it stays when the guard is killed.
    pub stays: bool,
}

/// Whether others are kept out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// They are: the self-test has seen it.
    On,
    /// They are told of, as the mode says.
    Tells,
    /// They should be, and are only told of, for this reason.
    Off(String),
    /// They are not even told of, for this reason.
    Blind(String),
}

/// The lock-down in force.
#[derive(Debug)]
pub struct Lockdown {
    lock: Lock,
    maps: Maps,
    register: Register,
    wanted: Wanted,
    state: State,
}

impl Lockdown {
    /// Makes everything ready. If a guard before this one left its lock-down in force, this one takes its place now: at no
    /// moment is there none.
    pub fn prepare(wanted: Wanted) -> Result<Self, LockdownError> {
        if wanted.stays {
            pins::check()?;
        }
        let mut lock = Lock::open()?;
        let mut maps = lock.maps()?;
        let tick = own_start().ok_or(LockdownError::Start)?;
        maps.set_guard(ProcessTick { tick, pid: std::process::id(), zero: 0 })?;
        let mut register = Register::new(wanted.places.clone(), wanted.mode == Mode::Enforce);
        register.refresh(&mut maps)?;
        let mut new = Self { lock, maps, register, wanted, state: State::Tells };
        if !pins::all()?.is_empty() {
            new.take_over()?;
        }
        Ok(new)
    }

    fn take_over(&mut self) -> Result<(), LockdownError> {
        if self.lock.attach().is_ok() && self.wanted.stays {
            self.lock.pin()?;
        }
        match pins::remove_others() {
            // Another guard lives. What its lock-down means for this one, the self-test tells.
            Ok(_) | Err(PinsError::Held { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Brings it into force behind the guard's own socket, and proves it.
    pub fn start(&mut self) -> Result<(), LockdownError> {
        self.register.refresh(&mut self.maps)?;
        self.state = match self.prove()? {
            Proof::Refuses if self.wanted.mode == Mode::Enforce => self.prove_engines(),
            Proof::Refuses => State::Tells,
            Proof::DoesNot(why) => self.only_tell(why)?,
        };
        if self.state == State::On && self.wanted.stays {
            self.lock.pin()?;
        }
        Ok(())
    }

    fn prove(&mut self) -> Result<Proof, LockdownError> {
        if let Err(why) = self.lock.attach() {
            return Ok(Proof::DoesNot(why));
        }
        proof::prove(&mut self.maps, &mut self.register)
    }

    /// What is said of a socket must be so of the engines'. Only one that this program may reach cannot be tried.
    fn prove_engines(&self) -> State {
        if self.register.allows_itself() {
            return State::On;
        }
        let reached = proof::reached(self.register.engines());
        reached.map_or(State::On, |path| {
            State::Off(format!("{} can be reached although it is protected", path.display()))
        })
    }

    fn only_tell(&mut self, why: String) -> Result<State, LockdownError> {
        self.lock.detach()?;
        Ok(match self.lock.watch() {
            Ok(()) => State::Off(why),
            Err(second) => State::Blind(format!("{why}; nor can it be told: {second}")),
        })
    }

    /// Where the engine's socket is now.
    pub fn protect(&mut self, engine: &Path) {
        self.register.protect(engine);
    }

    /// The socket that clients connect to, which is nobody's but the guard's.
    pub fn guard_listens(&mut self, socket: PathBuf) -> Result<(), LockdownError> {
        self.register.set_own(socket);
        Ok(self.register.refresh(&mut self.maps)?)
    }

    /// What is told of attempts, once. To be called within a runtime.
    pub fn events(&mut self) -> Result<Events, LockdownError> {
        Ok(self.lock.events()?)
    }

    /// Who connected to the guard, where the kernel can say.
    pub fn clients(&self) -> Option<Clients> {
        let can_say = matches!(self.state, State::On | State::Tells) && self.lock.has_cookies();
        can_say.then(|| self.maps.clients())
    }

    /// Looks again what the sockets and programs are: engines make theirs anew, packages replace programs.
    pub fn refresh(&mut self) -> Result<(), LockdownError> {
        Ok(self.register.refresh(&mut self.maps)?)
    }

    /// The name of the socket that somebody tried.
    pub fn socket(&self, attempt: &Attempt) -> Option<PathBuf> {
        self.register.path(&attempt.socket)
    }

    /// Whether others are kept out.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// How it is, in a line.
    pub fn describe(&self) -> String {
        let sockets = self.register.describe();
        let stays = if self.wanted.stays { "closed" } else { "open" };
        let cookies =
            if self.lock.has_cookies() { "" } else { "; callers are not remembered: Linux 5.12 is needed" };
        match &self.state {
            State::On => format!("lock-down: on, fails {stays}{cookies}: {sockets}"),
            State::Tells => {
                format!(
                    "lock-down: tells what it would refuse, mode {}{cookies}: {sockets}",
                    self.wanted.mode.name()
                )
            }
            State::Off(why) => {
                format!("lock-down: off: {why}; connections past the guard are told: {sockets}")
            }
            State::Blind(why) => format!("lock-down: off: {why}"),
        }
    }

    /// What became of connections so far.
    pub fn counters(&self) -> Vec<(&'static str, u64)> {
        self.maps.counters()
    }

    /// Ends it, also where it would stay.
    pub fn close(self) -> Result<(), LockdownError> {
        let Self { lock, maps, .. } = self;
        drop(maps);
        lock.release()?;
        pins::sweep();
        Ok(())
    }
}
