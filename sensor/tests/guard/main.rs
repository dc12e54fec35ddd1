//! The guard between hostile clients and a daemon that records every byte it gets, and between `docker` and a real
//! engine. Root, `dockerd` and a static busybox are needed: `cargo xtask test --only guard` sees to that.

// `cfg(test)` always holds here; it tells the lints that all of this is a test.
#[cfg(test)]
mod answers;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod buildkit;
#[cfg(test)]
mod client;
#[cfg(test)]
mod command;
#[cfg(test)]
#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "the tests of other runtimes need more")]
mod common;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod daemon;
mod death;
#[cfg(test)]
mod decoder;
#[cfg(test)]
mod differential;
#[cfg(test)]
mod drift;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod framing;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod load;
#[cfg(test)]
mod modes;
#[cfg(test)]
mod owners;
#[cfg(test)]
mod place;
#[cfg(test)]
mod podman;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod sdk;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod targets;
