//! Whether what is mounted from the host is what was allowed to be.

use super::{Drift, unasked};
use crate::guard::Json;

/// A mount of the host as it was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The path as the request named it.
    pub source: String,
    /// Where it led when it was judged; `None` where there was nothing.
    pub resolved: Option<String>,
}

/// A mount that was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    source: String,
    destination: String,
    writable: bool,
}

/// Mounts of the host that nobody asked for, that are writable and were not to be, or that lead elsewhere by now.
pub(super) fn drift(
    asked: &Json,
    inspect: &Json,
    judged: &[Judged],
    resolve: impl Fn(&str) -> Option<String>,
) -> Vec<Drift> {
    let wanted = wanted(asked);
    // What comes from other containers was judged with them.
    let inherits = !asked.at(&["VolumesFrom"]).elements().is_empty();
    let binds =
        inspect.at(&["Mounts"]).elements().iter().filter(|mount| mount.at(&["Type"]).text() == "bind");
    let mut found: Vec<_> = binds.filter_map(|mount| unwanted(mount, &wanted, inherits)).collect();
    found.extend(judged.iter().filter_map(|judged| moved(judged, &resolve)));
    found
}

fn unwanted(mount: &Json, wanted: &[Wanted], inherits: bool) -> Option<Drift> {
    let (source, destination) =
        (clean(mount.at(&["Source"]).text()), clean(mount.at(&["Destination"]).text()));
    let writable = mount.at(&["RW"]).is_true();
    let found = format!("{source}:{destination}{}", if writable { "" } else { ":ro" });
    let asked = wanted.iter().find(|wanted| wanted.destination == destination);
    match asked {
        None if inherits => None,
        None => Some(unasked("Mounts", &found)),
        Some(asked) if asked.source == source && (asked.writable || !writable) => None,
        Some(Wanted { source, destination, writable }) => {
            let mode = if *writable { "" } else { ":ro" };
            Some(Drift { what: "Mounts", allowed: format!("{source}:{destination}{mode}"), found })
        }
    }
}

/// Whether a path leads elsewhere than when it was judged. One that led nowhere was made by the engine, as a directory.
fn moved(judged: &Judged, resolve: impl Fn(&str) -> Option<String>) -> Option<Drift> {
    let now = resolve(&judged.source);
    let before = judged.resolved.clone().unwrap_or_else(|| clean(&judged.source));
    let led_nowhere = judged.resolved.is_none() && now.is_none();
    let is_same = now.as_ref() == Some(&before) || led_nowhere;
    let found = || format!("{} leads to {}", judged.source, now.as_deref().unwrap_or("nothing"));
    (!is_same).then(|| Drift { what: "Binds", allowed: before.clone(), found: found() })
}

/// The mounts of the host that a body asks for.
fn wanted(asked: &Json) -> Vec<Wanted> {
    let binds = asked.at(&["Binds"]).texts().filter_map(of_bind);
    let mounts = asked.at(&["Mounts"]).elements().iter().filter(|mount| mount.at(&["Type"]).text() == "bind");
    binds.chain(mounts.map(of_mount)).collect()
}

/// `source:destination[:options]`; of a volume's name nothing.
fn of_bind(bind: &str) -> Option<Wanted> {
    let mut parts = bind.splitn(3, ':');
    let (source, destination) = (parts.next()?, parts.next()?);
    let writable = !parts.next().unwrap_or_default().split(',').any(|option| option == "ro");
    let is_path = source.starts_with('/');
    is_path.then(|| Wanted { source: clean(source), destination: clean(destination), writable })
}

fn of_mount(mount: &Json) -> Wanted {
    let destination = mount.at(&["Target"]).text();
    Wanted {
        source: clean(mount.at(&["Source"]).text()),
        destination: clean(destination),
        writable: !mount.at(&["ReadOnly"]).is_true(),
    }
}

/// A path as the engine cleans it, by its text alone.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_the_engine_does() {
        for (path, expected) in
            [("/etc/", "/etc"), ("/a/../b", "/b"), ("/../..", "/"), ("//a//./b", "/a/b"), ("/", "/")]
        {
            assert_eq!(clean(path), expected);
        }
    }

    #[test]
    fn binds_of_volumes_are_none_of_the_hosts() {
        assert_eq!(of_bind("volume:/v:ro"), None);
        assert_eq!(of_bind("/v"), None);
        let writable = |bind| of_bind(bind).unwrap().writable;
        assert!(writable("/a:/b") && writable("/a:/b:z,rw"));
        assert!(!writable("/a:/b:ro,rshared"));
    }
}
