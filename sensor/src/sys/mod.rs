//! Everything that touches the machine: the kernel programs, raw system calls, /proc, clocks.

pub mod accounts;
pub mod activation;
pub mod bpf;
mod bpf_log;
pub mod btf;
pub mod cgroup_handle;
pub mod cgroupfs;
pub mod clock;
pub mod confined;
pub mod dpkg;
pub mod executable;
pub mod files;
pub mod hangup;
pub mod home;
pub mod host;
pub mod host_path;
pub mod inspect;
pub mod lockdown;
pub mod memory;
pub mod mounts;
pub mod peer;
pub mod proc;
pub mod rings;
pub mod root;
pub mod signals;
pub mod socket;
pub mod tracefs;
