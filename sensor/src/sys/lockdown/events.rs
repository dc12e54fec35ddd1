//! What the programs tell of attempts.

use std::io;

use aya::{
    Ebpf,
    maps::{MapData, RingBuf},
};
use sensor_common::lockdown::Attempt;
use tokio::io::{Interest, unix::AsyncFd};
use zerocopy::FromBytes;

use super::maps::map;
use crate::sys::bpf::LoadError;

/// The ring of attempts.
pub struct Events(AsyncFd<RingBuf<MapData>>);

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

impl Events {
    pub(super) fn take(ebpf: &mut Ebpf) -> Result<Self, LoadError> {
        let name = "LOCKED_EVENTS";
        let ring = RingBuf::try_from(map(ebpf, name)?).map_err(|source| LoadError::Map { name, source })?;
        // SAFETY: the ring's descriptor is open, it is owned by what is registered and nothing takes it out of there, and
        // a ring has the same descriptor until it is dropped.
        let registered = unsafe { AsyncFd::register_with_interest(ring, Interest::READABLE) };
        let wrap = |_| LoadError::Wait { call: "epoll_ctl", source: rustix::io::Errno::IO };
        registered.map(Self).map_err(wrap)
    }

    /// The attempts that were not told yet.
    pub fn pending(&mut self) -> Vec<Attempt> {
        let ring = self.0.get_mut();
        let mut attempts = Vec::new();
        while let Some(item) = ring.next() {
            attempts.extend(Attempt::read_from_bytes(&item).ok());
        }
        attempts
    }

    /// Waits for some. May be given up at any time.
    pub async fn wait(&mut self) -> io::Result<Vec<Attempt>> {
        loop {
            self.0.readable().await?.clear_ready();
            let attempts = self.pending();
            if !attempts.is_empty() {
                return Ok(attempts);
            }
        }
    }
}
