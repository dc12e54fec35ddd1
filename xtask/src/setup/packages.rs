//! Debian packages that the tests with containers, daemons and attacks, the guests, the engine's bench and the fuzzer
//! need: installed when root, asked for otherwise.

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
const GO: Package = Package { name: "golang-go", is_present: || in_path("go") };
const VENV: Package = Package { name: "python3-venv", is_present: has_venv };
const CONTAINERD: Package = Package { name: "containerd", is_present: || in_path("containerd") };
const PODMAN: Package = Package { name: "podman", is_present: || in_path("podman") };
const QEMU: Package = Package { name: "qemu-system-x86", is_present: || in_path("qemu-system-x86_64") };
const BUSYBOX: Package = Package { name: "busybox-static", is_present: || busybox::find().is_ok() };
const CRON: Package = Package { name: "cron", is_present: || in_path("cron") };
const SSHD: Package = Package { name: "openssh-server", is_present: || in_path("sshd") };
const STRACE: Package = Package { name: "strace", is_present: || in_path("strace") };
const C_COMPILER: Package = Package { name: "gcc", is_present: || in_path("gcc") };
const C_LIBRARY: Package =
    Package { name: "libc6-dev", is_present: || is_file(Path::new("/usr/include/stdio.h")) };
const MAKE: Package = Package { name: "make", is_present: || in_path("make") };
const GIT: Package = Package { name: "git", is_present: || in_path("git") };
const CURL: Package = Package { name: "curl", is_present: || in_path("curl") };
const WGET: Package = Package { name: "wget", is_present: || in_path("wget") };
const PYTHON: Package = Package { name: "python3", is_present: || is_file(Path::new("/usr/bin/python3")) };
const XZ: Package = Package { name: "xz-utils", is_present: || in_path("xz") };
/// What the workload does that strace is a witness of.
const WORKLOAD: [Package; 9] = [STRACE, C_COMPILER, C_LIBRARY, MAKE, GIT, CURL, WGET, PYTHON, XZ];
const DNSMASQ: Package = Package { name: "dnsmasq-base", is_present: || in_path("dnsmasq") };
const SUDO: Package = Package { name: "sudo", is_present: || in_path("sudo") };
const NMAP: Package = Package { name: "nmap", is_present: || in_path("nmap") };
const PKEXEC: Package = Package { name: "pkexec", is_present: || in_path("pkexec") };
const NETCAT: Package = Package { name: "netcat-openbsd", is_present: || in_path("nc.openbsd") };
const SSH: Package = Package { name: "openssh-client", is_present: || in_path("scp") };
const DEBUGFS: Package = Package { name: "e2fsprogs", is_present: || in_path("debugfs") };
const PERL: Package = Package { name: "perl-base", is_present: || in_path("perl") };
const SYSTEMD: Package =
    Package { name: "systemd", is_present: || is_file(Path::new("/lib/systemd/systemd")) };
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
    if needs.contains(&Need::Witnesses) {
        packages.extend([GO, VENV]);
    }
    if needs.contains(&Need::Runtimes) {
        packages.push(CONTAINERD);
    }
    if needs.contains(&Need::Runtimes) || needs.contains(&Need::Witnesses) {
        packages.push(PODMAN);
    }
    let guests = needs.iter().any(|need| matches!(need, Need::Guest(_)));
    if guests {
        packages.push(QEMU);
        if !needs.contains(&Need::Workload) {
            packages.push(STRACE);
        }
    }
    if guests || needs.contains(&Need::Attacks) || needs.contains(&Need::Witnesses) {
        packages.push(BUSYBOX);
    }
    if needs.contains(&Need::Daemons) {
        packages.extend([CRON, SSHD, SUDO]);
    }
    if needs.contains(&Need::NameServer) {
        packages.push(DNSMASQ);
    }
    if needs.contains(&Need::Workload) {
        packages.extend(WORKLOAD);
    }
    if needs.contains(&Need::Attacks) {
        packages.extend([NMAP, PKEXEC, NETCAT, SSH, DEBUGFS, PERL]);
    }
    let asks_by_http = needs.contains(&Need::Attacks) || needs.contains(&Need::HttpClient);
    if asks_by_http && !needs.contains(&Need::Workload) {
        packages.push(CURL);
    }
    if needs.contains(&Need::Init) {
        packages.push(SYSTEMD);
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

/// Whether the system's Python makes environments with a pip of their own.
fn has_venv() -> bool {
    let libraries = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    libraries.map(|entry| entry.path().join("ensurepip/__init__.py")).any(|path| is_file(&path))
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
        assert_eq!(names(&needs), ["docker.io", "qemu-system-x86", "strace", "busybox-static"]);
        let both = names(&[Need::Guest(Kernel::V6_1), Need::Workload]);
        assert_eq!(both.iter().filter(|name| **name == "strace").count(), 1);
        assert_eq!(names(&[Need::HttpClient]), ["curl"]);
        let podmans = names(&[Need::Runtimes, Need::Witnesses]);
        assert_eq!(podmans.iter().filter(|name| **name == "podman").count(), 1);
        assert_eq!(names(&[Need::Valgrind, Need::CxxCompiler]), ["valgrind", "g++"]);
        let attacks = names(&[Need::Attacks, Need::Guest(Kernel::V6_1)]);
        assert_eq!(attacks.iter().filter(|name| **name == "busybox-static").count(), 1);
    }

    #[test]
    fn programs_are_looked_up() {
        assert!(in_path("sh"));
        assert!(!in_path("no-such-program-anywhere"));
    }
}
