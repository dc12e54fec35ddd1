//! Builds the kernel programs and puts their object where `sys::bpf` embeds it from.

use std::{
    env,
    error::Error,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use aya_build::{Package, Toolchain};

/// The compiler that the object is built with; the same one as in `rust-toolchain.toml`.
const TOOLCHAIN: &str = "1.95.0";
/// Set for the second run of this script, which does the work.
const SECOND: &str = "VIGIE_BUILD_PROGRAMS";

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = manifest.parent().ok_or("the crate lies outside of the workspace")?;
    if env::var_os(SECOND).is_some() { build(root) } else { run_again(root) }
}

/// Runs this script again with an environment that only the kernel programs' build is to have: unstable features,
/// and the linker that `cargo xtask setup` installed.
fn run_again(root: &Path) -> Result<(), Box<dyn Error>> {
    let status = Command::new(env::current_exe()?)
        .env(SECOND, "1")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("PATH", path_with_tools(root)?)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err("the kernel programs could not be built; run `cargo xtask setup`".into())
    }
}

fn path_with_tools(root: &Path) -> Result<OsString, Box<dyn Error>> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let tools = [root.join("target/tools/bin"), target.join("tools/bin")];
    let path = env::var_os("PATH").unwrap_or_default();
    Ok(env::join_paths(tools.into_iter().chain(env::split_paths(&path)))?)
}

fn build(root: &Path) -> Result<(), Box<dyn Error>> {
    let programs = root.join("sensor-ebpf");
    let features: &[&str] = if env::var_os("CARGO_FEATURE_EBPF_LOG").is_some() { &["log"] } else { &[] };
    aya_build::build_ebpf(
        [Package {
            name: "sensor-ebpf",
            root_dir: programs.to_str().ok_or("the path of the workspace is not UTF-8")?,
            features,
            ..Package::default()
        }],
        Toolchain::Custom(TOOLCHAIN),
    )?;
    println!("cargo:rerun-if-changed={}", root.join("sensor-common/src").display());
    placeholder()
}

/// With `AYA_BUILD_SKIP=1` there is no object; an empty one lets everything but the kernel side be built.
fn placeholder() -> Result<(), Box<dyn Error>> {
    let object = PathBuf::from(env::var("OUT_DIR")?).join("vigie-ebpf");
    if !object.exists() {
        fs::write(object, [])?;
    }
    Ok(())
}
