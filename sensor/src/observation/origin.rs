//! Fields of where a process came from: the file it runs, the package of that, how its tree began.

use std::sync::Arc;

use super::{Observation, Rows, accounts::version, non_empty, number, or_missing, owned};
use crate::{
    enrichment::{AccountsKey, Found, Owner},
    hex::hex,
    identity::{Identity, State},
    process::ProcessKey,
    rules::value::Value,
    sys::accounts::Place,
    trail::{Entry, World},
};

pub(super) const ROWS: Rows = &[
    ("vigie.proc.exe_sha256", |o, _| match o.sha256() {
        Some(Found::Known(digest)) => owned(hex(&digest)),
        Some(Found::Pending) => Value::Pending,
        Some(Found::Refused(_)) | None => Value::Missing,
    }),
    ("vigie.proc.exe_unhashed", |o, _| match o.sha256() {
        Some(Found::Refused(refusal)) => owned(refusal.to_string()),
        Some(Found::Pending) => Value::Pending,
        Some(Found::Known(_)) | None => Value::Missing,
    }),
    ("vigie.package.name", |o, _| package(o, |owner| owned(&*owner.name))),
    ("vigie.package.version", |o, _| package(o, |owner| owned(&*owner.version))),
    ("vigie.package.modified", |o, _| package(o, |owner| or_missing(owner.modified, Value::Bool))),
    ("vigie.entry.type", |o, _| or_missing(o.entry(), |entry| entry.kind.name().into())),
    ("vigie.entry.pid", |o, _| or_missing(o.entry(), |entry| number(entry.leader.key().pid))),
    ("vigie.entry.name", |o, _| {
        or_missing(o.entry().and_then(|entry| entry.image), |image| non_empty(image.exec.name()).into_owned())
    }),
    ("vigie.entry.ssh_peer", |o, _| {
        or_missing(o.entry().and_then(|entry| entry.peer), |peer| owned(peer.to_string()))
    }),
    ("vigie.trail", |o, _| trail(o)),
];

impl Observation<'_> {
    fn world(&self) -> World<'_> {
        World { table: self.table, containers: self.containers, clients: self.clients }
    }

    fn entry(&self) -> Option<Entry<'_>> {
        self.world().entry(ProcessKey::of(&self.event.header), self.event.header.time)
    }

    /// The digest of what the process runs, unless that is not known or has no file.
    fn sha256(&self) -> Option<Found<[u8; 32]>> {
        let exec = self.exec().filter(|exec| exec.facts.exe_ino != 0)?;
        Some(self.enrichment.sha256(version(exec), self.event.header.time, || self.executable(exec)))
    }
}

fn package(o: &Observation<'_>, of: impl FnOnce(&Arc<Owner>) -> Value<'static>) -> Value<'static> {
    let Some(exec) = o.exec().filter(|exec| exec.facts.exe_ino != 0) else { return Value::Missing };
    let time = o.event.header.time;
    match o.enrichment.owner(version(exec), exec.exe.as_bytes(), time, || o.executable(exec)) {
        Found::Pending => Value::Pending,
        Found::Known(Some(owner)) => of(&owner),
        Found::Known(None) | Found::Refused(_) => Value::Missing,
    }
}

fn trail(o: &Observation<'_>) -> Value<'static> {
    let time = o.event.header.time;
    let users = |uid| {
        let found = o.enrichment.account(AccountsKey::Host, time, || Place::Host, |host| host.user(uid));
        if let Found::Known(Some(user)) = found { Some(user.name) } else { None }
    };
    match o.world().trail(ProcessKey::of(&o.event.header), time, &users) {
        Some(trail) => owned(trail),
        None if is_pending(&o.identity) => Value::Pending,
        None => Value::Missing,
    }
}

fn is_pending(identity: &Identity<'_>) -> bool {
    matches!(identity, Identity::Container(container) if container.state == State::Pending)
}
