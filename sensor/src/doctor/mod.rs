//! What works on this host, and what it costs where something does not.

mod needs;

use std::path::Path;

use sensor_common::event::hook::Tier;

use crate::{
    cli::Exit,
    rules::RuleSet,
    sys::{
        bpf::{LoadError, Programs, State},
        cgroupfs, host, tracefs,
    },
};

/// Sockets on which container runtimes answer.
const RUNTIMES: [(&str, &str); 5] = [
    ("Docker Engine", "/var/run/docker.sock"),
    ("containerd", "/run/containerd/containerd.sock"),
    ("CRI-O", "/run/crio/crio.sock"),
    ("podman", "/run/podman/podman.sock"),
    ("k3s containerd", "/run/k3s/containerd/containerd.sock"),
];

/// Databases of packages, and what becomes of `vigie.package.*` by them.
const PACKAGES: [(&str, &str, &str); 3] = [
    (
        "dpkg",
        "/var/lib/dpkg/status",
        "executables are told with package, version and whether they were modified",
    ),
    ("rpm", "/var/lib/rpm", "not read; executables have no package"),
    ("rpm", "/usr/lib/sysimage/rpm", "not read; executables have no package"),
];

/// The report, line by line, and the exit code that sums it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What to print.
    pub text: String,
    /// Done if at least one hook works; else what stands in the way.
    pub exit: Exit,
}

/// Examines the host. `load` tries the hooks for real and gives them back; `rules` decide what a run would switch on.
pub fn examine(rules: &RuleSet, load: impl FnOnce() -> Result<Programs, LoadError>) -> Report {
    let mut text = String::new();
    describe_host(&mut text);
    let missing = host::missing_capabilities();
    if !missing.is_empty() {
        line(&mut text, "privileges", &format!("missing {}; run as root", missing.join(", ")));
        line(&mut text, "hooks", "not tried without privileges");
        return Report { text, exit: Exit::Privileges };
    }
    line(&mut text, "privileges", "sufficient");
    if let Err(error) = tracefs::ensure() {
        line(&mut text, "tracefs", &format!("cannot be mounted: {error}; mount it at /sys/kernel/tracing"));
    }
    match load() {
        Ok(programs) => {
            describe_hooks(&mut text, &programs);
            text.push_str(&needs::describe(rules));
            Report { text, exit: Exit::Done }
        }
        Err(error) => {
            line(&mut text, "hooks", &format!("none: {error}"));
            Report { text, exit: Exit::Kernel }
        }
    }
}

fn describe_host(text: &mut String) {
    line(text, "vigie", env!("CARGO_PKG_VERSION"));
    line(text, "kernel", &host::kernel_release());
    let btf = Path::new("/sys/kernel/btf/vmlinux").exists();
    line(text, "BTF", if btf { "present" } else { "absent: Vigie cannot work without it" });
    line(text, "lockdown", host::lockdown().as_deref().unwrap_or("not reported"));
    let modules = host::security_modules();
    line(text, "security modules", modules.as_deref().map_or("not reported", str::trim));
    line(text, "guard --lock-down", lock_down(modules.as_deref()));
    match cgroupfs::find_mount() {
        Ok(mount) => line(text, "cgroup v2", &mount.display().to_string()),
        Err(error) => line(text, "cgroup v2", &format!("{error}: containers cannot be told from the host")),
    }
    for (name, database, means) in PACKAGES {
        if Path::new(database).exists() {
            line(text, "packages", &format!("{name}: {means}"));
        }
    }
    for (name, socket) in RUNTIMES {
        if Path::new(socket).exists() {
            line(text, "runtime", &format!("{name} at {socket}"));
        }
    }
}

/// What the guard's lock-down can do where these security modules are active.
fn lock_down(modules: Option<&str>) -> &'static str {
    match modules {
        Some(modules) if modules.trim().split(',').any(|module| module == "bpf") => {
            "can refuse connections to the engine; the guard proves it when it starts"
        }
        Some(_) => "can only tell of connections to the engine: boot with lsm=...,bpf for it to refuse them",
        None => "not known: nothing is mounted at /sys/kernel/security",
    }
}

fn describe_hooks(text: &mut String, programs: &Programs) {
    let cost = match programs.tier {
        Tier::Lsm => "files are reported from the kernel's own objects, io_uring included",
        Tier::Tracepoint | Tier::Both => {
            "opens are read when the call ends: a thread that swaps the descriptor first is not caught (such \
             records say vigie.fd.unverified), and opens through io_uring and 32-bit calls are not seen"
        }
    };
    line(text, "tier", &format!("{}: {cost}", programs.tier.name()));
    line(text, "32-bit calls", compat(programs.tier));
    for report in &programs.hooks {
        let name = format!("hook {}", report.hook.program);
        match &report.state {
            State::On => line(text, &name, "on"),
            State::Off(why) => line(text, &name, &format!("off: {why}; {}", report.hook.without)),
            State::NotAsked => line(text, &name, "not tried"),
            State::NotNeeded => line(text, &name, "not needed on this kernel"),
            State::NoCall => line(text, &name, "not needed: this kernel has no such call"),
        }
    }
    for field in &programs.missing {
        let name = format!("member {}.{}", field.structure, field.member);
        line(text, &name, "not in this kernel; what is read from it stays zero, and records say so");
    }
}

/// What is seen of calls that do not come in through the 64-bit interface: tracepoints on system calls pass them over, for
/// `int 0x80` and for x32 alike.
fn compat(tier: Tier) -> &'static str {
    match tier {
        Tier::Lsm => {
            "program starts, forks, exits, opens and gained privileges are seen (vigie.compat, vigie.proc.compat); \
             other calls through the 32-bit or x32 interface are not"
        }
        Tier::Tracepoint | Tier::Both => {
            "program starts (vigie.proc.compat), forks and exits are seen; other calls through the 32-bit or x32 \
             interface are not"
        }
    }
}

/// Adds a line of the report.
fn line(text: &mut String, name: &str, value: &str) {
    text.extend([&format!("{name:<40} "), value, "\n"]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_down_needs_the_security_module_for_bpf_and_no_other() {
        for (modules, expected) in [
            (Some("lockdown,capability,yama,bpf\n"), "can refuse"),
            (Some("lockdown,capability,bpfx\n"), "can only tell"),
            (None, "not known"),
        ] {
            assert!(lock_down(modules).starts_with(expected), "{modules:?}");
        }
    }
}
