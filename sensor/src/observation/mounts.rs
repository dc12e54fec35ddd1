//! Fields of one mount of the container, picked by position or by a path that may be a pattern.

use super::{Observation, Rows, container, non_empty, owned};
use crate::{
    identity::Mount,
    rules::{
        field::FieldArgument,
        pattern::glob::{Case, Glob},
        value::Value,
    },
};

pub(super) const ROWS: Rows = &[
    ("container.mount", |o, key| picked(o, key, source, |mount| owned(container::mount(mount)))),
    ("container.mount.source", |o, key| picked(o, key, destination, |mount| non_empty(source(mount)))),
    ("container.mount.dest", |o, key| picked(o, key, source, |mount| non_empty(destination(mount)))),
    ("container.mount.mode", |o, key| picked(o, key, source, |mount| non_empty(mount.mode.as_bytes()))),
    ("container.mount.rdwr", |o, key| {
        picked(o, key, source, |mount| if mount.writable { "true" } else { "false" }.into())
    }),
    ("container.mount.propagation", |o, key| {
        picked(o, key, source, |mount| non_empty(mount.propagation.as_bytes()))
    }),
];

fn source(mount: &Mount) -> &[u8] {
    mount.source.as_bytes()
}

fn destination(mount: &Mount) -> &[u8] {
    mount.destination.as_bytes()
}

/// What Falco gives of a mount that is not there; rules compare with it.
const NO_MOUNT: &str = "N/A";

/// Of the mount at a position, or the first whose path matches.
fn picked<'o>(
    observation: &'o Observation<'_>,
    key: Option<&FieldArgument>,
    path: impl Fn(&Mount) -> &[u8],
    of: impl FnOnce(&'o Mount) -> Value<'o>,
) -> Value<'o> {
    let Some(FieldArgument::Key(key)) = key else { return Value::Missing };
    container::known(observation, |metadata| value(metadata.mounts.as_deref(), key, path, of))
}

/// Missing as long as the mounts are not known.
fn value<'o>(
    mounts: Option<&'o [Mount]>,
    key: &str,
    path: impl Fn(&Mount) -> &[u8],
    of: impl FnOnce(&'o Mount) -> Value<'o>,
) -> Value<'o> {
    mounts.map_or(Value::Missing, |mounts| pick(mounts, key, path).map_or(NO_MOUNT.into(), of))
}

fn pick<'o>(mounts: &'o [Mount], key: &str, path: impl Fn(&Mount) -> &[u8]) -> Option<&'o Mount> {
    if let Ok(position) = key.parse::<usize>() {
        return mounts.get(position);
    }
    let pattern = Glob::new(key.as_bytes(), Case::Sensitive);
    mounts.iter().find(|mount| pattern.matches(path(mount)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_picked_by_position_or_pattern() {
        let mount = |source: &str, destination: &str| Mount {
            kind: "bind".to_owned(),
            source: source.to_owned(),
            destination: destination.to_owned(),
            mode: String::new(),
            writable: true,
            propagation: String::new(),
        };
        let mounts = [mount("/var/a", "/a"), mount("/etc", "/host/etc")];
        assert_eq!(pick(&mounts, "1", source), mounts.get(1));
        assert_eq!(pick(&mounts, "/var*", source), mounts.first());
        assert_eq!(pick(&mounts, "/host/*", destination), mounts.get(1));
        assert_eq!(pick(&mounts, "/usr", source), None);
        assert_eq!(pick(&mounts, "2", source), None);
        let to = |mounts, key| value(mounts, key, source, |mount| non_empty(destination(mount)));
        assert_eq!(to(Some(&mounts), "/etc"), Value::text(b"/host/etc"));
        assert_eq!(to(Some(&mounts), "/usr"), Value::text(b"N/A"), "as Falco has it");
        assert_eq!(to(None, "/usr"), Value::Missing);
    }
}
