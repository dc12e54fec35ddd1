//! Debian packages that the Docker tests, the guests, the engine's bench and the fuzzer need: installed when root, asked for otherwise.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::Need;
use crate::guest::busybox;
use crate::process::run;
use crate::progress::{note, step};
use crate::workspace::is_root;

/// A package and the way to tell that it, or something as good, is there.
#[derive(Debug)]
struct Package {
    name: &'static str,
    is_present: fn() -> bool,
}

const DOCKER: Package = Package { name: "docker.io", is_present: || in_path("dockerd") };
const CONTAINERD: Package = Package { name: "containerd", is_present: || in_path("containerd") };
const PODMAN: Package = Package { name: "podman", is_present: || in_path("podman") };
const QEMU: Package = Package { name: "qemu-system-x86", is_present: || in_path("qemu-system-x86_64") };
const BUSYBOX: Package = Package { name: "busybox-static", is_present: || busybox::find().is_ok() };
const CRON: Package = Package { name: "cron", is_present: || in_path("cron") };
const SSHD: Package = Package { name: "openssh-server", is_present: || in_path("sshd") };
const SUDO: Package = Package { name: "sudo", is_present: || in_path("sudo") };
const VALGRIND: Package = Package { name: "valgrind", is_present: || in_path("valgrind") };
const CXX_COMPILER: Package = Package { name: "g++", is_present: || in_path("c++") };

/// Installs what `needs` lack.
pub(super) fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> =
        wanted(needs).iter().filter(|package| !(package.is_present)()).map(|package| package.name).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !in_path("apt-get") {
        bail!("missing programs: this host has no apt-get; install what it calls {}", missing.join(", "));
    }
    if !is_root() {
        bail!("missing packages; as root: apt-get install --no-install-recommends {}", missing.join(" "));
    }
    step(format_args!("installing {}", missing.join(", ")), || install(&missing))
}

fn wanted(needs: &[Need]) -> Vec<Package> {
    let mut packages = Vec::new();
    if needs.contains(&Need::Docker) {
        packages.push(DOCKER);
    }
    if needs.contains(&Need::Runtimes) {
        packages.extend([CONTAINERD, PODMAN]);
    }
    if needs.iter().any(|need| matches!(need, Need::Guest(_))) {
        packages.extend([QEMU, BUSYBOX]);
    }
    if needs.contains(&Need::Daemons) {
        packages.extend([CRON, SSHD, SUDO]);
    }
    if needs.contains(&Need::Valgrind) {
        packages.push(VALGRIND);
    }
    if needs.contains(&Need::CxxCompiler) {
        packages.push(CXX_COMPILER);
    }
    packages
}

/// A fresh host may have no package lists yet, or stale ones: then they are fetched once and the install is retried.
fn install(missing: &[&str]) -> Result<()> {
    if apt_get(&["install"], missing).is_ok() {
        return Ok(());
    }
    note("refreshing the package lists first");
    apt_get(&["update"], &[])?;
    apt_get(&["install"], missing).with_context(|| {
        format!("try by hand: apt-get install --no-install-recommends {}", missing.join(" "))
    })
}

fn apt_get(verb: &[&str], packages: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command.args(["-q", "-y", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends"]).args(verb).args(packages);
    run(&mut command)
}

/// Whether `PATH`, or the administrator's part of it, which users often lack, holds `program`.
fn in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let administrators = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(administrators).any(|directory| is_file(&directory.join(program)))
}

fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::Kernel;

    fn names(needs: &[Need]) -> Vec<&'static str> {
        wanted(needs).iter().map(|package| package.name).collect()
    }

    #[test]
    fn building_needs_no_package() {
        assert!(names(&[Need::Build]).is_empty());
    }

    #[test]
    fn each_package_is_wanted_once() {
        let needs = [Need::Build, Need::Docker, Need::Guest(Kernel::V6_1), Need::Guest(Kernel::V6_12)];
        assert_eq!(names(&needs), ["docker.io", "qemu-system-x86", "busybox-static"]);
        assert_eq!(names(&[Need::Valgrind, Need::CxxCompiler]), ["valgrind", "g++"]);
    }

    #[test]
    fn programs_are_looked_up() {
        assert!(in_path("sh"));
        assert!(!in_path("no-such-program-anywhere"));
    }
}
