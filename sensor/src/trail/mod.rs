//! How a process came about: by which door its tree entered the host or the container ([`entry`]), as whom it was run
//! on the way ([`hops`]), by which client of a container engine ([`clients`]), and all of that as one line ([`line`]).
//!
//! Everything follows from the process table, that is from what the kernel reported. What cannot be told is said to be
//! unknown; where two clients could be meant, neither is named.

pub mod clients;
pub mod entry;
pub mod hops;
pub mod line;
#[cfg(test)]
mod tests;

pub use clients::Clients;
pub use entry::{Entry, Kind};

use crate::{
    identity::Identity,
    process::{Process, ProcessKey, ProcessTable},
};

/// Whose doing an event of a cgroup is, as far as is known now.
pub trait Containers: std::fmt::Debug {
    /// The container of a cgroup, or the host.
    fn view(&self, cgroup: u64) -> Identity<'_>;
}

/// What a trail is read from.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// The processes.
    pub table: &'a ProcessTable,
    /// The containers.
    pub containers: &'a dyn Containers,
    /// The clients of container engines that ran lately.
    pub clients: &'a Clients,
}

impl<'a> World<'a> {
    /// A process and its ancestors by creation, the nearest first.
    fn line(self, key: ProcessKey) -> Vec<&'a Process> {
        self.table.get(key).into_iter().chain(self.table.ancestors(key)).collect()
    }

    /// The whole id of the container that a process was last seen in; `None` on the host.
    fn container(self, process: &Process) -> Option<&'a [u8]> {
        match self.containers.view(process.cgroup()) {
            Identity::Container(container) => Some(container.id.as_bytes()),
            Identity::Host | Identity::Unknown => None,
        }
    }
}
