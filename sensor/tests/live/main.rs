//! Live tests: the real `vigie` on the running kernel, told apart by the domains of the events.
//!
//! They run as root, on a host or in a guest whose whole userland is busybox (`VIGIE_GUEST` is set there). The
//! programs they watch are written by the tests themselves, system call by system call, so that a record too many
//! shows just as one too few.

#![forbid(unsafe_code)]

// `cfg(test)` always holds here; it tells the lints that all of this is a test.
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod compat;
#[cfg(test)]
mod container;
#[cfg(test)]
mod credential;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod file;
#[cfg(test)]
mod integrity;
#[cfg(test)]
mod kernel;
#[cfg(test)]
mod lockdown;
#[cfg(test)]
mod network;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod process;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod run;
#[cfg(test)]
mod smoke;
#[cfg(test)]
mod support;
