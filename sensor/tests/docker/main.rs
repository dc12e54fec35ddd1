//! Container identity against a real Docker Engine. Root, `dockerd` and a static busybox are needed: `cargo xtask
//! test --only docker` sees to that.

mod alerts;
mod engine;
mod identity;
mod login;
mod lookout;
#[path = "../quiet/sshd.rs"]
#[expect(dead_code, reason = "these tests need less of a server than the others")]
mod sshd;
mod trail;
