//! Ways to the host in what is neither a container nor a service.

use super::container::is_of_others;
use super::word;
use crate::guard::{Json, Request};

/// A word, if a value asks for anything.
pub(super) fn flagged(name: &str, value: &Json) -> Vec<String> {
    if value.is_truthy() { vec![name.to_owned()] } else { Vec::new() }
}

/// Of a command in a container.
pub(super) fn exec(body: &Json) -> Vec<String> {
    flagged("exec_privileged", body.at(&["Privileged"]))
}

/// Of a network: drivers other than these put containers on the host's own networks, or are plugins.
pub(super) fn network(body: &Json) -> Vec<String> {
    let drivers = [
        ("network_driver", body.at(&["Driver"]).text(), ["", "bridge", "overlay"]),
        ("ipam_driver", body.at(&["IPAM", "Driver"]).text(), ["", "default", "null"]),
    ];
    let odd = drivers.iter().filter(|(_, driver, usual)| !usual.contains(driver));
    let mut words: Vec<_> = odd.map(|(name, driver, _)| word(name, driver)).collect();
    let options = body.at(&["Options"]).members().iter();
    let parents = options.filter(|(key, _)| matches!(&**key, "parent" | "com.docker.network.bridge.name"));
    words.extend(parents.map(|(_, value)| word("network_parent", value.text())));
    words
}

/// Of the settings with which a container joins a network.
pub(super) fn network_settings(settings: &Json) -> Vec<String> {
    let options = settings.at(&["DriverOpts"]).members().iter();
    options.filter(|(key, _)| key.contains("sysctl")).map(|(key, _)| word("sysctl", key)).collect()
}

/// Of a start: a checkpoint may be read from any directory.
pub(super) fn start(request: &Request) -> Vec<String> {
    let directory = request.queries("checkpoint-dir").any(|value| !value.is_empty());
    if directory { vec!["checkpoint_directory".to_owned()] } else { Vec::new() }
}

/// Parameters of a build that open nothing, or have a word of their own. Podman has others, for mounts and namespaces.
const OF_BUILDS: [&str; 32] = [
    "dockerfile",
    "t",
    "extrahosts",
    "remote",
    "q",
    "nocache",
    "cachefrom",
    "pull",
    "rm",
    "forcerm",
    "memory",
    "memswap",
    "cpushares",
    "cpusetcpus",
    "cpusetmems",
    "cpuperiod",
    "cpuquota",
    "shmsize",
    "buildargs",
    "labels",
    "squash",
    "target",
    "platform",
    "outputs",
    "version",
    "session",
    "buildid",
    "ulimits",
    "networkmode",
    "cgroupparent",
    "securityopt",
    "stream",
];

/// Of a build. What a parameter says that is given twice depends on who reads it, so all of its values count.
pub(super) fn build(request: &Request) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(
        request
            .queries("networkmode")
            .filter(|mode| is_of_others(mode))
            .map(|mode| word("network_mode", mode)),
    );
    let parents = request.queries("cgroupparent").filter(|parent| !parent.is_empty());
    words.extend(parents.map(|parent| word("cgroup_parent", parent)));
    let options = request.queries("securityopt").filter(|option| !matches!(*option, "" | "null" | "[]"));
    words.extend(options.map(|option| word("security_option", option)));
    let others = request.target.query.iter().filter(|(name, _)| !OF_BUILDS.contains(&name.as_str()));
    let set = others.filter(|(_, value)| {
        !matches!(value.as_str(), "" | "0" | "false" | "default" | "null" | "[]" | "{}")
    });
    words.extend(set.map(|(name, _)| word("build_option", name)));
    words
}
