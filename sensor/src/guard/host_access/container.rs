//! Ways to the host in the configuration of a container.

use super::{Way, capability, mounts};
use crate::guard::Json;

/// Every way that a host configuration can open, but for mounts of the host, which have to be looked at.
pub static WAYS: &[Way] = &[
    way("privileged", "all capabilities and all devices", SHOWS, |host| flag(host, "Privileged")),
    way("cap", "a capability added, in capitals and without `CAP_`", SHOWS, |host| {
        host.at(&["CapAdd"]).texts().chain(host.at(&["Capabilities"]).texts()).map(capability).collect()
    }),
    way("pid_mode", "another pid namespace than its own", SHOWS, |host| other(host, "PidMode", &["private"])),
    way("ipc_mode", "another IPC namespace than its own", SHOWS, |host| {
        other(host, "IpcMode", &["none", "private", "shareable"])
    }),
    way("uts_mode", "another UTS namespace than its own", SHOWS, |host| other(host, "UTSMode", &["private"])),
    way("userns_mode", "another user namespace than the engine's choice", SHOWS, |host| {
        other(host, "UsernsMode", &[])
    }),
    // Where cgroups are of version 1, the host's is what containers have.
    way("cgroupns_mode", "another cgroup namespace than its own", HIDDEN, |host| {
        other(host, "CgroupnsMode", &["private"])
    }),
    way("network_mode", "the network of the host, of another container, or of a path", SHOWS, |host| {
        let mode = host.at(&["NetworkMode"]).text();
        if is_of_others(mode) { vec![mode.to_owned()] } else { Vec::new() }
    }),
    way("device", "a device of the host", SHOWS, |host| {
        let devices = host.at(&["Devices"]).elements().iter();
        devices.map(|device| device.at(&["PathOnHost"]).text().to_owned()).collect()
    }),
    way("device_cgroup_rule", "devices that it may make and use", SHOWS, |host| {
        texts(host, "DeviceCgroupRules")
    }),
    way("device_request", "devices that a driver chooses", SHOWS, |host| {
        let requests = host.at(&["DeviceRequests"]).elements().iter();
        requests.map(|request| request.at(&["Driver"]).text().to_owned()).collect()
    }),
    way("security_option", "a security option other than the usual ones", SHOWS, |host| {
        host.at(&["SecurityOpt"]).texts().filter(|option| !is_usual(option)).map(str::to_owned).collect()
    }),
    way("masked_paths", "kernel files that are usually hidden", SHOWS, |host| {
        unlike(host, "MaskedPaths", "/proc/kcore")
    }),
    way("readonly_paths", "kernel files that usually cannot be written to", SHOWS, |host| {
        unlike(host, "ReadonlyPaths", "/proc/sys")
    }),
    way("sysctl", "a kernel parameter", SHOWS, |host| keys(host, "Sysctls")),
    way("runtime", "a runtime other than runc", HIDDEN, |host| other(host, "Runtime", &["runc"])),
    way("cgroup_parent", "a place in the host's tree of cgroups", SHOWS, |host| {
        other(host, "CgroupParent", &[])
    }),
    way("cgroup", "the cgroup of another container", SHOWS, |host| other(host, "Cgroup", &[])),
    way("volumes_from", "the mounts of another container", HIDDEN, |host| texts(host, "VolumesFrom")),
    way("volume_driver", "a driver of volumes other than `local`", HIDDEN, |host| {
        other(host, "VolumeDriver", &["local"])
    }),
    way("annotation", "a word to the runtime", SHOWS, |host| keys(host, "Annotations")),
    way("log_driver", "a driver that sends the output elsewhere", HIDDEN, |host| {
        other(host.at(&["LogConfig"]), "Type", &["json-file", "journald", "local", "none"])
    }),
    way("oom_score", "a better place than others where memory runs out", HIDDEN, |host| {
        let score = host.at(&["OomScoreAdj"]).as_i64();
        score.filter(|score| *score < 0).map(|score| score.to_string()).into_iter().collect()
    }),
];

/// What the engine says of a container shows whether it has this way.
const SHOWS: bool = true;
/// It does not, or it shows the engine's own choice.
const HIDDEN: bool = false;

const fn way(word: &'static str, doc: &'static str, shows: bool, asks: fn(&Json) -> Vec<String>) -> Way {
    Way { word, doc, shows, asks }
}

/// The words of a container that is to be made, but for mounts of the host.
pub(super) fn words(body: &Json) -> Vec<String> {
    let host = body.at(&["HostConfig"]);
    let endpoints = body.at(&["NetworkingConfig", "EndpointsConfig"]).members().iter();
    let joined =
        endpoints.filter(|(name, _)| is_of_others(name)).map(|(name, _)| super::word("network_mode", name));
    let mounts = host.at(&["Mounts"]).elements().iter().flat_map(mounts::words);
    // A short mount that names no source of the host and no volume either.
    let unclear = host.at(&["Binds"]).texts().filter(|text| super::spec::Spec::of(text).is_unclear());
    let unclear = unclear.map(|_| super::word("bind", "unclear"));
    let odd = host.at(&["Binds"]).texts().filter(|text| super::spec::Spec::of(text).has_odd_options());
    let odd = odd.map(|_| super::word("bind", "options"));
    WAYS.iter()
        .flat_map(|way| way.words(host))
        .chain(odd)
        .chain(joined)
        .chain(mounts)
        .chain(unclear)
        .collect()
}

/// The words of a change: the resources stand where the host configuration would.
pub(super) fn words_of_update(body: &Json) -> Vec<String> {
    WAYS.iter().flat_map(|way| way.words(body)).collect()
}

/// Whether a network is not one of the container's own.
pub(super) fn is_of_others(mode: &str) -> bool {
    mode == "host" || mode.contains(':') || mode.contains('/')
}

/// Whether a security option takes nothing away. It is written with `=` or `:`.
fn is_usual(option: &str) -> bool {
    let (name, value) = option.split_once(['=', ':']).unwrap_or((option, ""));
    matches!(
        (name, value),
        ("no-new-privileges", "" | "true") | ("apparmor", "docker-default") | ("seccomp", "builtin")
    )
}

fn flag(host: &Json, member: &str) -> Vec<String> {
    if host.at(&[member]).is_truthy() { vec![String::new()] } else { Vec::new() }
}

/// The text of a member, unless it is empty or one of these.
fn other(json: &Json, member: &str, usual: &[&str]) -> Vec<String> {
    let text = json.at(&[member]).text();
    if text.is_empty() || usual.contains(&text) { Vec::new() } else { vec![text.to_owned()] }
}

fn texts(host: &Json, member: &str) -> Vec<String> {
    host.at(&[member]).texts().map(str::to_owned).collect()
}

fn keys(host: &Json, member: &str) -> Vec<String> {
    host.at(&[member]).members().iter().map(|(key, _)| key.to_string()).collect()
}

/// Whether a list is given that is not the engine's: its own has this path. A list of nothing is given, too.
fn unlike(host: &Json, member: &str, path: &str) -> Vec<String> {
    let list = host.at(&[member]);
    let is_usual = *list == Json::Null || list.texts().any(|known| known == path);
    if is_usual { Vec::new() } else { vec![String::new()] }
}
