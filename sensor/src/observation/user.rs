//! Fields of the user and group. Names are the host's for its processes, and a container's own for those in it.

use super::{Observation, Rows, accounts::Asked, number, or_missing, owned};
use crate::{
    enrichment::Found,
    rules::value::Value,
    sys::accounts::{Account, Accounts},
};

/// An audit id that was never set.
const UNSET: u32 = u32::MAX;

pub(super) const ROWS: Rows = &[
    ("user.uid", |o, _| number(o.ids().uid)),
    ("user.name", |o, _| user(o, |user| &user.name)),
    ("user.homedir", |o, _| user(o, |user| &user.home)),
    ("user.shell", |o, _| user(o, |user| &user.shell)),
    ("user.loginuid", |o, _| or_missing(o.exec(), |exec| login(exec.facts.loginuid))),
    ("user.loginname", |o, _| {
        let uid = o.exec().map(|exec| exec.facts.loginuid).filter(|uid| *uid != UNSET);
        or_missing(uid, |uid| text(&o.account(Asked::Host, |host| host.user(uid)), |user| &user.name))
    }),
    ("vigie.user.euid", |o, _| number(o.ids().euid)),
    ("vigie.user.inner_uid", |o, _| match o.inner_uid() {
        Some(Found::Known(Some(uid))) => number(uid),
        Some(Found::Pending) => Value::Pending,
        Some(Found::Known(None) | Found::Refused(_)) | None => Value::Missing,
    }),
    ("vigie.group.egid", |o, _| or_missing(o.ids().egid, number)),
    ("group.gid", |o, _| number(o.ids().gid)),
    ("group.name", |o, _| group_name(o, o.ids().gid)),
];

fn user(observation: &Observation<'_>, part: fn(&Account) -> &[u8]) -> Value<'static> {
    let uid = observation.ids().uid;
    own(observation, |accounts| accounts.user(uid), part)
}

/// Name of the user or group with an id where the process is.
pub(super) fn user_name(observation: &Observation<'_>, uid: u32) -> Value<'static> {
    own(observation, |accounts| accounts.user(uid), |user| &user.name)
}

/// The same of a group.
pub(super) fn group_name(observation: &Observation<'_>, gid: u32) -> Value<'static> {
    own(observation, |accounts| accounts.group(gid), |group| &group.name)
}

/// A part of an account where the process is; missing where that is not known.
fn own(
    observation: &Observation<'_>,
    of: impl FnOnce(&Accounts) -> Option<&Account>,
    part: fn(&Account) -> &[u8],
) -> Value<'static> {
    or_missing(observation.place(), |place| text(&observation.account(place, of), part))
}

fn text(found: &Found<Option<Account>>, part: fn(&Account) -> &[u8]) -> Value<'static> {
    match found {
        Found::Pending => Value::Pending,
        Found::Known(Some(account)) if !part(account).is_empty() => owned(part(account)),
        Found::Known(_) | Found::Refused(_) => Value::Missing,
    }
}

fn login(uid: u32) -> Value<'static> {
    if uid == UNSET { Value::Number(-1) } else { number(uid) }
}
