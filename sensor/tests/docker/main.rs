//! Container identity against a real Docker Engine. Root, `dockerd` and a static busybox are needed: `cargo xtask
//! test --only docker` sees to that.

mod alerts;
#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "the tests of other runtimes need more")]
mod common;
mod escape;
mod guard;
mod guard_section;
mod identity;
mod integrity;
mod login;
#[path = "../quiet/sshd.rs"]
#[expect(dead_code, reason = "these tests need less of a server than the others")]
mod sshd;
mod trail;
