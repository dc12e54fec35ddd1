//! How a request would reach the host: every way by a word, whatever spelling it was asked for in.
//!
//! The words are what `docker.host_access` holds. Policy decides about them; this module only has to miss none, and to
//! say nothing about what clients send for what they leave alone.

mod bind;
pub mod container;
pub mod mounts;
pub mod paths;
mod rest;
pub mod service;
pub mod spec;

pub use bind::{Bind, Wanted};

use super::{Json, Request};

/// A way to the host.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// Its word, to which a detail may be added behind a colon.
    pub word: &'static str,
    /// What it opens.
    pub doc: &'static str,
    /// Whether what the engine says of a container that was made shows it.
    shows: bool,
    /// What is asked for in a host configuration: a detail for each, which may be empty.
    asks: fn(&Json) -> Vec<String>,
}

impl Way {
    fn words(&self, host: &Json) -> impl Iterator<Item = String> {
        (self.asks)(host).into_iter().map(|detail| word(self.word, &detail))
    }
}

/// A word with its detail, if there is one.
fn word(word: &str, detail: &str) -> String {
    let detail: String = detail.chars().take(MAX_DETAIL).collect();
    if detail.is_empty() { word.to_owned() } else { format!("{word}:{detail}") }
}

/// Most characters of a detail; a seccomp profile is one.
const MAX_DETAIL: usize = 128;
/// Most words; one is enough to be denied.
const MAX_WORDS: usize = 64;

/// The ways that a request opens, sorted, each once; `of_volumes` are those of volumes that are there already.
pub fn of(request: &Request, binds: &[Bind], of_volumes: Vec<String>) -> Vec<String> {
    let operation = request.operation.map_or("", |operation| operation.name);
    let nothing = Json::Null;
    let body = request.body.as_ref().unwrap_or(&nothing);
    let mut words: Vec<String> = match operation {
        "container.create" => container::words(body),
        "container.update" => container::words_of_update(body),
        "service.create" | "service.update" => service::words(body),
        "exec.create" => rest::exec(body),
        "volume.create" => mounts::volume(body.at(&["Driver"]).text(), body.at(&["DriverOpts"])),
        "volume.update" => rest::flagged("volume_cluster", body.at(&["Spec"])),
        "network.create" => rest::network(body),
        "network.connect" => rest::network_settings(body.at(&["EndpointConfig"])),
        "checkpoint.create" => rest::flagged("checkpoint_directory", body.at(&["CheckpointDir"])),
        "container.start" => rest::start(request),
        "build" => rest::build(request),
        _ => Vec::new(),
    };
    words.extend(binds.iter().flat_map(Bind::words));
    words.extend(of_volumes);
    tidy(words)
}

/// The ways that a container has that the engine describes.
pub fn of_made(inspected: &Json) -> Vec<String> {
    let host = inspected.at(&["HostConfig"]);
    let mut words: Vec<_> =
        container::WAYS.iter().filter(|way| way.shows).flat_map(|way| way.words(host)).collect();
    let mounts = inspected.at(&["Mounts"]).elements().iter();
    let binds = mounts.filter(|mount| mount.at(&["Type"]).text() == "bind");
    words.extend(binds.filter_map(|mount| Some(word("bind", paths::touched(mount.at(&["Source"]).text())?))));
    tidy(words)
}

fn tidy(mut words: Vec<String>) -> Vec<String> {
    words.sort_unstable();
    words.dedup();
    words.truncate(MAX_WORDS);
    words
}

/// The mounts of the host that a request asks for.
pub fn wanted(request: &Request) -> Vec<Wanted> {
    let Some(body) = &request.body else { return Vec::new() };
    match request.operation.map_or("", |operation| operation.name) {
        "container.create" => {
            let host = body.at(&["HostConfig"]);
            let short = host.at(&["Binds"]).texts().map(spec::Spec::of).filter(spec::Spec::is_of_host);
            let long = host.at(&["Mounts"]).elements().iter();
            short.map(|spec| Wanted::from(&spec)).chain(long.filter_map(mounts::wanted)).collect()
        }
        "service.create" | "service.update" => {
            let all = body.at(&["TaskTemplate", "ContainerSpec", "Mounts"]).elements().iter();
            all.filter_map(mounts::wanted).collect()
        }
        _ => Vec::new(),
    }
}

/// Names of the volumes that a container is to mount.
pub fn volumes(request: &Request) -> Vec<&str> {
    let Some(body) = &request.body else { return Vec::new() };
    match request.operation.map_or("", |operation| operation.name) {
        "container.create" => {
            let host = body.at(&["HostConfig"]);
            let short = host.at(&["Binds"]).texts().map(spec::Spec::of).filter(|spec| !spec.is_of_host());
            let long =
                host.at(&["Mounts"]).elements().iter().filter(|mount| mount.at(&["Type"]).text() == "volume");
            let named = short.map(|spec| spec.source).chain(long.map(|mount| mount.at(&["Source"]).text()));
            named.filter(|name| !name.is_empty()).collect()
        }
        _ => Vec::new(),
    }
}

/// The ways that a volume opens that the engine describes.
pub fn of_volume(inspected: &Json) -> Vec<String> {
    mounts::volume(inspected.at(&["Driver"]).text(), inspected.at(&["Options"]))
}

/// A capability in capitals and without `CAP_`, as the engine reads it.
pub fn capability(name: &str) -> String {
    let name = name.to_uppercase();
    name.strip_prefix("CAP_").unwrap_or(&name).to_owned()
}

#[cfg(test)]
#[path = "host_access/tests.rs"]
mod tests;
