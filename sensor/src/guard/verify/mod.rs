//! Whether a container that was made is the one that was allowed: what the engine says of it, against the body that the
//! guard judged and forwarded.
//!
//! Only what opens a way to the host counts, and only where it is more than was asked for: the engine fills in much that
//! nobody asked for. What it is known to add by itself is no drift: `label=disable` for privileged containers and those
//! that share the host's processes or IPC, and its own choice of cgroup namespace.
//!
//! Podman says less than Docker does: what it leaves open is no drift either.

mod image;
mod mounts;
#[cfg(test)]
mod podman_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use super::Json;
pub use mounts::Judged;

/// Something that a container has and was not allowed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// The member of the engine's answer.
    pub what: &'static str,
    /// What was allowed; empty for nothing.
    pub allowed: String,
    /// What there is.
    pub found: String,
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, allowed, found } = self;
        match allowed.as_str() {
            "" => write!(f, "{what}: {found}, which was not asked for"),
            _ => write!(f, "{what}: {found} instead of {allowed}"),
        }
    }
}

/// Namespaces of which a container may have another one than its own.
const NAMESPACES: [&str; 6] = ["PidMode", "IpcMode", "UTSMode", "UsernsMode", "NetworkMode", "CgroupnsMode"];
/// Lists of which nothing may be added.
const LISTS: [&str; 3] = ["DeviceCgroupRules", "GroupAdd", "VolumesFrom"];
/// Texts that have to be as asked for, where they were asked for; none is what the engine gives everybody.
const TEXTS: [&str; 3] = ["Runtime", "CgroupParent", "VolumeDriver"];
/// What Podman says of every runtime.
const PODMANS_RUNTIME: &str = "oci";
/// Paths that are closed to containers unless they are asked to be open.
const PATHS: [&str; 2] = ["MaskedPaths", "ReadonlyPaths"];

/// What the container of `inspect` (the engine's `GET /containers/{id}/json`) has that `create` (the body that was
/// forwarded) did not ask for. `judged` are the mounts of the host as they were judged, and `resolve` tells where a path
/// of the host leads now. In order, and empty if all is as it was allowed.
pub fn drift(
    create: &Json,
    inspect: &Json,
    judged: &[Judged],
    resolve: impl Fn(&str) -> Option<String>,
) -> Vec<Drift> {
    let (asked, has) = (create.at(&["HostConfig"]), inspect.at(&["HostConfig"]));
    let mut found = Vec::new();
    found.extend(privileged(asked, has));
    found.extend(NAMESPACES.iter().filter_map(|name| namespace(name, asked, has)));
    found.extend(more_capabilities(asked, has));
    found.extend(security(asked, has));
    found.extend(PATHS.iter().filter_map(|name| opened(name, asked, has)));
    found.extend(more_devices(asked, has));
    found.extend(device_requests(asked, has));
    found.extend(LISTS.iter().flat_map(|name| added(name, &set(asked.at(&[*name])), &set(has.at(&[*name])))));
    found.extend(added("Sysctls", &pairs(asked.at(&["Sysctls"])), &pairs(has.at(&["Sysctls"]))));
    found.extend(TEXTS.iter().filter_map(|name| told(name, asked, has)));
    let config = inspect.at(&["Config"]);
    found.extend(changed("User", create.at(&["User"]), config.at(&["User"])));
    let is_same = |image: &Drift| image::is_same(&image.allowed, &image.found, inspect.at(&["Image"]).text());
    found.extend(
        changed("Image", create.at(&["Image"]), config.at(&["Image"])).filter(|image| !is_same(image)),
    );
    found.extend(mounts::drift(asked, inspect, judged, resolve));
    found
}

fn privileged(asked: &Json, has: &Json) -> Option<Drift> {
    let is_more = has.at(&["Privileged"]).is_true() && !asked.at(&["Privileged"]).is_true();
    is_more.then(|| unasked("Privileged", "true"))
}

/// Another namespace than the container's own, that was not asked for.
fn namespace(name: &&'static str, asked: &Json, has: &Json) -> Option<Drift> {
    let (asked, has) = (asked.at(&[*name]).text(), has.at(&[*name]).text());
    let is_shared = |mode: &str| mode == "host" || mode.starts_with("container:") || mode.starts_with("ns:");
    // The engine writes the id where a name was asked for.
    let both_containers = asked.starts_with("container:") && has.starts_with("container:");
    let is_engines_choice = *name == "CgroupnsMode" && asked.is_empty();
    let is_drift = is_shared(has) && has != asked && !both_containers && !is_engines_choice;
    is_drift.then(|| Drift { what: name, allowed: asked.to_owned(), found: has.to_owned() })
}

/// Without `CAP_`, in capitals.
fn capabilities(config: &Json) -> BTreeSet<String> {
    let plain = |name: &str| {
        let name = name.to_ascii_uppercase();
        name.strip_prefix("CAP_").map(str::to_owned).unwrap_or(name)
    };
    config.at(&["CapAdd"]).texts().map(plain).collect()
}

/// Podman names every one where all were asked for.
fn more_capabilities(asked: &Json, has: &Json) -> Vec<Drift> {
    let asked = capabilities(asked);
    if asked.contains("ALL") { Vec::new() } else { added("CapAdd", &asked, &capabilities(has)) }
}

fn security(asked: &Json, has: &Json) -> Vec<Drift> {
    let option = |text: &str| match text.replacen(':', "=", 1) {
        option if option == "no-new-privileges=true" => "no-new-privileges".to_owned(),
        option => option,
    };
    let options =
        |config: &Json| -> BTreeSet<String> { config.at(&["SecurityOpt"]).texts().map(option).collect() };
    let shares = |name: &str| asked.at(&[name]).text() == "host";
    let mut allowed = options(asked);
    if asked.at(&["Privileged"]).is_true() || shares("PidMode") || shares("IpcMode") {
        allowed.insert("label=disable".to_owned());
    }
    added("SecurityOpt", &allowed, &options(has))
}

/// Paths that containers cannot use as a rule, and this one can. Docker tells no list of privileged containers alone,
/// and Podman of none: only a list with nothing in it says that all is open.
fn opened(name: &&'static str, asked: &Json, has: &Json) -> Option<Drift> {
    let is_open = |config: &Json| matches!(config.at(&[*name]), Json::List(paths) if paths.is_empty());
    let asks = asked.at(&["Privileged"]).is_true() || is_open(asked);
    (is_open(has) && !asks).then(|| unasked(name, "none"))
}

/// Podman does not tell what may be done with a device.
fn more_devices(asked: &Json, has: &Json) -> Vec<Drift> {
    let device = |device: &Json| {
        let part = |name| device.at(&[name]).text().to_owned();
        (format!("{}:{}", part("PathOnHost"), part("PathInContainer")), part("CgroupPermissions"))
    };
    let asked: Vec<_> = asked.at(&["Devices"]).elements().iter().map(device).collect();
    let is_asked = |(paths, may): &(String, String)| {
        asked.iter().any(|(known, allowed)| known == paths && (allowed == may || may.is_empty()))
    };
    let more: BTreeSet<_> =
        has.at(&["Devices"]).elements().iter().map(device).filter(|device| !is_asked(device)).collect();
    more.iter().map(|(paths, may)| unasked("Devices", &format!("{paths}:{may}"))).collect()
}

fn device_requests(asked: &Json, has: &Json) -> Option<Drift> {
    let count = |config: &Json| config.at(&["DeviceRequests"]).elements().len();
    let (asked, has) = (count(asked), count(has));
    let drift = || Drift { what: "DeviceRequests", allowed: asked.to_string(), found: has.to_string() };
    (has > asked).then(drift)
}

/// What is in one set and not in the other.
fn added(what: &'static str, allowed: &BTreeSet<String>, has: &BTreeSet<String>) -> Vec<Drift> {
    has.difference(allowed).map(|one| unasked(what, one)).collect()
}

/// The same of the host configuration, where the engine says it.
fn told(name: &&'static str, asked: &Json, has: &Json) -> Option<Drift> {
    let is_told = |drift: &Drift| {
        !drift.found.is_empty() && (*name, drift.found.as_str()) != ("Runtime", PODMANS_RUNTIME)
    };
    changed(name, asked.at(&[*name]), has.at(&[*name])).filter(is_told)
}

/// A text that was asked for and is another one.
fn changed(what: &'static str, asked: &Json, has: &Json) -> Option<Drift> {
    let (asked, has) = (asked.text(), has.text());
    let drift = || Drift { what, allowed: asked.to_owned(), found: has.to_owned() };
    (!asked.is_empty() && asked != has).then(drift)
}

fn set(list: &Json) -> BTreeSet<String> {
    list.texts().map(str::to_owned).collect()
}

fn pairs(object: &Json) -> BTreeSet<String> {
    object.members().iter().map(|(name, value)| format!("{name}={}", value.text())).collect()
}

fn unasked(what: &'static str, found: &str) -> Drift {
    Drift { what, allowed: String::new(), found: found.to_owned() }
}
