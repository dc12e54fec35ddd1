//! Container identity against a real Docker Engine. Root, `dockerd` and a static busybox are needed: `cargo xtask
//! test --only docker` sees to that.

mod alerts;
mod engine;
mod identity;
mod lookout;
