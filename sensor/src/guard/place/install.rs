//! Installing the guard in front of an engine that systemd runs.

use std::path::{Path, PathBuf};

use super::{
    PlaceError, Tell,
    record::{Made, Record, Removal, Thing, below},
    units::{
        DROP_IN, EngineSocket, Fail, GUARD_SERVICE, GUARD_SOCKET, RESTORE_SERVICE, Service, is_activated,
    },
};

/// Where the administrator's units are.
const UNITS: &str = "/etc/systemd/system";
/// What is to be started with the other sockets.
const WANTS: &str = "sockets.target.wants";

/// What brings an installation into force, and its removal. The engine lets go of its socket only when it stops.
pub const START: [&[&str]; 3] = [
    &["daemon-reload"],
    &["stop", "docker.service", "docker.socket"],
    &["start", "docker.socket", "vigie-guard.socket", "docker.service"],
];

/// What brings other settings into force: the engine and its socket have no part in it.
/// A guard that systemd had given up gets another chance.
pub const RENEW: [&[&str]; 3] = [
    &["daemon-reload"],
    &["reset-failed", "vigie-guard.service", "vigie-guard.socket"],
    &["restart", "vigie-guard.service"],
];

/// What is to be installed.
#[derive(Debug)]
pub struct Installation {
    root: PathBuf,
    /// All that there will be.
    record: Record,
    /// What of it is to be made.
    fresh: Vec<Made>,
    /// What is removed before.
    outdated: Vec<Made>,
    things: Vec<Thing>,
    /// What the engine listens at besides, which the guard does not see.
    others: Vec<String>,
}

impl Installation {
    /// Looks at the units below `root`; nothing is changed yet. Where the guard is installed already it gets other
    /// settings.
    pub fn plan(root: &Path, service: &Service) -> Result<Self, PlaceError> {
        let no_unit =
            PlaceError::NotSystemd { what: "there is no docker.socket unit that listens at a path" };
        let engine = EngineSocket::read(root).ok_or(no_unit)?;
        if !is_activated(root) {
            let what = "docker.service does not take its socket from systemd (-H fd://)";
            return Err(PlaceError::NotSystemd { what });
        }
        match Record::read(root)? {
            Some(record) => Self::renewal(root, service, &engine, record),
            None => Self::first(root, service, engine),
        }
    }

    fn first(root: &Path, service: &Service, engine: EngineSocket) -> Result<Self, PlaceError> {
        let things = things(&engine, service);
        let made = Record::plan(root, &things)?;
        let aside = engine.aside();
        let record = Record { socket: engine.path, engine: aside, made: made.clone() };
        let root = root.to_owned();
        Ok(Self { root, record, fresh: made, outdated: Vec::new(), things, others: engine.others })
    }

    /// Only the guard's own services are made anew. What was edited since is not touched.
    fn renewal(
        root: &Path,
        service: &Service,
        engine: &EngineSocket,
        mut record: Record,
    ) -> Result<Self, PlaceError> {
        let things = services(engine, service);
        let (outdated, kept): (Vec<_>, Vec<_>) = record.made.into_iter().partition(is_service);
        for made in &outdated {
            if made.remove(root, true)? == Removal::Kept {
                return Err(PlaceError::Edited { path: below(root, made.path()) });
            }
        }
        let fresh: Vec<_> = things.iter().map(Thing::made).collect();
        record.made = kept.into_iter().chain(fresh.iter().cloned()).collect();
        Ok(Self { root: root.to_owned(), record, fresh, outdated, things, others: Vec::new() })
    }

    /// What brings it into force.
    pub fn steps(&self) -> &'static [&'static [&'static str]] {
        if self.outdated.is_empty() { &START } else { &RENEW }
    }

    /// What it makes, as text.
    pub fn describe(&self) -> String {
        let made = self.fresh.iter();
        let made = made.map(|made| format!("make {}\n", below(&self.root, made.path()).display()));
        let texts = self.things.iter().filter_map(|thing| match thing {
            Thing::File(path, content) => Some(format!("\n==> {}\n{content}", path.display())),
            Thing::Link(..) => None,
        });
        made.chain(texts).collect()
    }

    /// Makes it. What is outdated is removed first and the record is written before anything is made, so that at any
    /// moment whatever was made can be removed.
    pub fn make(&self, tell: Tell<'_>) -> Result<(), PlaceError> {
        for made in &self.outdated {
            made.remove(&self.root, false)?;
        }
        let record = Record::path(&self.root);
        let (before, after): (Vec<_>, Vec<_>) =
            self.fresh.iter().partition(|made| record.starts_with(below(&self.root, made.path())));
        for made in before {
            made.make(&self.root, &self.things)?;
        }
        self.record.write(&self.root)?;
        for made in after {
            made.make(&self.root, &self.things)?;
            tell(&format!("made {}", below(&self.root, made.path()).display()));
        }
        for other in &self.others {
            tell(&format!("warning: the engine listens at {other} too, and the guard does not see that"));
        }
        Ok(())
    }
}

/// Whether it is a service of the guard's own, in which its settings are.
fn is_service(made: &Made) -> bool {
    let services = [GUARD_SERVICE, RESTORE_SERVICE];
    made.path().file_name().is_some_and(|name| services.iter().any(|service| name == *service))
}

fn at(unit: &str) -> PathBuf {
    Path::new(UNITS).join(unit)
}

fn services(engine: &EngineSocket, service: &Service) -> Vec<Thing> {
    let mut things = vec![Thing::File(at(GUARD_SERVICE), engine.guard_service(service))];
    if service.fail == Fail::Open {
        things.push(Thing::File(at(RESTORE_SERVICE), EngineSocket::restore_service(service)));
    }
    things
}

fn things(engine: &EngineSocket, service: &Service) -> Vec<Thing> {
    let mut things = vec![Thing::File(at(GUARD_SOCKET), engine.guard_socket())];
    things.extend(services(engine, service));
    things.push(Thing::Link(Path::new(UNITS).join(WANTS).join(GUARD_SOCKET), at(GUARD_SOCKET)));
    // Last: until here the engine's socket stays where it is.
    things.push(Thing::File(at(DROP_IN), engine.drop_in()));
    things
}
