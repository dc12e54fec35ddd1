//! The parts that we read of an OCI runtime specification, which containerd, CRI-O and podman keep of each container.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::docker::model::or_default;
use super::metadata::{HostNamespaces, Mount};
use super::placement::{normalized, slice_path};

/// `config.json` of a container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Spec {
    /// Words of the runtime that wrote it.
    #[serde(deserialize_with = "or_default")]
    pub annotations: BTreeMap<String, String>,
    #[serde(deserialize_with = "or_default")]
    mounts: Vec<SpecMount>,
    #[serde(deserialize_with = "or_default")]
    linux: Linux,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Linux {
    #[serde(deserialize_with = "or_default")]
    cgroups_path: String,
    #[serde(deserialize_with = "or_default")]
    namespaces: Vec<Namespace>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Namespace {
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: String,
    /// Where somebody else's is, which it joins.
    #[serde(deserialize_with = "or_default")]
    path: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SpecMount {
    #[serde(deserialize_with = "or_default")]
    destination: String,
    #[serde(rename = "type", deserialize_with = "or_default")]
    kind: String,
    #[serde(deserialize_with = "or_default")]
    source: String,
    #[serde(deserialize_with = "or_default")]
    options: Vec<String>,
}

impl Spec {
    /// The cgroups that the container may be given: the path is of one form with the systemd driver, of another
    /// without, and does not say which it is. `base` is where a user's own systemd keeps its slices; empty for
    /// the host's.
    pub fn cgroups(&self, base: &str) -> Vec<Vec<u8>> {
        let path = self.linux.cgroups_path.as_str();
        let scope = scope(path, base);
        let plain = normalized(path).filter(|path| !path.is_empty());
        scope.into_iter().chain(plain).map(String::into_bytes).collect()
    }

    /// The host's namespaces that it shares: those it is given none of its own of. Whether another's that it
    /// joins is the host's is not known here.
    pub fn shares(&self) -> HostNamespaces {
        let shares = |kind| {
            let given = self.linux.namespaces.iter().find(|namespace| namespace.kind == kind);
            given.map_or(Some(true), |namespace| namespace.path.is_empty().then_some(false))
        };
        HostNamespaces { pid: shares("pid"), network: shares("network"), ipc: shares("ipc") }
    }

    /// Where its mounts come from.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        self.mounts.iter().map(|mount| mount.source.as_str())
    }

    /// What of the host is mounted into it: the file systems made for it alone are not told.
    pub fn mounts(self) -> Vec<Mount> {
        self.mounts.into_iter().filter(is_bind).map(mount).collect()
    }
}

/// `slice:prefix:name`, as the systemd driver takes it.
fn scope(path: &str, base: &str) -> Option<String> {
    let mut parts = path.split(':');
    let (slice, prefix, name) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || name.is_empty() || name.contains('/') {
        return None;
    }
    let slice = slice_path(if slice.is_empty() { "system.slice" } else { slice })?;
    let dash = if prefix.is_empty() { "" } else { "-" };
    Some(format!("{base}{slice}/{prefix}{dash}{name}.scope"))
}

fn is_bind(mount: &SpecMount) -> bool {
    let option = |option: &String| option == "bind" || option == "rbind";
    mount.kind == "bind" || mount.options.iter().any(option)
}

fn mount(mount: SpecMount) -> Mount {
    let SpecMount { destination, kind, source, options } = mount;
    let is_propagation =
        |option: &&String| matches!(option.trim_start_matches('r'), "private" | "shared" | "slave");
    let propagation = options.iter().find(is_propagation).cloned().unwrap_or_default();
    let writable = !options.iter().any(|option| option == "ro");
    Mount { kind, source, destination, mode: options.join(","), writable, propagation }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(path: &str) -> Spec {
        serde_json::from_str(&format!(r#"{{"linux":{{"cgroupsPath":"{path}"}}}}"#)).unwrap()
    }

    #[track_caller]
    fn places(path: &str, base: &str, expected: &[&str]) {
        let found = spec(path).cgroups(base);
        let found: Vec<&str> = found.iter().map(|path| std::str::from_utf8(path).unwrap()).collect();
        assert_eq!(found, expected, "{path}");
    }

    #[test]
    fn both_drivers_paths_are_understood() {
        places("/default/web", "", &["/default/web"]);
        places(
            "kubepods-pod1.slice:cri-containerd:abc",
            "",
            &[
                "/kubepods.slice/kubepods-pod1.slice/cri-containerd-abc.scope",
                "/kubepods-pod1.slice:cri-containerd:abc",
            ],
        );
        let user = "/user.slice/user-7.slice/user@7.service";
        places(
            "user.slice:libpod:abc",
            user,
            &[&format!("{user}/user.slice/libpod-abc.scope"), "/user.slice:libpod:abc"],
        );
        places("", "", &[]);
        places("/../etc", "", &[]);
        places("a.slice:b:c/../d", "", &[]);
    }

    #[test]
    fn what_has_no_namespace_of_its_own_shares_the_hosts() {
        let spec: Spec = serde_json::from_str(
            r#"{"linux":{"namespaces":[{"type":"pid"},{"type":"ipc","path":"/proc/1/ns/ipc"}]},"mounts":null}"#,
        )
        .unwrap();
        let expected = HostNamespaces { pid: Some(false), network: Some(true), ipc: None };
        assert_eq!(spec.shares(), expected);
    }

    #[test]
    fn only_what_comes_from_the_host_is_a_mount() {
        let spec: Spec = serde_json::from_str(
            r#"{"mounts":[{"destination":"/proc","type":"proc","source":"proc"},
                {"destination":"/d","type":"bind","source":"/s","options":["rbind","rslave","ro"]}]}"#,
        )
        .unwrap();
        let mounts = spec.mounts();
        assert_eq!(mounts.len(), 1);
        assert_eq!((mounts[0].source.as_str(), mounts[0].writable), ("/s", false));
        assert_eq!(mounts[0].propagation, "rslave");
    }
}
