//! Facts of this host.

use std::{fs, os::unix::ffi::OsStrExt};

use super::proc::namespace_number;

/// `CAP_SYS_RESOURCE`, `CAP_SYS_ADMIN`, `CAP_PERFMON`, `CAP_BPF`: places in a capability mask.
const NEEDED: [(u32, &str); 2] = [(38, "CAP_PERFMON"), (39, "CAP_BPF")];
const SYS_ADMIN: u32 = 21;

/// The host's name.
pub fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// The kernel's release.
pub fn kernel_release() -> String {
    rustix::system::uname().release().to_string_lossy().into_owned()
}

/// Which of the capabilities that loading programs takes are not effective. None for `CAP_SYS_ADMIN`.
pub fn missing_capabilities() -> Vec<&'static str> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    let has = |bit: u32| mask >> bit & 1 == 1;
    if has(SYS_ADMIN) {
        return Vec::new();
    }
    NEEDED.iter().filter(|(bit, _)| !has(*bit)).map(|(_, name)| *name).collect()
}

/// What the kernel's lockdown allows, or `None` where the kernel does not say.
pub fn lockdown() -> Option<String> {
    let text = fs::read_to_string("/sys/kernel/security/lockdown").ok()?;
    let (_, rest) = text.split_once('[')?;
    Some(rest.split_once(']')?.0.to_owned())
}

/// The active security modules, or `None` where securityfs is not mounted.
pub fn security_modules() -> Option<String> {
    fs::read_to_string("/sys/kernel/security/lsm").ok()
}

/// Inode number of the sensor's own mount namespace; 0 where /proc does not say.
pub fn mount_namespace() -> u32 {
    let link = fs::read_link("/proc/self/ns/mnt").unwrap_or_default();
    namespace_number(link.as_os_str().as_bytes()).unwrap_or(0)
}

/// Inode number of the mount namespace of process 1. Where nobody may look at that process, the sensor's own; `None`
/// if that is not known either.
pub fn init_mount_namespace() -> Option<u32> {
    let link = fs::read_link("/proc/1/ns/mnt").ok();
    let of_init = link.and_then(|link| namespace_number(link.as_os_str().as_bytes()));
    of_init.or_else(|| Some(mount_namespace()).filter(|number| *number != 0))
}

/// Whether the host was booted by systemd.
pub fn runs_systemd() -> bool {
    fs::symlink_metadata("/run/systemd/system").is_ok_and(|place| place.is_dir())
}
