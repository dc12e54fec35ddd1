//! Ways to the host in the specification of a service. Its containers run on any host of the cluster.

use super::container::is_of_others;
use super::{capability, mounts, word};
use crate::guard::Json;

/// The networks that a service joins, at both places where they may be named.
pub fn networks(body: &Json) -> impl Iterator<Item = &str> {
    let new = body.at(&["TaskTemplate", "Networks"]).elements().iter();
    let old = body.at(&["Networks"]).elements().iter();
    new.chain(old).map(|network| network.at(&["Target"]).text())
}

/// The words of a service, but for mounts of the host.
pub(super) fn words(body: &Json) -> Vec<String> {
    let task = body.at(&["TaskTemplate"]);
    let container = task.at(&["ContainerSpec"]);
    let mut words: Vec<String> =
        container.at(&["CapabilityAdd"]).texts().map(|name| word("cap", &capability(name))).collect();
    words.extend(networks(body).filter(|name| is_of_others(name)).map(|name| word("network_mode", name)));
    words.extend(container.at(&["Sysctls"]).members().iter().map(|(key, _)| word("sysctl", key)));
    words.extend(container.at(&["Mounts"]).elements().iter().flat_map(mounts::words));
    words.extend(privileges(container.at(&["Privileges"])).map(|option| word("security_option", option)));
    words.extend(runtime(task));
    words.extend(log_driver(task.at(&["LogDriver", "Name"]).text()));
    if container.at(&["OomScoreAdj"]).as_i64().is_some_and(|score| score < 0) {
        words.push(word("oom_score", ""));
    }
    words
}

fn privileges(privileges: &Json) -> impl Iterator<Item = &'static str> {
    let seccomp = privileges.at(&["Seccomp"]);
    let usual = |mode: &str| matches!(mode, "" | "default");
    [
        ("label", privileges.at(&["SELinuxContext"]).members().iter().any(|(_, value)| value.is_truthy())),
        ("seccomp", !usual(seccomp.at(&["Mode"]).text()) || seccomp.at(&["Profile"]).is_truthy()),
        ("apparmor", !usual(privileges.at(&["AppArmor", "Mode"]).text())),
        (
            "credential_spec",
            privileges.at(&["CredentialSpec"]).members().iter().any(|(_, value)| value.is_truthy()),
        ),
    ]
    .into_iter()
    .filter_map(|(option, is_set)| is_set.then_some(option))
}

/// A task may be a plugin of the engine, which is the host.
fn runtime(task: &Json) -> Option<String> {
    let runtime = task.at(&["Runtime"]).text();
    if task.at(&["PluginSpec"]).is_truthy() {
        return Some(word("runtime", "plugin"));
    }
    (!matches!(runtime, "" | "container" | "attachment")).then(|| word("runtime", runtime))
}

fn log_driver(name: &str) -> Option<String> {
    (!matches!(name, "" | "json-file" | "journald" | "local" | "none")).then(|| word("log_driver", name))
}
