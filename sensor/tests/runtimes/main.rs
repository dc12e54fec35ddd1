//! Container identity against real containerd, its CRI plugin, and podman. Root and the programs are needed: `cargo
//! xtask test --only runtimes` sees to that.

mod burst;
#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "the tests of Docker need more")]
mod common;
mod containerd;
mod containerd_identity;
mod cri_identity;
mod pod;
mod podman;
mod podman_identity;
