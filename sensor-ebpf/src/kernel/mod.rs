//! The only place that reads kernel memory: typed views of kernel objects, records, and [`observe`].

mod atomic;
mod barrier;
pub(crate) mod call;
pub(crate) mod cgroup;
mod count;
pub(crate) mod cred;
pub(crate) mod exec;
pub(crate) mod file;
pub(crate) mod fork;
mod globals;
mod inode;
mod license;
pub(crate) mod lockdown;
mod maps;
mod memory;
pub(crate) mod message;
mod miss;
pub(crate) mod name;
mod observe;
pub(crate) mod open;
mod path;
pub(crate) mod record;
mod regs;
mod scratch;
pub(crate) mod sock;
mod stdin;
pub(crate) mod task;
pub(crate) mod uring;

pub(crate) use memory::{Ptr, Read};
pub(crate) use miss::Miss;
pub(crate) use observe::{observe, observe_if};
