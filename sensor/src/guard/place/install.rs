//! Installing the guard in front of an engine that systemd runs.

use std::path::{Path, PathBuf};

use super::{
    PlaceError, Tell,
    record::{Record, Thing, below},
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

/// What is to be installed.
#[derive(Debug)]
pub struct Installation {
    root: PathBuf,
    record: Record,
    things: Vec<Thing>,
    /// What the engine listens at besides, which the guard does not see.
    others: Vec<String>,
}

impl Installation {
    /// Looks at the units below `root`; nothing is changed yet.
    pub fn plan(root: &Path, service: &Service) -> Result<Self, PlaceError> {
        if Record::path(root).exists() {
            return Err(PlaceError::Installed { path: Record::path(root) });
        }
        let no_unit =
            PlaceError::NotSystemd { what: "there is no docker.socket unit that listens at a path" };
        let engine = EngineSocket::read(root).ok_or(no_unit)?;
        if !is_activated(root) {
            let what = "docker.service does not take its socket from systemd (-H fd://)";
            return Err(PlaceError::NotSystemd { what });
        }
        let things = things(&engine, service);
        let made = Record::plan(root, &things)?;
        let aside = engine.aside();
        let record = Record { socket: engine.path, engine: aside, made };
        Ok(Self { root: root.to_owned(), record, things, others: engine.others })
    }

    /// What it makes, as text.
    pub fn describe(&self) -> String {
        let made = self.record.made.iter();
        let made = made.map(|made| format!("make {}\n", below(&self.root, made.path()).display()));
        let texts = self.things.iter().filter_map(|thing| match thing {
            Thing::File(path, content) => Some(format!("\n==> {}\n{content}", path.display())),
            Thing::Link(..) => None,
        });
        made.chain(texts).collect()
    }

    /// Makes it. The record is written first, so that whatever was made can be removed.
    pub fn make(&self, tell: Tell<'_>) -> Result<(), PlaceError> {
        let record = Record::path(&self.root);
        let (before, after): (Vec<_>, Vec<_>) =
            self.record.made.iter().partition(|made| record.starts_with(below(&self.root, made.path())));
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

fn things(engine: &EngineSocket, service: &Service) -> Vec<Thing> {
    let at = |name: &str| Path::new(UNITS).join(name);
    let mut things = vec![
        Thing::File(at(GUARD_SOCKET), engine.guard_socket()),
        Thing::File(at(GUARD_SERVICE), engine.guard_service(service)),
    ];
    if service.fail == Fail::Open {
        things.push(Thing::File(at(RESTORE_SERVICE), EngineSocket::restore_service(service)));
    }
    things.push(Thing::Link(at(WANTS).join(GUARD_SOCKET), at(GUARD_SOCKET)));
    // Last: until here the engine's socket stays where it is.
    things.push(Thing::File(at(DROP_IN), engine.drop_in()));
    things
}
