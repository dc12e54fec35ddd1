//! The two rings as the engine reads them, and waiting for them without a wake-up per record.

use std::{os::fd::OwnedFd, time::Duration};

use aya::{
    Ebpf,
    maps::{Array, MapData, RingBuf},
};
use rustix::{
    buffer::spare_capacity,
    event::{EventfdFlags, Timespec, epoll, eventfd},
    io::Errno,
};
use sensor_common::config::reader;

use super::bpf::LoadError;

/// How long records may gather before the engine looks at them.
const NAP: Duration = Duration::from_millis(5);
/// How long the engine waits when nothing happens. A programs' wake-up that crosses with falling asleep is made
/// good after this time at the latest.
const SLEEP: Duration = Duration::from_millis(100);

/// How the engine waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// More is expected: let a few milliseconds' worth gather.
    Nap,
    /// Nothing came lately: until the next record.
    Sleep,
}

/// Wakes a waiting engine from another thread.
#[derive(Debug)]
pub struct Waker(OwnedFd);

impl Waker {
    /// Ends the current or the next wait.
    pub fn wake(&self) {
        // The only failure is a counter that is already high, which wakes just as well.
        rustix::io::write(&self.0, &1_u64.to_ne_bytes()).ok();
    }
}

/// Both rings.
pub struct Rings {
    critical: RingBuf<MapData>,
    critical_bytes: usize,
    bulk: RingBuf<MapData>,
    state: Array<MapData, u32>,
    epoll: OwnedFd,
    eventfd: OwnedFd,
}

impl std::fmt::Debug for Rings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rings").field("epoll", &self.epoll).finish_non_exhaustive()
    }
}

impl Rings {
    /// Takes the maps out of the loaded object; the critical one was made with `critical_bytes`.
    pub(super) fn take(ebpf: &mut Ebpf, critical_bytes: u32) -> Result<Self, LoadError> {
        let critical = ring(ebpf, "CRITICAL")?;
        let bulk = ring(ebpf, "BULK")?;
        let map = ebpf.take_map("READER").ok_or(LoadError::NoMap("READER"))?;
        let state = Array::try_from(map).map_err(|source| LoadError::Map { name: "READER", source })?;
        let wrap = |call| move |source| LoadError::Wait { call, source };
        let eventfd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(wrap("eventfd"))?;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(wrap("epoll_create"))?;
        // Edge-triggered: only a wake-up ends a wait, not the mere presence of records.
        let edge = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&epoll, &critical, epoll::EventData::new_u64(0), edge).map_err(wrap("epoll_ctl"))?;
        epoll::add(&epoll, &bulk, epoll::EventData::new_u64(1), edge).map_err(wrap("epoll_ctl"))?;
        epoll::add(&epoll, &eventfd, epoll::EventData::new_u64(2), edge).map_err(wrap("epoll_ctl"))?;
        let critical_bytes = usize::try_from(critical_bytes).unwrap_or(usize::MAX);
        Ok(Self { critical, critical_bytes, bulk, state, epoll, eventfd })
    }

    /// The ring for processes and containers, and the one for opens.
    pub fn both(&mut self) -> (&mut RingBuf<MapData>, &mut RingBuf<MapData>) {
        (&mut self.critical, &mut self.bulk)
    }

    /// Bytes that the ring for processes and containers can hold, each record's header and padding included.
    pub fn critical_bytes(&self) -> usize {
        self.critical_bytes
    }

    /// Something that ends a wait from another thread.
    pub fn waker(&self) -> Result<Waker, LoadError> {
        let fd = rustix::io::fcntl_dupfd_cloexec(&self.eventfd, 0);
        fd.map(Waker).map_err(|source| LoadError::Wait { call: "fcntl", source })
    }

    /// Waits for records to gather, for the first one, or for a [`Waker`].
    pub fn wait(&mut self, wait: Wait) -> Result<(), LoadError> {
        let (state, timeout) = match wait {
            Wait::Nap => (reader::NAPPING, NAP),
            Wait::Sleep => (reader::ASLEEP, SLEEP),
        };
        self.set_state(state)?;
        let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(timeout.subsec_nanos()) };
        let mut events = Vec::with_capacity(4);
        match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(source) => return Err(LoadError::Wait { call: "epoll_wait", source }),
        }
        // Whether it was the event fd does not matter; it must only be empty before the next wait.
        rustix::io::read(&self.eventfd, &mut [0_u8; 8]).ok();
        self.set_state(reader::AWAKE)
    }

    fn set_state(&mut self, state: u32) -> Result<(), LoadError> {
        self.state.set(0, state, 0).map_err(|source| LoadError::Map { name: "READER", source })
    }
}

fn ring(ebpf: &mut Ebpf, name: &'static str) -> Result<RingBuf<MapData>, LoadError> {
    let map = ebpf.take_map(name).ok_or(LoadError::NoMap(name))?;
    RingBuf::try_from(map).map_err(|source| LoadError::Map { name, source })
}
