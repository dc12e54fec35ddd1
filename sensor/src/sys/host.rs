//! Facts of this host.

use std::{collections::HashMap, fs};

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

/// Inode number of the mount namespace of process 1, or `None` where that may not be read.
pub fn mount_namespace() -> Option<u32> {
    let link = fs::read_link("/proc/1/ns/mnt").ok()?;
    link.to_str()?.strip_prefix("mnt:[")?.strip_suffix(']')?.parse().ok()
}

/// Whether the host was booted by systemd.
pub fn runs_systemd() -> bool {
    fs::symlink_metadata("/run/systemd/system").is_ok_and(|place| place.is_dir())
}

/// Names of users and groups by number.
#[derive(Clone, Debug, Default)]
pub struct Names {
    users: HashMap<u32, Box<[u8]>>,
    groups: HashMap<u32, Box<[u8]>>,
}

impl Names {
    /// Reads the host's `/etc/passwd` and `/etc/group`; a file that cannot be read gives no names.
    pub fn of_host() -> Self {
        let read = |path| fs::read(path).unwrap_or_default();
        Self { users: parse(&read("/etc/passwd")), groups: parse(&read("/etc/group")) }
    }

    /// The user's name.
    pub fn user(&self, uid: u32) -> Option<&[u8]> {
        self.users.get(&uid).map(|name| &**name)
    }

    /// The group's name.
    pub fn group(&self, gid: u32) -> Option<&[u8]> {
        self.groups.get(&gid).map(|name| &**name)
    }
}

/// Lines of `name:password:number:...`; of several with one number the first counts, as for the C library.
fn parse(file: &[u8]) -> HashMap<u32, Box<[u8]>> {
    let mut names = HashMap::new();
    for line in file.split(|byte| *byte == b'\n') {
        let mut fields = line.split(|byte| *byte == b':');
        let (Some(name), Some(_), Some(number)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let number = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
        if let Some(number) = number {
            names.entry(number).or_insert_with(|| name.into());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_a_number_counts_and_broken_lines_do_not() {
        let names = parse(b"root:x:0:0:::\ntoor:x:0:0:::\nbroken\nx:y:z\n\xff:x:7:\n");
        assert_eq!(names.get(&0).map(|name| &**name), Some(&b"root"[..]));
        assert_eq!(names.get(&7).map(|name| &**name), Some(&b"\xff"[..]));
        assert_eq!(names.len(), 2);
    }
}
