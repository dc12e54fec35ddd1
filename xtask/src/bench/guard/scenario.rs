//! What is measured, round by round.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::client::Client;
use super::figures::{Row, Side};
use super::lot::Lot;
use super::requests;

/// Rounds that are not counted: caches fill, pages are mapped.
const WARM_UP: u32 = 5;

/// A request, and how it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scenario {
    Ping(Connections),
    Create(Connections, Size),
    /// What the guard asks the engine about a container that was made; directly, both times.
    Look(Size),
    /// What the policy denies: no engine is asked.
    Denied(Size),
}

/// Whether each request has a connection of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connections {
    Kept,
    Fresh,
}

/// Of the request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Kilobyte,
    Megabyte,
}

use Connections::{Fresh, Kept};
use Scenario::{Create, Denied, Look, Ping};
use Size::{Kilobyte, Megabyte};

impl Size {
    const fn bytes(self) -> usize {
        match self {
            Kilobyte => 1 << 10,
            Megabyte => 1 << 20,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Kilobyte => "1 KiB",
            Megabyte => "1 MiB",
        }
    }
}

impl fmt::Display for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kept => "kept connection",
            Fresh => "new connection",
        })
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ping(connections) => write!(f, "`GET /_ping`, {connections}"),
            Create(connections, size) => write!(f, "create of {}, {connections}", size.name()),
            Look(size) => write!(f, "look at a container of {} that was made", size.name()),
            Denied(size) => write!(f, "denied create of {}, kept connection", size.name()),
        }
    }
}

impl Scenario {
    pub(super) const ALL: [Self; 10] = [
        Ping(Kept),
        Ping(Fresh),
        Create(Kept, Kilobyte),
        Create(Fresh, Kilobyte),
        Create(Kept, Megabyte),
        Create(Fresh, Megabyte),
        Look(Kilobyte),
        Look(Megabyte),
        Denied(Kilobyte),
        Denied(Megabyte),
    ];

    pub(super) const fn is_ping(self) -> bool {
        matches!(self, Ping(_))
    }

    /// Measures so many rounds.
    pub(super) fn measure(self, engine: &Path, guard: &Path, count: u32, lot: &mut Lot) -> Result<Row> {
        let body = self.body();
        let (direct, again) = (Client::new(engine), Client::new(engine));
        let mut clients = Clients { direct, guarded: Client::new(guard), again, body };
        let mut row = Row::new(self.to_string());
        for number in 0..count.saturating_add(WARM_UP) {
            for (side, took) in self.round(&mut clients, lot)? {
                if number >= WARM_UP {
                    row.add(side, took);
                }
            }
        }
        Ok(row)
    }

    fn body(self) -> Vec<u8> {
        match self {
            Ping(_) => Vec::new(),
            Create(_, size) | Look(size) => requests::container(size.bytes()),
            Denied(size) => requests::denied(size.bytes()),
        }
    }

    /// The times of each side that there is.
    fn round(self, clients: &mut Clients, lot: &mut Lot) -> Result<Vec<(Side, Duration)>> {
        match self {
            Denied(_) => {
                let denied = clients.guarded.expect("POST", "/containers/create", &clients.body, 403)?;
                Ok(vec![(Side::Guarded, denied.took)])
            }
            Look(_) => {
                let (_, id) = make(&mut clients.direct, &clients.body)?;
                let path = format!("/containers/{id}/json");
                let looked = clients.direct.expect("GET", &path, b"", 200)?;
                remove(&mut clients.direct, &id)?;
                Ok(vec![(Side::Direct, looked.took)])
            }
            Ping(connections) | Create(connections, _) => {
                let mut order = [Side::Direct, Side::Guarded, Side::Again];
                lot.shuffle(&mut order);
                let mut times = Vec::with_capacity(order.len());
                for side in order {
                    let client = match side {
                        Side::Direct => &mut clients.direct,
                        Side::Guarded => &mut clients.guarded,
                        Side::Again => &mut clients.again,
                    };
                    if connections == Fresh {
                        client.hang_up();
                    }
                    let (took, made) = self.one(client, &clients.body)?;
                    if let Some(id) = made {
                        remove(&mut Client::new(clients.direct.socket()), &id)?;
                    }
                    times.push((side, took));
                }
                Ok(times)
            }
        }
    }

    /// One request, and the container that it made.
    fn one(self, client: &mut Client, body: &[u8]) -> Result<(Duration, Option<String>)> {
        match self {
            Create(..) => {
                let (took, id) = make(client, body)?;
                Ok((took, Some(id)))
            }
            Ping(_) | Look(_) | Denied(_) => Ok((client.expect("GET", "/_ping", b"", 200)?.took, None)),
        }
    }
}

/// Makes a container: how long that took, and its id.
fn make(client: &mut Client, body: &[u8]) -> Result<(Duration, String)> {
    let made = client.expect("POST", "/containers/create", body, 201)?;
    let answer: Value = serde_json::from_slice(&made.body).context("reading which container was made")?;
    let id = answer.get("Id").and_then(Value::as_str).context("no id of a container")?;
    Ok((made.took, id.to_owned()))
}

/// One of each side, and what they send.
#[derive(Debug)]
struct Clients {
    direct: Client,
    guarded: Client,
    again: Client,
    body: Vec<u8>,
}

fn remove(engine: &mut Client, id: &str) -> Result<()> {
    engine.expect("DELETE", &format!("/containers/{id}?force=1"), b"", 204)?;
    Ok(())
}
