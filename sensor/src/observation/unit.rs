//! Fields of the systemd unit that a host process belongs to, which its cgroup is named after.

use super::{Observation, Rows, non_empty, or_missing};
use crate::{
    identity::{Identity, Maker},
    rules::value::Value,
};

/// Units that processes are in; slices only hold others.
const SUFFIXES: [&[u8]; 5] = [b".service", b".scope", b".socket", b".mount", b".swap"];
const SLICE: &[u8] = b".slice";

pub(super) const ROWS: Rows = &[
    ("vigie.unit", |o, _| or_missing(unit(o), |unit| non_empty(unit.name))),
    ("vigie.unit.verified", |o, _| or_missing(unit(o), |unit| Value::Bool(is_verified(o, &unit)))),
];

/// A unit as a cgroup's path names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Unit<'a> {
    name: &'a [u8],
    /// Whether only slices are above it, so that nobody but process 1 manages that part of the hierarchy.
    is_systems: bool,
}

/// Of a process on the host only: a container may be a unit too, and says more.
fn unit<'o>(observation: &'o Observation<'_>) -> Option<Unit<'o>> {
    let path = observation.cgroup_path.filter(|_| observation.identity == Identity::Host)?;
    innermost(path)
}

/// The innermost unit: within a user's manager, a unit of the user's.
fn innermost(path: &[u8]) -> Option<Unit<'_>> {
    let mut is_systems = true;
    let mut found = None;
    for component in path.split(|&byte| byte == b'/').filter(|component| !component.is_empty()) {
        if SUFFIXES.iter().any(|suffix| component.ends_with(suffix)) {
            found = Some(Unit { name: component, is_systems });
        }
        is_systems &= component.ends_with(SLICE);
    }
    found
}

/// Process 1 made the cgroup; or it is older than the sensor, and process 1 is systemd.
fn is_verified(observation: &Observation<'_>, unit: &Unit<'_>) -> bool {
    let by_init = match observation.maker {
        Maker::Init => true,
        Maker::Unknown => observation.host.systemd,
        Maker::Other => false,
    };
    unit.is_systems && by_init
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_the_innermost_unit_and_whose_it_is() {
        for (path, name, is_systems) in [
            ("/system.slice/ssh.service", "ssh.service", true),
            ("/system.slice/ssh.service/sub", "ssh.service", true),
            ("/init.scope", "init.scope", true),
            ("/user.slice/user-7.slice/session-1.scope", "session-1.scope", true),
            ("/user.slice/user-7.slice/user@7.service", "user@7.service", true),
            ("/user.slice/user-7.slice/user@7.service/app.slice/ssh.service", "ssh.service", false),
            ("/mine/ssh.service", "ssh.service", false),
        ] {
            let unit = Unit { name: name.as_bytes(), is_systems };
            assert_eq!(innermost(path.as_bytes()), Some(unit), "{path}");
        }
        for path in ["/", "/system.slice", "/docker/x", ""] {
            assert_eq!(innermost(path.as_bytes()), None, "{path}");
        }
    }
}
