//! Fields of the user and group. Names are the host's; a container's processes have names of their own, which
//! are not known here, so for them only the number is given.

use super::{Observation, Rows, number, or_missing};
use crate::{identity::Identity, rules::value::Value};

/// An audit id that was never set.
const UNSET: u32 = u32::MAX;

pub(super) const ROWS: Rows = &[
    ("user.uid", |o, _| number(o.ids().uid)),
    ("user.name", |o, _| {
        let name = on_host(o).then(|| o.host.names.user(o.ids().uid)).flatten();
        or_missing(name, Value::text)
    }),
    ("user.loginuid", |o, _| or_missing(o.exec(), |exec| login(exec.facts.loginuid))),
    ("user.loginname", |o, _| {
        let uid = o.exec().map(|exec| exec.facts.loginuid).filter(|uid| *uid != UNSET);
        or_missing(uid.and_then(|uid| o.host.names.user(uid)), Value::text)
    }),
    ("vigie.user.euid", |o, _| number(o.ids().euid)),
    ("vigie.group.egid", |o, _| or_missing(o.ids().egid, number)),
    ("group.gid", |o, _| number(o.ids().gid)),
    ("group.name", |o, _| {
        let name = on_host(o).then(|| o.host.names.group(o.ids().gid)).flatten();
        or_missing(name, Value::text)
    }),
];

fn on_host(observation: &Observation<'_>) -> bool {
    matches!(observation.identity, Identity::Host)
}

fn login(uid: u32) -> Value<'static> {
    if uid == UNSET { Value::Number(-1) } else { number(uid) }
}
